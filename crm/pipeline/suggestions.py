"""Which companies an inquiry might come from: by its domains, and by names that resemble."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.companies.models import Company, CompanyDomain
from crm.companies.rules import is_public_mail
from crm.kit.text import company_key, web_domain
from crm.pipeline.models import Inquiry
from crm.search.queries import matching_ids
from crm.search.rules import Kind, words

AT_MOST = 5
CANDIDATES = 100
"""Names compared for each word looked up."""
ALIKE = 78
"""Of 100, from which two names are worth a look."""
_LITTLE = """
and the of for group holding holdings international global company corporation systems
technologies technology solutions industries industrial services manufacturing engineering
"""
_SAY_LITTLE = frozenset(_LITTLE.split())


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A company and why it is proposed. `sure`: by a verified domain."""

    company_id: int
    name: str
    place: str
    owner: str | None
    archived: bool
    why: str
    sure: bool
    score: int


def suggest(session: Session, inquiry: Inquiry) -> list[Suggestion]:
    """The best few, best first. At most five statements, however many companies there are."""
    found: dict[int, Suggestion] = {}
    for suggestion in (*_by_domain(session, inquiry), *_by_name(session, inquiry)):
        known = found.get(suggestion.company_id)
        if known is None or suggestion.score > known.score:
            found[suggestion.company_id] = suggestion
    best = sorted(found.values(), key=lambda one: (-one.score, one.archived, one.company_id))
    return best[:AT_MOST]


def _by_domain(session: Session, inquiry: Inquiry) -> Iterator[Suggestion]:
    typed = {inquiry.domain, web_domain(inquiry.website or "")} - {None}
    domains = {part for domain in typed for part in _and_above(str(domain))}
    if not domains:
        return
    rows = session.execute(
        _columns()
        .add_columns(CompanyDomain.domain, CompanyDomain.verified)
        .join(CompanyDomain, CompanyDomain.company_id == Company.id)
        .where(CompanyDomain.domain.in_(domains))
    )
    for id_, name, key, city, region, owner, archived, domain, verified in rows:
        del key
        exact = domain == inquiry.domain
        yield Suggestion(
            company_id=id_,
            name=name,
            place=", ".join(part for part in (city, region) if part),
            owner=owner,
            archived=archived is not None,
            why=f"{domain} is theirs" if verified else f"{domain} is noted there, not verified",
            sure=exact and verified,
            score=(110 if exact else 100) + (5 if verified else 0),
        )


def _by_name(session: Session, inquiry: Inquiry) -> Iterator[Suggestion]:
    key = company_key(inquiry.company_name or "")
    if not key:
        return
    telling = [word for word in words(key) if word not in _SAY_LITTLE] or words(key)
    looked_up = sorted(dict.fromkeys(telling), key=len, reverse=True)[:2]
    selects = [_columns().where(Company.match_key == key)] + [
        _columns().where(
            Company.id.op("IN")(matching_ids(Kind.COMPANY, (_stem(word),), CANDIDATES))
        )
        for word in looked_up
    ]
    for statement in selects:
        for id_, name, other, city, region, owner, archived in session.execute(
            statement.limit(CANDIDATES)
        ):
            alike = round(max(fuzz.ratio(key, other), fuzz.token_set_ratio(key, other) - 8))
            if alike < ALIKE:
                continue
            yield Suggestion(
                company_id=id_,
                name=name,
                place=", ".join(part for part in (city, region) if part),
                owner=owner,
                archived=archived is not None,
                why="the same name" if other == key else "a name like it",
                sure=False,
                score=min(alike, 99),
            )


def _columns() -> Select[int, str, str, str | None, str | None, str, date | None]:
    return select(
        Company.id,
        Company.name,
        Company.match_key,
        Company.city,
        Company.region,
        UserAccount.name,
        Company.archived_on,
    ).outerjoin(UserAccount, UserAccount.id == Company.owner_id)


def _stem(word: str) -> str:
    """Short enough that an ending typed otherwise does not hide the word."""
    return word if len(word) < 6 else word[:-2]


def _and_above(domain: str) -> Iterator[str]:
    """`mail.acme.example` → itself and `acme.example`, but no public suffix or mail provider."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        part = ".".join(labels[start:])
        if not is_public_mail(part):
            yield part
