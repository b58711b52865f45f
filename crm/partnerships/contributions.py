"""What a contribution is, who gives it, and what others say it is worth: from its offer on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.council.university import works_at_a_company
from crm.journal import operations as journal
from crm.journal.operations import Change
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.money import told
from crm.kit.periods import in_words
from crm.partnerships import facility_queries, queries, rules, thanks_queries
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import Basis, Days, FacilityStage, Given, Kind, Stage, Valuation
from crm.people.models import Person


class NotTheirs(RuleBroken):
    """Whom we thank is at the company that gives."""


class NotOurs(RuleBroken):
    """Who answers for it is of the university."""


class FacilityClosed(RuleBroken):
    """Nothing more comes to a facility that is closed."""


class WasReturned(RuleBroken):
    """What went back to its owner was lent."""


class TheirsAlready(RuleBroken):
    """What was taken from a company, or thanked for, stays that company's."""


@dataclass(frozen=True, kw_only=True)
class NewContribution:
    """What it is, who gives and who answers for it; its value is another act's."""

    title: str
    kind: Kind
    given: Given
    facility_id: int | None = None
    about: str | None = None
    contact_id: int | None = None
    responsible_id: int | None = None
    location: str | None = None
    condition: str | None = None
    upkeep: str | None = None
    property_tag: str | None = None
    gift_reference: str | None = None
    loan_ends_on: date | None = None
    licence_ends_on: date | None = None
    disposal_on: date | None = None

    @property
    def days(self) -> Days:
        return Days(
            loan_ends_on=self.loan_ends_on,
            licence_ends_on=self.licence_ends_on,
            disposal_on=self.disposal_on,
        )


LABELS: Mapping[str, str] = {
    "title": "What it is",
    "kind": "Kind",
    "given": "Gift or loan",
    "facility_id": "Facility",
    "about": "About",
    "contact_id": "Contact at the company",
    "responsible_id": "Responsible person",
    "location": "Location",
    "condition": "Condition",
    "upkeep": "Upkeep",
    "property_tag": "Property tag",
    "gift_reference": "Gift office reference",
    "loan_ends_on": "Loan ends on",
    "licence_ends_on": "Licence ends on",
    "disposal_on": "Disposal day",
}


def offer(
    session: Session,
    company_id: int,
    draft: NewContribution,
    *,
    on: date,
    by: Actor,
    now: datetime,
    today: date,
) -> Contribution:
    """An offer of a day that is past or today. Services are not countable from the beginning."""
    companies.refuse_archived(session, company_id)
    rules.refuse_between(on, None, today)
    _refuse(session, company_id, draft, offered_on=on, today=today)
    made = Contribution(company_id=company_id, created_at=now, by_name=by.name)
    _write(made, draft)
    session.add(made)
    session.flush()
    session.add(
        ContributionStep(contribution_id=made.id, stage=Stage.OFFERED, on=on, by_name=by.name)
    )
    session.flush()
    note(session, made, "offered", by=by, now=now)
    return made


def edit(
    session: Session,
    contribution: Contribution,
    draft: NewContribution,
    *,
    version: int,
    today: date,
) -> None:
    """Make it say what the draft says. Raises `Stale`, or what `offer` raises; a value that would
    not fit what it becomes is taken out first. Whoever has left since may stay named."""
    db.lock(session, contribution)
    if contribution.version != version:
        shown = [n for n in LABELS if getattr(contribution, n) != getattr(draft, n)]
        raise Stale(
            contribution.title,
            theirs={LABELS[name]: _said(getattr(contribution, name)) for name in shown},
            yours={LABELS[name]: _said(getattr(draft, name)) for name in shown},
        )
    steps = queries.standing(queries.steps_of(session, contribution.id))
    company_id, offered_on = contribution.company_id, steps[0].on
    _refuse(session, company_id, draft, offered_on=offered_on, today=today, before=contribution)
    if draft.given is Given.GIFT and steps[-1].stage is Stage.RETURNED:
        raise WasReturned("It went back to them: it was a loan, and stays one.", field="given")
    valued = contribution.amount is not None
    if valued and contribution.basis not in rules.bases(draft.kind, draft.given):
        raise RuleBroken(
            f"It is valued by {contribution.basis}, which does not fit: take its value out first.",
            field="kind",
        )
    _write(contribution, draft)
    session.flush()


