"""Seats that several companies share, read beside the roster: whose they are, who sits on them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.companies import queries as companies
from crm.council.relations import Entitled, carriers, voters
from crm.council.roster_lines import RosterLine, TitledLine
from crm.council.rules import SeatKind
from crm.council.sitters import EMPLOYMENT, Sitter, employed_on

Lines = dict[int, RosterLine]
"""By company."""


@dataclass(frozen=True)
class Kin:
    """What decides whose seat a company has."""

    entitled: Entitled
    parent_id: int | None = None
    may_share: bool = False
    """Its seat may be others', too: to tell, their lines have to be read."""


def share(session: Session, lines: Lines, kin: Mapping[int, Kin], day: date) -> Lines:
    """The lines of companies that are in one family on a day, each with the seat that it has."""
    children = {its.entitled.company_id for its in kin.values() if its.parent_id is not None}
    if not children:
        return {}
    own = [kin[id_].entitled for id_, line in lines.items() if line.kind is SeatKind.OWN]
    parents = companies.parents_on(session, children, day)
    found = {}
    heard = voters(own, parents)
    for company_id, carrier_id in carriers(own, parents).items():
        by = heard[carrier_id]
        if carrier_id != company_id:
            carrier = replace(lines[carrier_id], votes=bool(by), voters=by)
            found[company_id] = replace(
                lines[company_id],
                seat_id=carrier.seat_id,
                shared_with=carrier.company,
                carrier_id=carrier_id,
                representative=carrier.representative,
                alternate=carrier.alternate,
            )
            found[carrier_id] = carrier
    return found


def elect(lines: Lines, seat: TitledLine | None) -> Lines:
    """The lines of those who share the seat that they elect a holder to. It votes for them all."""
    sharing = [line for line in lines.values() if line.kind is SeatKind.SHARED]
    heard = tuple(sorted(line.company_id for line in sharing if line.stands))
    return {
        line.company_id: replace(
            line,
            voters=heard,
            seat_id=seat.seat_id if seat else None,
            shared_with=seat.title if seat else "",
            representative=seat.representative if seat else None,
            alternate=seat.alternate if seat else None,
        )
        for line in sharing
    }


def told_who_belongs(session: Session, shared: Lines, day: date) -> Lines:
    """Who sits on a seat that several share belongs to one of them."""
    sharing: dict[int | None, set[int]] = defaultdict(set)
    for line in shared.values():
        sharing[line.seat_id].add(line.company_id)
    people = {
        sitter.person_id
        for line in shared.values()
        for sitter in (line.representative, line.alternate)
        if sitter is not None
    }
    at = _companies_of(session, people, day)

    def told(line: RosterLine, sitter: Sitter | None) -> Sitter | None:
        if sitter is None:
            return None
        at_theirs = at[sitter.person_id] & sharing[line.seat_id]
        from_ = min(at_theirs, default=None) if line.kind is SeatKind.SHARED else None
        return replace(sitter, here=bool(at_theirs), company_id=from_)

    return {
        company_id: replace(
            line,
            representative=told(line, line.representative),
            alternate=told(line, line.alternate),
        )
        for company_id, line in shared.items()
    }


def _companies_of(session: Session, people: Collection[int], day: date) -> dict[int, set[int]]:
    at: dict[int, set[int]] = defaultdict(set)
    found = select(EMPLOYMENT.person_id, EMPLOYMENT.company_id).where(
        EMPLOYMENT.person_id.in_(people), employed_on(day)
    )
    for person_id, company_id in session.execute(found) if people else ():
        at[person_id].add(company_id)
    return at
