from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from wtforms.validators import NumberRange

from crm.council.ballot_models import Ballot, BallotOption
from crm.council.ballot_rules import (
    METHODS,
    BallotKind,
    CountMethod,
    QuorumOf,
    ResultsShown,
    Threshold,
)
from crm.council.ballot_words import THRESHOLDS
from crm.council.ballots import NewBallot, NewOption
from crm.council.models import Body
from crm.kit.errors import RuleBroken
from crm.web.forms import (
    BaseForm,
    BooleanField,
    TimeField,
    WholeNumberField,
    choice,
    day,
    line,
    paragraph,
    required,
)

LONGEST_NAME, LONGEST_NOTE = 200, 1000


def _of(words: Any) -> list[tuple[str, str]]:
    return [(word.value, word.value[:1].upper() + word.value[1:]) for word in words]


def _told(words: Mapping[Threshold, str]) -> list[tuple[str, str]]:
    return [(word.value, said[:1].upper() + said[1:]) for word, said in words.items()]


class BallotForm(BaseForm):
    """A draft of a ballot."""

    body_id = choice("Body", [], validators=[required("Choose who votes.")])
    title = line("Title", needed="Say in a line what is decided.")
    text = paragraph("Text", most=20_000, description="What is proposed, and why. Plain text.")
    kind = choice("Kind", _of(BallotKind), validators=[required("Choose how it is voted on.")])
    options = paragraph(
        "Options or proposals",
        most=20_000,
        description="One a line; a note may follow after |. A yes or no ballot needs none.",
    )
    threshold = choice(
        "Threshold",
        _told(THRESHOLDS),
        validators=[required("Choose what it needs.")],
        description="A ranking is decided by its method alone: choose “The most votes”.",
    )
    method = choice(
        "How a ranking is counted", _of(METHODS[BallotKind.RANK]), description="For rankings only."
    )
    quorum_percent = WholeNumberField(
        "Quorum",
        [
            required("Say how many must vote, 0 for any number."),
            NumberRange(0, 100, "A share is from 0 to 100 percent."),
        ],
    )
    quorum_of = choice("Share of", _of(QuorumOf), validators=[required("Choose of what.")])
    recused_leave = BooleanField("Who is recused leaves the base of quorum and threshold")
    closes_on = day("Closes on", needed="Say on which day it closes.")
    closes_time = TimeField("At", [required("Say at what time it closes.")])
    zone = line(
        "Time zone", needed="Say in whose time.", most=60, description="Such as America/New_York."
    )
    results_shown = choice(
        "Results are shown",
        _of(ResultsShown),
        validators=[required("Choose who sees the results.")],
        description="As votes come in, or after the close, to everyone in the body and the office.",
    )
    names_shown = BooleanField(
        "With names: whoever sees the results sees who voted what",
        description="Without names and with results as votes come in, sums tell who votes last.",
    )
    version = WholeNumberField("", [])

    def offer(self, bodies: Sequence[Body]) -> None:
        self.body_id.choices = {str(body.id): body.name for body in bodies}

    def draft(self) -> NewBallot:
        """Of a form that is valid. Raises `RuleBroken` for an option that is too long."""
        told: dict[str, Any] = self.data
        kind = BallotKind(told["kind"])
        method = METHODS[kind][0]
        if kind is BallotKind.RANK and told["method"]:
            method = CountMethod(told["method"])
        return NewBallot(
            body_id=int(told["body_id"]),
            title=told["title"],
            text=told["text"] or "",
            kind=kind,
            method=method,
            threshold=Threshold(told["threshold"]),
            options=() if kind is BallotKind.YES_NO else _options(told["options"] or ""),
            quorum_percent=told["quorum_percent"],
            quorum_of=QuorumOf(told["quorum_of"]),
            recused_leave=told["recused_leave"],
            closes_on=told["closes_on"],
            closes_time=told["closes_time"],
            zone=told["zone"],
            results_shown=ResultsShown(told["results_shown"]),
            names_shown=told["names_shown"],
        )


def shown(ballot: Ballot, options: Sequence[BallotOption]) -> dict[str, Any]:
    """The fields of a draft as it stands."""
    local = ballot.closes_at.astimezone(ZoneInfo(ballot.zone))
    lines = [f"{one.name} | {one.note}" if one.note else one.name for one in options]
    same = (
        "title", "text", "quorum_percent", "recused_leave", "zone", "names_shown", "version",
    )  # fmt: skip
    words = ("kind", "threshold", "method", "quorum_of", "results_shown")
    return {
        **{name: getattr(ballot, name) for name in same},
        **{name: getattr(ballot, name).value for name in words},
        "body_id": str(ballot.body_id),
        "options": "" if ballot.kind is BallotKind.YES_NO else "\n".join(lines),
        "closes_on": local.date(),
        "closes_time": local.time(),
    }


class ReasonForm(BaseForm):
    reason = line("Reason", needed="Say why.", most=500)


class InterestForm(BaseForm):
    what = line(
        "Interest",
        needed="Say what the interest is.",
        most=500,
        description="Everyone who votes reads it.",
    )


class NoForm(BaseForm):
    """An act that needs no more than to be meant."""


def _options(text: str) -> tuple[NewOption, ...]:
    found = []
    for written in filter(None, map(str.strip, text.splitlines())):
        name, _, note = (part.strip() for part in written.partition("|"))
        if not name or len(name) > LONGEST_NAME or len(note) > LONGEST_NOTE:
            raise RuleBroken(
                f"Each option has a name of at most {LONGEST_NAME} characters, and a note of at "
                f"most {LONGEST_NOTE}.",
                field="options",
            )
        found.append(NewOption(name=name, note=note or None))
    return tuple(found)