def correct_company(
    session: Session,
    contribution: Contribution,
    company_id: int,
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> None:
    """An offer was recorded of the wrong company: it is of this one. Its evidence comes along.

    Raises `Stale`, `CompanyArchived`, or `TheirsAlready` where something hangs on the company.
    """
    db.lock(session, contribution)
    giver, rightly = contribution.company, companies.get(session, company_id)
    if contribution.version != version:
        raise Stale(
            contribution.title, theirs={"Company": giver.name}, yours={"Company": rightly.name}
        )
    companies.refuse_archived(session, company_id)
    if len(queries.standing(queries.steps_of(session, contribution.id))) > 1:
        raise TheirsAlready(
            f"It is more than offered: take its stages back until it is, or end it and record an "
            f"offer of {rightly.name}."
        )
    if contribution.contact is not None:
        raise TheirsAlready(
            f"{contribution.contact.name} is its contact at {giver.name}: edit it and empty that "
            "field first.",
            field="company",
        )
    if thanks_queries.of_contribution(session, contribution.id):
        raise TheirsAlready(
            f"{giver.name} was thanked for it: end this one, and record an offer of {rightly.name}."
        )
    contribution.company = rightly
    session.flush()
    note(session, contribution, "put right", by=by, now=now)


def value(
    session: Session,
    contribution: Contribution,
    valuation: Valuation | None,
    *,
    version: int,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """What it is worth, as somebody else says; None takes a value out. Raises `Stale`."""
    if contribution.version != version:
        raise Stale(
            contribution.title,
            theirs=_valued(contribution.valuation),
            yours=_valued(valuation),
        )
    if contribution.kind is Kind.SERVICES and valuation is None:
        valuation = Valuation(basis=Basis.NOT_COUNTABLE)
    if valuation is not None:
        rules.refuse_valuation(contribution.kind, contribution.given, valuation)
        if valuation.valued_on is not None and valuation.valued_on > today:
            raise RuleBroken("It was valued today or before.", field="valued_on")
    _set_value(contribution, valuation)
    session.flush()
    note(session, contribution, "valued" if valuation else "valued no more", by=by, now=now)


def note(
    session: Session,
    made: Contribution,
    act: str,
    *,
    changes: Mapping[str, Change] | None = None,
    by: Actor,
    now: datetime,
) -> None:
    journal.note(
        session,
        act,
        kind="contribution",
        record_id=made.id,
        label=made.title,
        parent=("company", made.company_id),
        changes=changes,
        by=by,
        now=now,
    )


def _refuse(
    session: Session,
    company_id: int,
    draft: NewContribution,
    *,
    offered_on: date,
    today: date,
    before: Contribution | None = None,
) -> None:
    rules.refuse_kind(draft.kind, draft.given, draft.days)
    rules.refuse_ends(draft.days, offered_on=offered_on)
    if draft.facility_id is not None:
        facility = facility_queries.get(session, draft.facility_id)
        moves = before is None or before.facility_id != facility.id
        stage = facility_queries.steps_of(session, facility.id)[-1].stage
        if moves and stage is FacilityStage.CLOSED:
            raise FacilityClosed(f"{facility.name} is closed: choose another.", field="facility")
    answers, contact = draft.responsible_id, draft.contact_id
    if answers is not None and (before is None or before.responsible_id != answers):
        person = session.get(Person, answers)
        if person is None or person.archived_on is not None:
            raise NotOurs("Choose a person who is on record.", field="responsible")
        if works_at_a_company(session, answers, today):
            raise NotOurs(
                "They work at a company: somebody of the university answers for it.",
                field="responsible",
            )
    if contact in (None, before and before.contact_id):
        return
    if not companies.is_at(session, contact, company_id, today):
        raise NotTheirs("This person is not at the company, or has left it.", field="contact")


def _write(contribution: Contribution, draft: NewContribution) -> None:
    services = draft.kind is Kind.SERVICES
    if services is not (contribution.basis is Basis.NOT_COUNTABLE):
        _set_value(contribution, Valuation(basis=Basis.NOT_COUNTABLE) if services else None)
    for name in LABELS:
        if getattr(contribution, name) != getattr(draft, name):
            setattr(contribution, name, getattr(draft, name))


def _set_value(contribution: Contribution, valuation: Valuation | None) -> None:
    amount = valuation.amount if valuation else None
    contribution.basis = valuation.basis if valuation else None
    contribution.amount_minor = amount.minor if amount else None
    contribution.currency = amount.currency if amount else None
    contribution.valuer = valuation.valuer if amount and valuation else None
    contribution.valued_by = valuation.valued_by if amount and valuation else None
    contribution.valued_on = valuation.valued_on if amount and valuation else None


def _said(value: object) -> str:
    return in_words(value) if isinstance(value, date) else str(value or "")


def _valued(valuation: Valuation | None) -> dict[str, str]:
    if valuation is None:
        return {"Basis": "not valued"}
    return {
        "Basis": valuation.basis,
        "Amount": told(valuation.amount) if valuation.amount else "",
        "Valued by": valuation.valued_by or "",
        "Valued on": _said(valuation.valued_on),
    }
