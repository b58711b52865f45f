"""A major partnership: screened before effort, an NDA that ends, interest of both sides. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.periods import in_words


class Result(StrEnum):
    """What a screening against lists of restricted parties found."""

    CLEAR = "clear"
    POSSIBLE = "possible match"
    DENIED = "denied"


class Verdict(StrEnum):
    """What a company's last screening says on a day."""

    NONE = "not screened"
    CLEAR = "clear"
    EXPIRED = "screening expired"
    POSSIBLE = "possible match"
    DENIED = "denied"


class Nda(StrEnum):
    NOT_NEEDED = "none needed"
    ASKED = "asked"
    NEGOTIATED = "under negotiation"
    SIGNED = "signed"


class Ip(StrEnum):
    """How far the two sides are about intellectual property and publication."""

    DISCUSSED = "under discussion"
    IN_PRINCIPLE = "agreed in principle"
    AGREED = "agreed"


class Answer(StrEnum):
    """What somebody of the faculty says to being convened."""

    ASKED = "asked"
    INTERESTED = "interested"
    DECLINED = "declined"


class Interest(StrEnum):
    """How much one side wants an area."""

    NONE = "none yet"
    INTERESTED = "interested"
    STRONG = "strong"
    DECLINED = "declined"


class NotScreened(RuleBroken):
    """No effort is spent on a company before it is screened, and clear."""


class NotMutual(RuleBroken):
    """An area is agreed once both sides want it."""


class WrongNda(RuleBroken):
    """A signature and an end are those of an NDA that is signed."""


WANTED = frozenset({Interest.INTERESTED, Interest.STRONG})
EXPIRED = "expired"
AHEAD = timedelta(days=90)
"""How long before an NDA ends it alarms: a new one takes two legal offices about a quarter."""

_TO_DO: Mapping[Verdict, str] = {
    Verdict.NONE: "{company} is not screened for restricted parties. Record its screening first.",
    Verdict.EXPIRED: "The screening of {company} is no longer valid. Screen it anew first.",
    Verdict.POSSIBLE: (
        "The screening of {company} found a possible match. Have it examined, and record what "
        "came of it first."
    ),
    Verdict.DENIED: (
        "The screening of {company} was denied: no effort is spent on it. Only a later screening "
        "that is clear changes that."
    ),
}


@dataclass(frozen=True, kw_only=True)
class Screened:
    """The last screening that stands: its day, its result, and the last day it is good for."""

    on: date
    result: Result
    valid_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class NdaFacts:
    """Where the NDA stands; None: nobody has spoken of one."""

    state: Nda | None
    signed_on: date | None = None
    expires_on: date | None = None
    """The last day on which it binds; None: without end."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """How much one side wants an area, who of it says so, and since when."""

    interest: Interest = Interest.NONE
    by: str | None = None
    on: date | None = None


def verdict(day: date, last: Screened | None) -> Verdict:
    """`last`: of the screenings of a day up to this one. An old result is no better than none,
    but a match that is being examined, or a denial, stays one."""
    if last is None or last.on > day:
        return Verdict.NONE
    if last.result is Result.CLEAR and last.valid_until is not None and last.valid_until < day:
        return Verdict.EXPIRED
    return Verdict(last.result)


def refuse_unscreened(company: str, found: Verdict) -> None:
    """Raises `NotScreened`, in words that say what to do."""
    if found is not Verdict.CLEAR:
        raise NotScreened(_TO_DO[found].format(company=company))


def nda_on(day: date, nda: NdaFacts) -> str:
    """Its state on a day, in a word: what was signed and has ended is expired."""
    if nda.state is None:
        return "not spoken of"
    ended = nda.expires_on is not None and nda.expires_on < day
    return EXPIRED if nda.state is Nda.SIGNED and ended else nda.state.value


def nda_alarms(day: date, nda: NdaFacts) -> bool:
    """Whether it ends soon, or has ended: until it is replaced."""
    return nda.state is Nda.SIGNED and nda.expires_on is not None and nda.expires_on <= day + AHEAD


def refuse_nda(nda: NdaFacts, *, today: date) -> None:
    """Raises `WrongNda`, for the field concerned."""
    if nda.state is not Nda.SIGNED:
        for field, on in (("signed_on", nda.signed_on), ("expires_on", nda.expires_on)):
            if on is not None:
                raise WrongNda("Only a signed NDA has this day: leave it empty.", field=field)
        return
    if nda.signed_on is None:
        raise WrongNda("Say on which day both sides had signed.", field="signed_on")
    if nda.signed_on > today:
        raise WrongNda("It was signed today or before.", field="signed_on")
    if nda.expires_on is not None and nda.expires_on < nda.signed_on:
        raise WrongNda(
            f"It cannot end before {in_words(nda.signed_on)}, when it was signed.",
            field="expires_on",
        )


def mutual(company: Interest, university: Interest) -> bool:
    """Interest on both sides: only such an area can be agreed."""
    return company in WANTED and university in WANTED


def refuse_agreement(company: Interest, university: Interest) -> None:
    """Raises `NotMutual`, naming the side that has not said it wants it."""
    if not mutual(company, university):
        sides = {"the company": company, "the university": university}
        lacking = " and ".join(side for side, said in sides.items() if said not in WANTED)
        raise NotMutual(f"Interest is needed on both sides: record that of {lacking} first.")


def refuse_side(side: Side, name: str, *, since: date, today: date) -> None:
    """`name`: company or university, before the field concerned; `since`: it was proposed."""
    if side.interest is Interest.NONE:
        if side.on is not None or side.by is not None:
            raise RuleBroken(
                "Nobody has said anything yet: leave who and when empty.",
                field=f"{name}_interest",
            )
        return
    if side.on is None or not since <= side.on <= today:
        raise RuleBroken(
            f"Say when they said so: from {in_words(since)}, when it was proposed, to today.",
            field=f"{name}_on",
        )
