"""How a facility and a contribution come along, how a contribution is valued, when it alarms. Pure.

Product rule 6: valued by the donor or an appraiser, never by us, with basis and evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from crm.kit.errors import RuleBroken
from crm.kit.money import Money
from crm.kit.periods import Period, in_words


class FacilityStage(StrEnum):
    PLANNING = "planning"
    BUILDING = "building"
    OPERATION = "operation"
    CLOSED = "closed"


class ParticipationKind(StrEnum):
    """What a company takes part in; one may have several of them at a time."""

    PLANNING = "planning"
    DEVELOPMENT = "development"
    OPERATION = "operation"


class Kind(StrEnum):
    MONEY = "money"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    SERVICES = "services"


class Given(StrEnum):
    """Whose it is while we have it: ours, or the company's."""

    GIFT = "gift"
    LOAN = "loan"


class Basis(StrEnum):
    FACE = "amount given"
    LIST_PRICE = "list price less educational discount"
    COMPARABLES = "comparables"
    LEASE = "lease value"
    APPRAISAL = "appraisal"
    NOT_COUNTABLE = "not countable"


class Valuer(StrEnum):
    DONOR = "donor"
    APPRAISER = "appraiser"


class Stage(StrEnum):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    IN_USE = "in use"
    RETURNED = "returned"
    ENDED = "ended"


class Thanks(StrEnum):
    """At which act a letter of thanks is drafted."""

    ACCEPTANCE = "acceptance"
    RETURN = "return"


class Alarm(StrEnum):
    LOAN = "loan ends"
    LICENCE = "licence ends"
    DISPOSAL = "disposal day"


HELD = frozenset({Stage.ACCEPTED, Stage.DELIVERED, Stage.IN_USE})
"""We have it, or are about to: its days alarm."""
OVER = frozenset({Stage.RETURNED, Stage.ENDED})
THANKED: Mapping[Stage, Thanks] = {
    Stage.ACCEPTED: Thanks.ACCEPTANCE,
    Stage.RETURNED: Thanks.RETURN,
}
AHEAD = timedelta(days=90)
"""How long before its day an alarm is shown: a licence is renewed by a purchase, a loan extended by
an amendment, a machine moved by riggers, and each of these takes a university about a quarter."""

_FOLLOWS: Mapping[Stage, tuple[Stage, ...]] = {
    Stage.OFFERED: (Stage.ACCEPTED, Stage.ENDED),
    Stage.ACCEPTED: (Stage.DELIVERED, Stage.ENDED),
    Stage.DELIVERED: (Stage.IN_USE, Stage.RETURNED, Stage.ENDED),
    Stage.IN_USE: (Stage.RETURNED, Stage.ENDED),
    Stage.RETURNED: (),
    Stage.ENDED: (),
}
_THINGS = (Basis.LIST_PRICE, Basis.COMPARABLES, Basis.APPRAISAL)
_ON_LOAN = (Basis.LEASE, Basis.APPRAISAL)
_BASES: Mapping[tuple[Kind, Given], tuple[Basis, ...]] = {
    (Kind.MONEY, Given.GIFT): (Basis.FACE,),
    (Kind.EQUIPMENT, Given.GIFT): _THINGS,
    (Kind.EQUIPMENT, Given.LOAN): _ON_LOAN,
    (Kind.SOFTWARE, Given.GIFT): _THINGS,
    (Kind.SOFTWARE, Given.LOAN): _ON_LOAN,
    (Kind.SERVICES, Given.GIFT): (Basis.NOT_COUNTABLE,),
}


class WrongKind(RuleBroken):
    """What is lent can be given back, and only then."""


class WrongDay(RuleBroken):
    """A contribution comes from stage to stage in time, and is not over before it is offered."""


class WrongValuation(RuleBroken):
    """A value stands on a basis that fits what was given, and is somebody's word."""


class NotHere(RuleBroken):
    """A project uses what is delivered, until it goes back or ends."""


@dataclass(frozen=True, kw_only=True)
class Valuation:
    """`valued_by`: their name. What is not countable has none of these but its basis."""

    basis: Basis
    amount: Money | None = None
    valuer: Valuer | None = None
    valued_by: str | None = None
    valued_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Days:
    """The days that alarm: the last with us, the last of the licence, that for disposal."""

    loan_ends_on: date | None = None
    licence_ends_on: date | None = None
    disposal_on: date | None = None


def may_become(before: Stage, *, given: Given) -> Sequence[Stage]:
    """Which stages may follow. Only what is lent is returned; what is over stays so."""
    return [
        stage for stage in _FOLLOWS[before] if stage is not Stage.RETURNED or given is Given.LOAN
    ]


def needs_reason(stage: Stage) -> bool:
    """An offer that comes to nothing, and what ends otherwise than by its return, is explained."""
    return stage is Stage.ENDED


def facility_needs_reason(before: FacilityStage, after: FacilityStage) -> bool:
    """Forward goes without; back, or to the end, does not."""
    order = list(FacilityStage)
    return after is FacilityStage.CLOSED or order.index(after) < order.index(before)


