"""Who sits on the programme's committees; and letters about seats that nobody is to send today."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import chairs, writing
from crm.council import operations as council
from crm.council.models import Body, Holding, Seat, SeatLetter
from crm.council.rules import HoldingRole
from crm.people import operations as people
from crm.people.models import Person
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

MEETS, CHAIRED = 330, 360


class CommitteeStory:
    """Gathers who took the seats of a committee; they are known to the register by name alone."""

    def __init__(self, chronicle: Chronicle, everyone: dict[str, Person], facts: Facts) -> None:
        self._chronicle = chronicle
        self._session = chronicle.session
        self._everyone = everyone
        self._facts = facts
        self._began = chronicle.calendar.workday(facts["since"])

    def gather(self) -> None:
        self._chronicle.add(self._began, MEETS, "director", self._sit)
        self._chronicle.add(self._began, CHAIRED, "director", self._chair)

    def _sit(self, moment: Moment) -> None:
        seats = self._session.scalars(
            select(Seat)
            .join(Seat.body)
            .where(Body.key == self._facts["body"], Seat.company_id.is_(None))
            .order_by(Seat.id)
        ).all()
        for seat, name in zip(seats, self._facts["people"], strict=False):
            person = people.add_person(self._session, people.PersonDraft(name=name), now=moment.now)
            self._everyone[name] = person
            holding = council.name(
                self._session,
                seat,
                HoldingRole.REPRESENTATIVE,
                person.id,
                starts_on=self._began,
                by=moment.by,
                now=moment.now,
                today=moment.today,
            )
            let_letters_rest(self._session, holding, moment)

    def _chair(self, moment: Moment) -> None:
        body = self._session.scalars(select(Body).where(Body.key == self._facts["body"])).one()
        first = self._everyone[self._facts["people"][0]]
        chairs.name_chair(
            self._session, body, first.id, on=self._began, by=moment.by, now=moment.now
        )


def let_letters_rest(session: Session, holding: Holding, moment: Moment) -> None:
    """What was written in the story's time is not sent today."""
    waiting = select(SeatLetter).where(
        SeatLetter.holding_id == holding.id,
        SeatLetter.released_at.is_(None),
        SeatLetter.dropped_at.is_(None),
    )
    for letter in session.scalars(waiting):
        writing.drop(session, letter, by=moment.by, now=moment.now)
