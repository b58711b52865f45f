from __future__ import annotations

import io
import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

import factory
from pypdf import PdfWriter
from sqlalchemy import select

from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.documents.store import store_at
from crm.kit.actors import SYSTEM
from crm.memberships.models import Agreement, Extension, Interruption, Membership, Tier
from crm.memberships.rules import DuesFrequency, term_of
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def tier(key: str) -> Tier:
    """A tier of the programme's file, which every test database holds."""
    return SESSION.get().scalars(select(Tier).where(Tier.key == key)).one()


class MembershipFactory(Factory):
    """In force on the tests' day, three years from October 2025; `years=`, `tier=` as a key.

    `extended=` days, `interrupted=` (from, reinstated on).
    """

    class Meta:
        model = Membership

    class Params:
        unsigned = factory.Trait(company_signed_on=None, programme_signed_on=None)
        drafted = factory.Trait(unsigned=True, released_on=None)
        upcoming = factory.Trait(starts_on=date(2026, 9, 1))
        grace = factory.Trait(starts_on=date(2023, 5, 20))
        lapsed = factory.Trait(starts_on=date(2022, 1, 1))

    company = factory.SubFactory(CompanyFactory)
    tier = "member"
    starts_on = date(2025, 10, 1)
    years = 3
    fee_minor = 25_000_000
    currency = "USD"
    dues_frequency = DuesFrequency.YEARLY
    grace_days = 60
    drafted_on = date(2020, 1, 5)
    released_on = date(2020, 1, 10)
    company_signed_on = date(2020, 1, 20)
    programme_signed_on = date(2020, 1, 21)
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        years = values.pop("years")
        days, stopped = values.pop("extended", 0), values.pop("interrupted", None)
        ends_before = term_of(values["starts_on"], years).ends_before
        values.setdefault("ends_before", ends_before)
        if days:
            values["extended_before"] = values["ends_before"] + timedelta(days=days)
        runs_before = values.get("extended_before", values["ends_before"])
        values.setdefault("occupied_before", runs_before)
        values["tier"] = tier(values["tier"])
        values.setdefault("founding", values["tier"].founding)
        membership = super()._create(model_class, *args, **values)
        told = {"membership_id": membership.id, "by_name": "Dana Whitfield"}
        if days:
            SESSION.get().add(
                Extension(days=days, reason="Late budget", extended_on=values["starts_on"], **told)
            )
        if stopped:
            SESSION.get().add(
                Interruption(
                    terminated_on=stopped[0],
                    reinstated_on=stopped[1],
                    termination_reason="Sold",
                    reinstatement_reason="Bought back",
                    **told,
                )
            )
        SESSION.get().flush()
        return membership


STORE = "memory:///"
"""Where the tests keep files."""


def _an_empty_page() -> bytes:
    file, writer = io.BytesIO(), PdfWriter()
    writer.add_blank_page(612, 792)
    writer.write(file)
    return file.getvalue().replace(b"\xe2\xe3\xcf\xd3", b"text")


PDF = _an_empty_page()
"""A real one, and ASCII: whoever reads every answer of the house reads it, too."""


class AgreementFactory(Factory):
    """A first version, its file in the tests' store."""

    class Meta:
        model = Agreement

    version = 1
    added_on = date(2026, 1, 5)
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        values["document"] = documents.keep(
            SESSION.get(),
            store_at(STORE),
            NewFile(name="agreement.pdf", content=PDF),
            by=SYSTEM,
            now=THEN,
        )
        return super()._create(model_class, *args, **values)


def history(chance: random.Random) -> list[Membership]:
    """One company's terms: some renewed at once, some after a gap, some cut short."""
    company = CompanyFactory()
    starts_on = date(2022, 1, 1) + timedelta(days=chance.randrange(900))
    terms = []
    for _ in range(chance.randrange(1, 4)):
        signed = starts_on + timedelta(days=chance.choice((-40, -1, 0, 1, 25)))
        term = MembershipFactory(
            company=company,
            starts_on=starts_on,
            years=chance.randrange(1, 3),
            grace_days=chance.choice((0, 1, 30, 60)),
            company_signed_on=signed,
            programme_signed_on=signed + timedelta(days=chance.choice((-3, 0, 2))),
        )
        end = term.ends_before
        if chance.random() < 0.3:
            span = (term.ends_before - starts_on).days
            end = starts_on + timedelta(days=chance.randrange(1, span + 1))
            term.terminated_on, term.termination_reason = end, "Sold"
            term.occupied_before = end
        terms.append(term)
        starts_on = max(end, term.ends_before) + timedelta(days=chance.choice((0, 1, 20, 90)))
    return terms
