"""The form of a vote, for a stranger with a link and for who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import RadioField

from crm.council.ballot_models import Ballot, BallotOption
from crm.council.ballot_rules import BadChoice, BallotKind, Choice, check_choice
from crm.web.forms import BaseForm, BooleanField, HiddenField, choice, paragraph, required

ABSTAIN = "abstain"


class VoteForm(BaseForm):
    """Sent twice: to look at what one has chosen, then with `confirm` to cast it, or with
    `change` to go back to it."""

    confirm = HiddenField()
    change = HiddenField()


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """The fields of one proposal."""

    option: BallotOption
    place: Any
    comment: Any


def vote_form(ballot: Ballot, options: Sequence[BallotOption]) -> Any:
    """The form as sent, or empty. Its fields follow from the ballot."""
    if ballot.kind is not BallotKind.RANK:
        offered = {str(option.id): option.name for option in options}
        one: dict[str, Any] = {
            "choice": RadioField(
                "Your vote",
                [required("Choose one, or abstain.")],
                choices={**offered, ABSTAIN: "I abstain"},
            )
        }
        return type("ChoiceForm", (VoteForm,), one).of_request()  # type: ignore[attr-defined]
    places = [("", "Place"), *((str(n), str(n)) for n in range(1, len(options) + 1))]
    fields: dict[str, Any] = {ABSTAIN: BooleanField("I abstain and rank none of them")}
    for option in options:
        fields[f"place_{option.id}"] = choice("Place", places)
        fields[f"comment_{option.id}"] = paragraph("Comment", most=1000)
    return type("RankForm", (VoteForm,), fields).of_request()  # type: ignore[attr-defined]


def ranked(form: Any, options: Sequence[BallotOption]) -> list[Ranked]:
    """The fields of each proposal; none where one option is chosen."""
    return [
        Ranked(
            option=option,
            place=form[f"place_{option.id}"],
            comment=form[f"comment_{option.id}"],
        )
        for option in options
        if f"place_{option.id}" in form
    ]


def chosen(form: Any, ballot: Ballot, options: Sequence[BallotOption]) -> Choice | None:
    """What the form says; None, with the reason in the form, if that is no vote."""
    if form.change.data or not form.validate():
        return None
    try:
        found = _choice(form, ballot, options)
        check_choice(ballot.kind, [option.id for option in options], found)
    except BadChoice as refusal:
        form.refuse(refusal)
        return None
    return found


def spelled(choice: Choice, options: Sequence[BallotOption]) -> list[str]:
    """The choice in words, the best first, to look at before it is cast."""
    names = {option.id: option.name for option in options}
    if choice.abstains:
        return ["Abstain"]
    return [names[option] for option in choice.ranking]


def _choice(form: Any, ballot: Ballot, options: Sequence[BallotOption]) -> Choice:
    if ballot.kind is not BallotKind.RANK:
        return Choice() if form.choice.data == ABSTAIN else Choice((int(form.choice.data),))
    fields = ranked(form, options)
    if form[ABSTAIN].data:
        if any(one.place.data for one in fields):
            raise BadChoice("Either rank the proposals or abstain.")
        return Choice()
    if not all(one.place.data for one in fields):
        raise BadChoice("Give each proposal a place, or abstain.")
    if len({one.place.data for one in fields}) < len(fields):
        raise BadChoice("Two proposals have the same place.")
    fields.sort(key=lambda one: int(one.place.data))
    comments = tuple((one.option.id, one.comment.data) for one in fields if one.comment.data)
    return Choice(tuple(one.option.id for one in fields), comments)
