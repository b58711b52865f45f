"""When a meeting is across clock changes, who counts as there, how decisions are numbered."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council import meeting_rules as rules
from crm.council.meeting_rules import How, NoSuchTime, Presence, Seen, TwiceThatDay

NEW_YORK, OSLO = "America/New_York", "Europe/Oslo"
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(
    lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
)
ZONES = st.sampled_from([NEW_YORK, OSLO, "Asia/Kathmandu", "Australia/Lord_Howe", "UTC"])


@given(MOMENTS, ZONES)
def test_every_moment_has_a_time_on_the_wall_that_leads_back_to_it(moment, zone):
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    told = rules.wall_time(
        local.replace(tzinfo=None, fold=0), zone, bool(local.fold), field="starts_at"
    )
    assert told.moment == moment.replace(tzinfo=UTC)


@given(MOMENTS, ZONES)
def test_a_time_is_refused_only_where_the_clock_never_shows_it(local, zone):
    place = ZoneInfo(zone)
    shown = {
        (local - shift).replace(tzinfo=UTC).astimezone(place).replace(tzinfo=None, fold=0)
        for shift in (timedelta(minutes=m) for m in range(-15 * 60, 15 * 60, 15))
    }
    try:
        rules.wall_time(local, zone, False, field="starts_at")
    except NoSuchTime:
        assert local not in shown
    else:
        assert local in shown


@pytest.mark.parametrize(
    ("zone", "local"),
    [(NEW_YORK, datetime(2027, 3, 14, 2, 30)), (OSLO, datetime(2027, 3, 28, 2, 30))],
)
def test_a_time_that_is_skipped_in_spring_is_refused(zone, local):
    with pytest.raises(NoSuchTime, match="put forward"):
        rules.wall_time(local, zone, None, field="starts_at")


@pytest.mark.parametrize(
    ("zone", "local", "first"),
    [
        (NEW_YORK, datetime(2027, 11, 7, 1, 30), datetime(2027, 11, 7, 5, 30, tzinfo=UTC)),
        (OSLO, datetime(2027, 10, 31, 2, 30), datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),
    ],
)
def test_of_a_time_that_comes_twice_it_is_said_which(zone, local, first):
    with pytest.raises(TwiceThatDay, match="comes twice") as refusal:
        rules.wall_time(local, zone, None, field="starts_at")
    assert refusal.value.field == "twice"
    assert rules.wall_time(local, zone, False, field="").moment == first
    assert rules.wall_time(local, zone, True, field="").moment == first + timedelta(hours=1)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(rules.zones()),
    st.timedeltas(timedelta(days=-2), timedelta(days=2)),
)
def test_what_is_over_is_never_missed_nor_what_is_not_by_the_walls_around(local, zone, apart):
    ends = rules.WallTime(local, zone)
    now = ends.moment + apart
    earliest, latest = rules.walls_around(now)
    assert rules.is_over(ends, now) == (apart >= timedelta(0))
    if rules.is_over(ends, now):
        assert local <= latest
    else:
        assert local > earliest


def test_a_meeting_may_last_over_the_hour_that_comes_twice():
    starts = rules.wall_time(datetime(2027, 11, 7, 0, 30), NEW_YORK, True, field="")
    ends = rules.wall_time(datetime(2027, 11, 7, 1, 15), NEW_YORK, True, field="")
    rules.in_order(starts, ends)
    assert ends.moment - starts.moment == timedelta(minutes=105)
    with pytest.raises(rules.WrongOrder):
        rules.in_order(ends, starts)


@given(st.lists(st.booleans(), max_size=40))
def test_decisions_are_numbered_without_gap_or_repeat(acts):
    """True decides, False takes the latest back."""
    taken: list[int] = []
    for decides in acts:
        if decides:
            taken.append(rules.next_number(taken))
        elif taken:
            rules.check_latest(taken[-1], taken)
            taken.pop()
        assert taken == list(range(1, len(taken) + 1))


def test_only_the_latest_decision_is_taken_back():
    with pytest.raises(rules.NotTheLatest, match="next number"):
        rules.check_latest(1, [1, 2])


@given(st.integers(1, 9), st.data())
def test_moving_an_item_keeps_all_of_them(count, data):
    ids = list(range(count))
    moving = data.draw(st.sampled_from(ids))
    order = rules.moved(ids, moving, up=data.draw(st.booleans()))
    assert sorted(order) == ids
    assert abs(order.index(moving) - moving) <= 1


PEOPLE = st.lists(
    st.builds(
        Seen,
        person_id=st.integers(1, 6),
        company_id=st.sampled_from([None, 1, 2, 3]),
        seat_id=st.sampled_from([None, 1, 2]),
        alternate=st.booleans(),
        guest=st.booleans(),
        presence=st.sampled_from([None, *Presence]),
    ),
    max_size=8,
    unique_by=lambda one: one.person_id,
)


@given(PEOPLE)
def test_a_company_is_there_if_anybody_it_sent_is(people):
    told = rules.of_companies(people)
    sent = [one for one in people if one.company_id is not None and not one.guest]
    assert set(told) == {one.company_id for one in sent}
    for company_id, how in told.items():
        came = [
            one for one in sent if one.company_id == company_id and one.presence is Presence.PRESENT
        ]
        assert (how in rules.THERE) == bool(came)
        if came:
            assert (how is How.ALTERNATE) == all(one.alternate for one in came)
        marked = [one for one in sent if one.company_id == company_id and one.presence is not None]
        assert (how is How.UNMARKED) == (not marked)


def test_approving_without_some_that_are_not_marked_has_to_be_meant():
    rules.check_marked(0, meant=False)
    rules.check_marked(3, meant=True)
    with pytest.raises(rules.NotAllMarked, match="3 people are not marked"):
        rules.check_marked(3, meant=False)
    with pytest.raises(rules.NotAllMarked, match="1 person is not marked"):
        rules.check_marked(1, meant=False)


@given(st.lists(PEOPLE, max_size=6))
def test_missing_in_a_row_is_what_going_back_one_by_one_finds(meetings):
    told = rules.in_a_row(meetings)
    for person_id in range(1, 7):
        count = 0
        for people in meetings:
            me = [one for one in people if one.person_id == person_id and not one.guest]
            if not me:
                continue
            mates = [
                one
                for one in people
                if not one.guest
                and (
                    one.company_id == me[0].company_id is not None
                    if me[0].seat_id is None
                    else one.seat_id == me[0].seat_id
                )
            ]
            covered = any(one.presence is Presence.PRESENT for one in mates)
            if me[0].presence is None:
                continue
            if me[0].presence is Presence.PRESENT:
                break
            if (me[0].presence is Presence.EXCUSED or me[0].alternate) and covered:
                break
            count += 1
        assert told.get(person_id, 0) == count
