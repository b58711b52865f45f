"""One membership's whole story, worked out for its page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council.roster_lines import RosterLine
from crm.kit.money import Money
from crm.kit.periods import Period, in_words
from crm.memberships import rules
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import STANDING, UNSIGNED, SeatEntitlement, Status
from crm.office.council.lines import kind_words
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money

Fact = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Term:
    """One of the company's terms, as a line and as a band."""

    id: int
    tier: str
    starts_on: date
    last_day: date
    occupied_before: date
    interruptions: Sequence[Period]
    status: Status


def terms_of(memberships: Sequence[Membership], statuses: dict[int, Status]) -> list[Term]:
    return [
        Term(
            id=m.id,
            tier=m.tier.name,
            starts_on=m.starts_on,
            last_day=m.runs_before - timedelta(days=1),
            occupied_before=m.occupied_before,
            interruptions=[stop.period for stop in m.interruptions],
            status=statuses[m.id],
        )
        for m in memberships
    ]


def what_now(
    membership: Membership,
    status: Status,
    today: date,
    *,
    terms: Sequence[Term],
    reasons: bool,
) -> tuple[str, str]:
    """What the standing means and what comes next; and how loud to say it.

    `terms` are all of the company's; `reasons`: whether the viewer may read why it ended.
    """
    m = membership
    because = f" {m.termination_reason or m.withdrawal_reason or ''}".rstrip() if reasons else ""
    match status:
        case Status.DRAFT:
            return (
                "A draft. It counts nowhere until a director releases it and both sides sign.",
                "info",
            )
        case Status.AWAITING_SIGNATURE:
            missing = [
                who
                for who, signed in (
                    ("the company", m.company_signed_on),
                    ("the programme", m.programme_signed_on),
                )
                if signed is None
            ]
            return f"Won is not signed: waiting for {' and '.join(missing)}.", "warning"
        case Status.WITHDRAWN:
            return f"Withdrawn on {_words(m.withdrawn_on)}.{because}", "info"
        case Status.TERMINATED:
            return f"Terminated as of {_words(m.terminated_on)}.{because}", "warning"
        case Status.GRACE:
            over = rules.grace_ends_before(m.running, m.grace_days)
            left = (over - today).days
            return (
                f"The term is over. Its rights last {left} more day{'s'[: left != 1]}, "
                f"through {_words(over - timedelta(days=1))}.",
                "warning",
            )
        case Status.LAPSED:
            following = [
                term.starts_on
                for term in terms
                if m.runs_before <= term.starts_on < term.occupied_before
                and term.status not in UNSIGNED | {Status.WITHDRAWN}
            ]
            if following:
                return f"The term is over; the next began on {_words(min(following))}.", "info"
            return "The term is over and its rights have ended.", "info"
        case _ if m.terminated_on is not None:
            return f"Terminated as of {_words(m.terminated_on)}.{because}", "warning"
        case Status.UPCOMING:
            return f"Signed by both sides. It begins on {_words(m.starts_on)}.", "info"
    return "", "info"


def term_facts(membership: Membership, tier: str, status: Status, today: date) -> list[Fact]:
    """`tier`: today's, as amended."""
    m = membership
    year = rules.membership_year_on(today, m.term)
    years = rules.years_of(m.term)
    running = f"{year} of {years}" if year and status is Status.ACTIVE else ""
    over = rules.grace_ends_before(m.running, m.grace_days) - timedelta(days=1)
    signed_for = shown(m.term.last_day) if m.extended_before else ""
    return [
        ("Tier", tier if tier == m.tier.name else f"{tier}; as signed {m.tier.name}"),
        ("Starts on", shown(m.starts_on)),
        ("Last day", shown(m.running.last_day)),
        ("As signed until", signed_for),
        ("Length", f"{years} year{'s'[: years != 1]}"),
        ("Membership year", running),
        ("Grace", f"{m.grace_days} days, through {shown(over)}" if m.grace_days else "none"),
    ]


def agreement_facts(membership: Membership, agreed: Sequence[Money]) -> list[Fact]:
    """`agreed`: the fees as signed, a year each; empty for those who may see no money."""
    m = membership
    missing = "not yet"
    return [
        ("Number", m.agreement_number or ""),
        ("Fee", _fees_in_words(agreed)),
        ("Drafted on", shown(m.drafted_on)),
        ("Released on", shown(m.released_on) if m.released_on else missing),
        ("Company signed", shown(m.company_signed_on) if m.company_signed_on else missing),
        ("We signed", shown(m.programme_signed_on) if m.programme_signed_on else missing),
        ("Fully executed", shown(m.executed_on)),
        ("Notice by", _notice(m)),
    ]


