"""A term's agreement as a paper, drafted from what the term is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from crm.council.rules import SeatKind
from crm.invoices import queries as invoices
from crm.invoices.queries import Due
from crm.kit.countries import name_of
from crm.kit.money import Money
from crm.memberships import agreements, queries, rules
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import SeatEntitlement
from crm.programme.body_facts import COUNCIL
from crm.reports import paper
from crm.reports.files import shown

SEATS = {
    SeatKind.OWN: "a seat of its own",
    SeatKind.SHARED: "a part in an elected seat shared with other members",
    SeatKind.OBSERVER: "a place as an observer",
}


def as_pdf(
    session: Session,
    membership: Membership,
    *,
    programme: str,
    facts: Mapping[str, Any],
    today: date,
) -> bytes:
    """On US Letter, with lines to sign on. `facts` are the programme's, as loaded."""
    fees = queries.fees_of(session, membership)
    standing = [
        due for due in invoices.schedule_of(session, membership.id) if due.reversed_on is None
    ]
    signatories = next(
        (
            (version.company_signatory, version.programme_signatory)
            for version in agreements.of_membership(session, membership.id)
        ),
        (None, None),
    )
    data = {
        "programme": programme,
        "alliance": facts.get("alliance", ""),
        "university": facts.get("university", "") or programme,
        "contact": facts.get("contact", ""),
        "number": membership.agreement_number or "",
        "standing": _standing(membership, today),
        "company": membership.company.legal_name or membership.company.name,
        "country": name_of(membership.company.incorporated_in),
        "term": _term(membership),
        "fees": _fees(membership, fees),
        "schedule": _schedule(standing),
        "total": shown(sum((due.amount for due in standing), Money(0, membership.currency))),
        "carries": _carries(
            _tier_on(session, membership, today),
            membership,
            facts,
            founding=queries.is_founding(session, membership.id, today),
        ),
        "clauses": _clauses(membership),
        "signatories": [name or "" for name in signatories],
        "foot": " · ".join(
            filter(None, (programme, membership.agreement_number, f"{shown(today)}"))
        ),
    }
    (pdf,) = paper.typeset("agreement", [data])
    return pdf


def _standing(membership: Membership, today: date) -> str:
    if membership.executed_on is not None:
        return f"Fully executed on {shown(membership.executed_on)}. As it stands on {shown(today)}."
    return f"Draft of {shown(today)}. It binds nobody until both parties have signed."


def _term(membership: Membership) -> str:
    years = rules.years_of(membership.term)
    last_day = shown(membership.running.last_day)
    length = f"{years} membership year{'s'[: years != 1]}"
    return (
        f"The membership starts on {shown(membership.starts_on)} and its last day is {last_day}: "
        f"{length}, each beginning on the anniversary of the start."
    )


def _fees(membership: Membership, fees: Sequence[Money]) -> list[tuple[str, str, str]]:
    found = []
    for number, fee in enumerate(fees, start=1):
        year = rules.membership_year(membership.term, number)
        found.append((str(number), f"{shown(year.starts_on)} – {shown(year.last_day)}", shown(fee)))
    return found


def _schedule(standing: Sequence[Due]) -> list[tuple[str, str, str]]:
    return [
        (shown(due.due_on), ", ".join(str(year) for year in due.years), shown(due.amount))
        for due in standing
    ]


def _tier_on(session: Session, membership: Membership, day: date) -> Tier:
    """As amended: the fees and the schedule beside it are, too."""
    amended = [a.tier for a in queries.amendments_of(session, membership.id) if a.from_on <= day]
    return amended[-1] if amended else membership.tier


def _carries(
    tier: Tier, membership: Membership, facts: Mapping[str, Any], *, founding: bool
) -> list[str]:
    """What the membership gives the company, a sentence each."""
    found = [f"Membership at the tier {tier.name}{', as a founding member' * founding}."]
    if tier.seat is not SeatEntitlement.NONE:
        body = next(
            (body["name"] for body in facts.get("bodies", ()) if body["key"] == COUNCIL),
            "council",
        )
        votes = ", with a vote" if tier.votes else ", without a vote"
        found.append(f"On the {body}: {SEATS[SeatKind(tier.seat)]}{votes}.")
    places = f"{tier.group_places} place{'s'[: tier.group_places != 1]}"
    if tier.group_count is None:
        found.append(f"In every working group: {places}.")
    elif tier.group_count:
        groups = f"{tier.group_count} working group{'s'[: tier.group_count != 1]}"
        found.append(f"In {groups} of its choice: {places} in each.")
    if membership.benefits_version:
        found.append(f"What else the benefits sheet says, version {membership.benefits_version}.")
    return found


def _clauses(membership: Membership) -> list[tuple[str, str]]:
    """What was agreed besides; a heading and a text each."""
    m = membership
    found = []
    if m.renewal_terms:
        found.append(("Renewal", m.renewal_terms))
    if m.notice_days is not None:
        by = shown(m.runs_before - timedelta(days=m.notice_days))
        found.append(
            (
                "Notice",
                f"The company says by {by}, {m.notice_days} days before the end, if it will not "
                "renew.",
            )
        )
    if m.grace_days:
        found.append(
            (
                "Grace",
                f"After its last day the membership keeps its rights for {m.grace_days} days.",
            )
        )
    if m.covered_affiliates:
        found.append(("Affiliates that have a part in it", m.covered_affiliates))
    if m.own_seat is not None:
        whose = "a seat of its own" if m.own_seat else "the seat of a related company"
        found.append(("Council seat", f"Beside related companies it has {whose}."))
    if m.logo_permission is not None:
        may = "may" if m.logo_permission else "may not"
        found.append(
            ("Logo", f"The programme {may} show the company's name and logo as a member's.")
        )
    return found