def bases(kind: Kind, given: Given) -> Sequence[Basis]:
    """On what it may be valued; nothing for what cannot be given in this way."""
    return _BASES.get((kind, given), ())


def refuse_kind(kind: Kind, given: Given, days: Days) -> None:
    """Raises `WrongKind` where the way it is given, or one of its days, does not fit the kind."""
    if not bases(kind, given):
        raise WrongKind(f"{kind.capitalize()} cannot be lent: record a gift.", field="given")
    if days.loan_ends_on is not None and given is not Given.LOAN:
        raise WrongKind("Only a loan has an end: leave the day empty.", field="loan_ends_on")
    if days.disposal_on is not None and given is not Given.GIFT:
        raise WrongKind(
            "What is lent is not ours to dispose of: leave the day empty.", field="disposal_on"
        )


def refuse_ends(days: Days, *, offered_on: date, field: str | None = None) -> None:
    """Raises `WrongDay`, beside the day on which it would be over before its offer, or beside
    `field`: one of the two is wrong."""
    for what, own, ends_on in (
        ("loan", "loan_ends_on", days.loan_ends_on),
        ("licence", "licence_ends_on", days.licence_ends_on),
    ):
        if ends_on is not None and ends_on < offered_on:
            raise WrongDay(
                f"Its {what} would end on {in_words(ends_on)}, before it was offered on "
                f"{in_words(offered_on)}: put one of the two days right.",
                field=field or own,
            )


def refuse_between(on: date, first: date | None, last: date) -> None:
    """Raises `WrongDay`. `first`: the day of the stage before, None for an offer; `last`: that of
    the next stage, or today."""
    if on > last:
        raise WrongDay(
            f"The latest day is {in_words(last)}: today, or that of the next stage.", field="on"
        )
    if first is not None and on < first:
        raise WrongDay(
            f"The earliest day is {in_words(first)}, that of the stage before.", field="on"
        )


def refuse_valuation(kind: Kind, given: Given, valuation: Valuation) -> None:
    """Raises `WrongValuation`, for the field concerned."""
    fitting = bases(kind, given)
    if valuation.basis not in fitting:
        raise WrongValuation(
            f"A {given} of {kind} is valued by: {', '.join(fitting)}.", field="basis"
        )
    if valuation.basis is Basis.NOT_COUNTABLE:
        if valuation.amount is not None:
            raise WrongValuation(
                "Services are not countable: leave the amount empty.", field="amount"
            )
        return
    if valuation.amount is None or valuation.amount.minor <= 0:
        raise WrongValuation("Enter an amount above zero.", field="amount")
    if valuation.valuer is None:
        raise WrongValuation("Say who valued it: never we do.", field="valuer")
    if valuation.basis is Basis.APPRAISAL and valuation.valuer is not Valuer.APPRAISER:
        raise WrongValuation("An appraisal is an appraiser's.", field="valuer")
    if not valuation.valued_by:
        raise WrongValuation("Name who valued it.", field="valued_by")
    if valuation.valued_on is None:
        raise WrongValuation("Say on which day it was valued.", field="valued_on")


def counts(day: date, *, accepted_on: date | None) -> bool:
    """Whether its value is summed in the ledger of a day: from its acceptance on, for good.

    An offer is no contribution yet; what was returned or has worn out was one.
    """
    return accepted_on is not None and accepted_on <= day


def alarms(day: date, stage: Stage | None, days: Days) -> Sequence[tuple[Alarm, date]]:
    """What is due soon or was missed, the earliest first: until the day is moved, or it is over."""
    if stage not in HELD:
        return ()
    found = [(alarm, on) for alarm, on in _named(days) if on is not None and on <= day + AHEAD]
    return sorted(found, key=lambda due: (due[1], list(Alarm).index(due[0])))


def _named(days: Days) -> Iterable[tuple[Alarm, date | None]]:
    return (
        (Alarm.LOAN, days.loan_ends_on),
        (Alarm.LICENCE, days.licence_ends_on),
        (Alarm.DISPOSAL, days.disposal_on),
    )


def refuse_use(used: Period, *, delivered_on: date | None, over_on: date | None) -> None:
    """Raises `NotHere`. `over_on`: the day of its return or end."""
    if delivered_on is None:
        raise NotHere("It is not delivered yet: record its delivery first.", field="starts_on")
    if used.starts_on < delivered_on:
        raise NotHere(
            f"It was delivered on {in_words(delivered_on)}: it is used from that day on.",
            field="starts_on",
        )
    if over_on is not None and (used.ends_before is None or used.ends_before > over_on):
        raise NotHere(
            f"It was given back or ended on {in_words(over_on)}: the last day lies before that.",
            field="last_day",
        )


def used_until(ends_before: date | None, over_on: date | None) -> date | None:
    """The first day without a use: what went back is used no more, whatever was written."""
    ends = [day for day in (ends_before, over_on) if day is not None]
    return min(ends) if ends else None


def thanks_key(contribution_id: int, kind: Thanks) -> str:
    """One letter of a kind for each contribution, however often its stages are taken back."""
    return f"contribution-{contribution_id}-{kind}"