def _fees_in_words(agreed: Sequence[Money]) -> str:
    if not agreed:
        return ""
    if len(set(agreed)) == 1:
        return f"{shown_money(agreed[0])} a year"
    return ", ".join(f"year {n} {shown_money(fee)}" for n, fee in enumerate(agreed, start=1))


def _notice(membership: Membership) -> str:
    m = membership
    if m.notice_days is None:
        return ""
    by = shown(m.runs_before - timedelta(days=m.notice_days))
    return f"{by}, {m.notice_days} days before the end"


def paper_facts(membership: Membership) -> list[Fact]:
    """What else the agreement says, for those who may read agreements."""
    m = membership
    logo = {None: "", True: "permitted", False: "not permitted"}[m.logo_permission]
    seat = {None: "", True: "of its own", False: "shared with its relatives"}[m.own_seat]
    return [
        ("Benefits sheet", m.benefits_version or ""),
        ("Logo", logo),
        ("Seat", seat),
        ("Covered affiliates", m.covered_affiliates or ""),
        ("Renewal terms", m.renewal_terms or ""),
    ]


def seat_facts(line: RosterLine) -> list[Fact]:
    facts: list[Fact] = [("Seat", kind_words(line))]
    holder = line.representative if line.stands else line.speaker
    if holder is not None:
        facts.append(("Representative", holder.name))
        facts.append(("Since", shown(holder.since)))
    elif not line.stands:
        facts.append(("Representative", line.nobody.capitalize()))
    if line.alternate is not None:
        facts.append(("Alternate", line.alternate.name))
    return facts


def tier_note(tier: Tier) -> str:
    """What limits a tier, in a few words."""
    notes = [f"closes at {tier.closes_at} members"] if tier.closes_at else []
    if tier.headcount_under:
        notes.append(f"under {tier.headcount_under:,} staff")
    if tier.by_invitation:
        notes.append("by invitation")
    return ", ".join(notes)


def why_no_seat(membership: Membership, status: Status) -> str:
    if membership.tier.seat is SeatEntitlement.NONE:
        return f"The tier {membership.tier.name} has no seat on the council."
    if status in UNSIGNED:
        return "The seat stands once both sides have signed."
    if status is Status.UPCOMING:
        return "Until this term begins, the company's present term carries the seat."
    return "A membership that is not in force has no seat."


@dataclass(frozen=True)
class Acts:
    """What this viewer may do to this membership now."""

    edit: bool
    release: bool
    sign: bool
    withdraw: bool
    renew: bool
    extend: bool
    amend: bool
    terminate: bool
    reinstate: bool
    add_agreement: bool


def acts(
    membership: Membership,
    status: Status,
    viewer: Viewer,
    *,
    today: date,
    renewed: bool,
    filed: bool,
) -> Acts:
    """`renewed`: the company's next term follows on this one already; `filed`: the signed
    agreement is on file."""
    unsigned = status in UNSIGNED
    nobody_signed = membership.company_signed_on is membership.programme_signed_on is None
    edits = viewer.may(P.MEMBERSHIPS_EDIT)
    stands = status in STANDING and membership.terminated_on is None
    amends = viewer.may(P.MEMBERSHIPS_AMEND)
    return Acts(
        edit=edits and unsigned and nobody_signed,
        release=viewer.may(P.MEMBERSHIPS_APPROVE) and status is Status.DRAFT,
        sign=edits and status is Status.AWAITING_SIGNATURE,
        withdraw=edits and unsigned,
        renew=edits and not renewed and (stands or status is Status.LAPSED),
        extend=amends and stands,
        amend=amends and stands and status is not Status.GRACE,
        terminate=viewer.may(P.MEMBERSHIPS_TERMINATE) and status in STANDING,
        reinstate=viewer.may(P.MEMBERSHIPS_TERMINATE)
        and membership.terminated_on is not None
        and today < membership.runs_before,
        add_agreement=edits and not filed and status is not Status.WITHDRAWN,
    )


def _words(day: date | None) -> str:
    return "" if day is None else in_words(day)
