"""A company takes part in a facility: from a day on, until a day, or by mistake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.kit import db
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken, Stale
from crm.kit.periods import Period, in_words
from crm.partnerships import facility_queries
from crm.partnerships.facility_models import Facility, Participation
from crm.partnerships.rules import FacilityStage, ParticipationKind


class WrongOrder(RuleBroken):
    """What a company takes part in begins before it ends."""


class Closed(RuleBroken):
    """Nobody takes part in a facility that is closed."""


class TakesPartAlready(RuleBroken):
    """One company has one part of a kind in a facility at a time."""


@dataclass(frozen=True, kw_only=True)
class NewParticipation:
    """Half-open: `ends_before` is the first day without it; None: until further notice."""

    kind: ParticipationKind
    starts_on: date
    ends_before: date | None = None
    note: str | None = None


def begin(
    session: Session,
    facility: Facility,
    wanted: NewParticipation,
    *,
    company_id: int,
    by: Actor,
) -> Participation:
    """Raises `NotFound`, `CompanyArchived`, `WrongOrder`, `Closed` or `TakesPartAlready`."""
    companies.refuse_archived(session, company_id)
    db.lock(session, facility)
    part = Participation(facility_id=facility.id, company_id=company_id, by_name=by.name)
    _write(session, part, wanted)
    return part


def correct(
    session: Session, participation: Participation, wanted: NewParticipation, *, version: int
) -> None:
    """Put it right, or say when it ended. Raises `Stale`, or what `begin` raises."""
    if participation.version != version:
        raise Stale(
            "this participation",
            theirs=_told(participation),
            yours=_told(wanted),
        )
    db.lock(session, facility_queries.get(session, participation.facility_id))
    _write(session, participation, wanted)


def take_back(session: Session, participation: Participation) -> None:
    """It was recorded by mistake: no trace is left but the journal's."""
    session.delete(participation)
    session.flush()


def _write(session: Session, part: Participation, wanted: NewParticipation) -> None:
    if wanted.ends_before is not None and wanted.ends_before <= wanted.starts_on:
        raise WrongOrder("It would end before it begins.", field="last_day")
    last = facility_queries.steps_of(session, part.facility_id)[-1]
    if last.stage is FacilityStage.CLOSED and (
        wanted.ends_before is None or wanted.ends_before > last.on
    ):
        raise Closed(
            f"The facility is closed since {in_words(last.on)}: the last day lies before that.",
            field="last_day",
        )
    period = Period(wanted.starts_on, wanted.ends_before)
    others = select(Participation).where(
        Participation.facility_id == part.facility_id,
        Participation.company_id == part.company_id,
        Participation.kind == wanted.kind,
    )
    for other in session.scalars(others):
        if other is not part and period.overlaps(Period(other.starts_on, other.ends_before)):
            raise _already(wanted.kind, other.starts_on)
    try:
        with session.begin_nested():
            part.kind, part.note = wanted.kind, wanted.note
            part.starts_on, part.ends_before = wanted.starts_on, wanted.ends_before
            session.add(part)
            session.flush()
    except IntegrityError as error:
        if "ex_participation_once" not in str(error.orig):
            raise
        raise _already(wanted.kind, wanted.starts_on) from None


def _already(kind: ParticipationKind, since: date) -> TakesPartAlready:
    return TakesPartAlready(
        f"The company takes part in the {kind} since {in_words(since)}: correct that one, or "
        "choose days beside it.",
        field="starts_on",
    )


def _told(of: Participation | NewParticipation) -> dict[str, str]:
    return {
        "Kind": of.kind,
        "From": in_words(of.starts_on),
        "Until before": in_words(of.ends_before) if of.ends_before else "",
        "Note": of.note or "",
    }
