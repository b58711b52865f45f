"""What the register knows already, held in memory while a file is matched against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.companies.models import Company, CompanyDomain
from crm.kit.text import fold


class Unclear(ValueError):
    """What names a record names none, or several."""


@dataclass
class KnownCompanies:
    """By domain, which is identity; else by exact name, folded."""

    by_domain: dict[str, int]
    by_name: dict[str, list[int]]
    names: dict[int, str]
    alike: dict[str, str]
    """Names by the key under which two spellings meet."""
    with_domain: set[int]

    @classmethod
    def read(cls, session: Session) -> KnownCompanies:
        connection = session.connection()
        by_name: dict[str, list[int]] = defaultdict(list)
        names: dict[int, str] = {}
        alike: dict[str, str] = {}
        companies = select(Company.id, Company.name_key, Company.name, Company.match_key)
        for id_, key, name, match_key in connection.execute(companies).all():
            by_name[key].append(id_)
            names[id_] = name
            alike[match_key] = name
        owned = select(CompanyDomain.domain, CompanyDomain.company_id)
        by_domain = {domain: id_ for domain, id_ in connection.execute(owned).all()}  # noqa: C416
        return cls(by_domain, by_name, names, alike, set(by_domain.values()))

    def find(self, name: str, domains: Iterable[str], id_: int | None = None) -> int | None:
        """The company a row is about, or None for a new one. Raises `Unclear`.

        `id_` counts if it is ours: other systems head their own numbers alike.
        """
        given = tuple(domains)
        owners = {self.by_domain[domain] for domain in given if domain in self.by_domain}
        if len(owners) > 1:
            several = " and ".join(sorted(self.names[id_] for id_ in owners))
            raise Unclear(f"Its domains belong to several companies: {several}.")
        if owners:
            return owners.pop()
        named = self.by_name.get(fold(name)[:200], [])
        if id_ in named:
            return id_
        if given:  # a company that has other domains is another one
            named = [id_ for id_ in named if id_ not in self.with_domain]
        if len(named) > 1:
            raise Unclear(f"Several companies are called “{name}”; add the web domain.")
        return named[0] if named else None

    def get(self, name: str | None, domains: Iterable[str] = (), id_: int | None = None) -> int:
        """The company that other records refer to. Raises `Unclear`, also if there is none."""
        for domain in domains:
            if domain in self.by_domain:
                return self.by_domain[domain]
        named = self.by_name.get(fold(name)[:200], []) if name else []
        if id_ is not None and id_ in named:
            return id_
        if len(named) > 1:
            raise Unclear(f"Several companies are called “{name}”; add the web domain.")
        if not named:
            raise Unclear(
                f"No company is known as “{name or ', '.join(domains)}”. Import companies first."
            )
        return named[0]


def users(session: Session) -> dict[str, int]:
    """Accounts by folded name and address."""
    found: dict[str, int] = {}
    for id_, name, email in session.connection().execute(
        select(UserAccount.id, UserAccount.name, UserAccount.email).order_by(UserAccount.id.desc())
    ):
        found[fold(name)] = found[fold(email)] = id_
    return found
