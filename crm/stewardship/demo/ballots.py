"""What the council decided by vote, and what it is asked now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.council import ballot_mail, ballots, voting
from crm.council import ballot_queries as queries
from crm.council.ballot_models import Ballot, Elector
from crm.council.ballot_rules import (
    BallotKind,
    Choice,
    CountMethod,
    LetterKind,
    QuorumOf,
    ResultsShown,
    Threshold,
    Way,
)
from crm.council.ballots import NewBallot, NewOption
from crm.council.models import Body
from crm.council.rules import COUNCIL
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.stories import Facts

DRAFTED, OPENED, INVITED, NOTED, CAST, TOLD = 400, 410, 415, 425, 440, 500
"""Minutes after nine."""
CLOSES_AT = time(17)
BY = "director"


class BallotStory:
    """One ballot, from its draft to the letter with its result; its letters count as delivered."""

    def __init__(
        self, chronicle: Chronicle, deliver: Callable[[Moment], None], facts: Facts
    ) -> None:
        self._chronicle, self._deliver, self._facts = chronicle, deliver, facts
        self._calendar = chronicle.calendar
        self._session: Session = chronicle.session
        self._ballot_id = 0

    def gather(self) -> None:
        facts, add, workday = self._facts, self._chronicle.add, self._calendar.workday
        add(workday(facts["opens"] - 3), DRAFTED, BY, self._draft)
        add(workday(facts["opens"]), OPENED, BY, self._open)
        add(workday(facts["opens"]), INVITED, "staff", partial(self._write, LetterKind.INVITATION))
        for told in facts.get("interests", ()):
            add(workday(facts["opens"]), NOTED, "staff", partial(self._declare, told))
        for told in facts.get("recusals", ()):
            add(workday(facts["opens"]), NOTED, "staff", partial(self._recuse, told))
        for place, told in enumerate(facts["votes"]):
            day = workday(facts["opens"] + told["day"])
            add(day, CAST + place, None, partial(self._cast, told))
        if facts["closes"] < 0:
            result = partial(self._write, LetterKind.RESULT)
            add(workday(facts["closes"] + 4), TOLD, "staff", result)

    def _draft(self, moment: Moment) -> None:
        facts = self._facts
        body = self._session.scalars(select(Body.id).where(Body.key == COUNCIL)).one()
        options = [[part.strip() for part in one.split("|")] for one in facts.get("options", ())]
        wanted = NewBallot(
            body_id=body,
            title=facts["title"],
            text=facts["text"].strip(),
            kind=BallotKind(facts["kind"]),
            method=CountMethod(facts["method"]),
            threshold=Threshold(facts["threshold"]),
            options=tuple(NewOption(name=name, note=note) for name, note in options),
            quorum_percent=facts["quorum_percent"],
            quorum_of=QuorumOf.ELECTORS,
            recused_leave=True,
            closes_on=self._calendar.workday(facts["closes"]),
            closes_time=CLOSES_AT,
            zone=self._calendar.zone.key,
            results_shown=ResultsShown(facts["results_shown"]),
            names_shown=facts["names_shown"],
        )
        self._ballot_id = ballots.draft(self._session, wanted, now=moment.now).id

    def _open(self, moment: Moment) -> None:
        ballots.open_(
            self._session, self._ballot(), by=moment.by, now=moment.now, today=moment.today
        )

    def _write(self, kind: LetterKind, moment: Moment) -> None:
        ballot_mail.release(
            self._session, self._ballot(), kind, link=lambda secret: "…",
            by=moment.by, now=moment.now, today=moment.today,
        )  # fmt: skip
        self._deliver(moment)

    def _declare(self, told: Facts, moment: Moment) -> None:
        elector = self._elector(told)
        ballots.declare_interest(
            self._session, self._ballot(), elector, told["what"], by=moment.by, now=moment.now
        )

    def _recuse(self, told: Facts, moment: Moment) -> None:
        elector = self._elector(told)
        ballots.recuse(
            self._session, self._ballot(), elector, told["reason"], by=moment.by, now=moment.now
        )

    def _cast(self, told: Facts, moment: Moment) -> None:
        options = [option.id for option in queries.options_of(self._session, self._ballot_id)]
        comments = told.get("comments", {}).items()
        choice = Choice(
            tuple(options[place - 1] for place in told["ranks"]),
            tuple((options[int(place) - 1], text) for place, text in comments),
        )
        voting.cast_vote(
            self._session, self._elector(told), choice,
            way=Way.LINK, by=voting.BY_LINK, now=moment.now,
        )  # fmt: skip

    def _ballot(self) -> Ballot:
        return queries.get(self._session, self._ballot_id)

    def _elector(self, told: Facts) -> Elector:
        """With its ballot."""
        found = select(Elector).where(
            Elector.ballot_id == self._ballot_id, Elector.company_name == told["company"]
        )
        elector = self._session.scalars(found).one()
        self._session.refresh(elector, ["ballot"])
        return elector
