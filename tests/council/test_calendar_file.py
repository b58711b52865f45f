"""The calendar file, read back by a reader of its own: RFC 5545 to the letter, and no library."""

# ruff: noqa: DTZ001 (a time on the wall has no zone)
from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.council.calendar_file import Entry, Method, written
from crm.council.meeting_rules import NoSuchTime, wall_time

NOW = datetime(2026, 6, 15, 14, 30, tzinfo=UTC)
NEW_YORK, OSLO = "America/New_York", "Europe/Oslo"


@dataclass
class Component:
    """A component: its properties as (name, parameters, value), and what is nested in it."""

    name: str
    lines: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[tuple[dict[str, str], str]]:
        return [(parameters, value) for key, parameters, value in self.lines if key == name]

    def one(self, name: str) -> tuple[dict[str, str], str]:
        (found,) = self.all(name)
        return found

    def inside(self, name: str) -> list[Component]:
        return [part for part in self.parts if part.name == name]


def read(content: bytes) -> Component:
    assert content.endswith(b"\r\n")
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    unfolded = content.decode().replace("\r\n ", "").split("\r\n")[:-1]
    top = Component("")
    stack = [top]
    for line in unfolded:
        head, value = split(line)
        name, *given_ = re.findall(r'(?:"[^"]*"|[^";])+', head)
        if name == "BEGIN":
            stack[-1].parts.append(Component(value))
            stack.append(stack[-1].parts[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            parameters = dict(pair.replace('"', "").split("=", 1) for pair in given_)
            stack[-1].lines.append((name, parameters, value))
    assert stack == [top]
    (calendar,) = top.parts
    return calendar


def split(line: str) -> tuple[str, str]:
    """Name with parameters, and value: at the first colon outside quotes."""
    quoted = False
    for at, letter in enumerate(line):
        quoted ^= letter == '"'
        if letter == ":" and not quoted:
            return line[:at], line[at + 1 :]
    raise AssertionError(line)


def moment(calendar: Component, name: str) -> datetime:
    """The moment of DTSTART or DTEND by the file's own VTIMEZONE; the first of a time that comes
    twice, as RFC 5545 has it."""
    (event,) = calendar.inside("VEVENT")
    parameters, value = event.one(name)
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    local = datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007 (it is a wall's)
    (zone,) = (
        zone for zone in calendar.inside("VTIMEZONE") if zone.one("TZID")[1] == parameters["TZID"]
    )
    onsets = []
    for part in zone.parts:
        (_, starts), (_, before), (_, after) = (
            part.one(key) for key in ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO")
        )
        begins = datetime.strptime(starts, "%Y%m%dT%H%M%S")  # noqa: DTZ007
        onsets.append((begins - shift(before), shift(after)))
    onsets.sort()
    candidates = []
    for (begins, after), ends in zip(onsets, [*(o[0] for o in onsets[1:]), None], strict=True):
        at = local - after
        if begins <= at and (ends is None or at < ends):
            candidates.append(at)
    return min(candidates).replace(tzinfo=UTC)


def shift(offset: str) -> timedelta:
    sign = -1 if offset[0] == "-" else 1
    return sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:5]))


def entry(local: datetime, zone: str, *, second: bool = False, **more) -> Entry:
    starts = wall_time(local, zone, second, field="")
    ends = wall_time(local + timedelta(hours=3), zone, second, field="")
    facts = {
        "uid": "a-meeting@crm.example",
        "sequence": 0,
        "title": "Council: Spring, the meeting; with a rather long title that has to be folded",
        "place": "Room 35-310, Cambridge",
        "link": "https://meet.example/council?a=1",
        "text": "1. Welcome\n2. Money; time, and all",
        "organizer": ("Manufacturing@MIT", "connect@mfg.mit.edu"),
    }
    return Entry(starts=starts, ends=ends, **{**facts, **more})


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        (zone, day + timedelta(hours=hour))
        for zone in (NEW_YORK, OSLO)
        for day in (
            datetime(2027, 3, 13),
            datetime(2027, 3, 14),
            datetime(2027, 3, 15),
            datetime(2027, 3, 27),
            datetime(2027, 3, 28),
            datetime(2027, 3, 29),
            datetime(2027, 10, 30),
            datetime(2027, 10, 31),
            datetime(2027, 11, 1),
            datetime(2027, 11, 6),
            datetime(2027, 11, 7),
            datetime(2027, 11, 8),
        )
        for hour in (0, 1, 3, 9, 14)
    ],
)
def test_the_moment_is_right_about_every_clock_change(zone, local):
    planned = entry(local, zone)
    calendar = read(written(planned, Method.REQUEST, now=NOW))
    assert moment(calendar, "DTSTART") == planned.starts.moment
    assert moment(calendar, "DTEND") == planned.ends.moment


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2031, 1, 1)).map(
        lambda d: d.replace(second=0, microsecond=0)
    ),
    st.sampled_from([NEW_YORK, OSLO, "Australia/Sydney", "Asia/Tokyo", "UTC", "Europe/Dublin"]),
    st.booleans(),
)
def test_the_moment_is_right_at_any_time(local, zone, second):
    try:
        planned = entry(local, zone, second=second)
    except NoSuchTime:
        return
    calendar = read(written(planned, Method.PUBLISH, now=NOW))
    assert moment(calendar, "DTSTART") == planned.starts.moment


@pytest.mark.parametrize(
    ("zone", "local"),
    [(NEW_YORK, datetime(2027, 11, 7, 1, 30)), (OSLO, datetime(2027, 10, 31, 2, 30))],
)
def test_both_times_of_an_hour_that_comes_twice_are_told_apart(zone, local):
    first, second = (
        moment(read(written(entry(local, zone, second=which), Method.REQUEST, now=NOW)), "DTSTART")
        for which in (False, True)
    )
    assert second - first == timedelta(hours=1)


def test_a_time_has_its_zone_and_not_only_its_moment():
    calendar = read(written(entry(datetime(2027, 1, 12, 14), NEW_YORK), Method.REQUEST, now=NOW))
    (event,) = calendar.inside("VEVENT")
    assert event.one("DTSTART") == ({"TZID": NEW_YORK}, "20270112T140000")


def test_an_invitation_names_one_person_and_who_invites():
    content = written(
        entry(datetime(2027, 1, 12, 14), NEW_YORK, sequence=3),
        Method.REQUEST,
        now=NOW,
        attendee=("Ann Lee; of Apex", "ann@apex.example"),
    )
    calendar = read(content)
    (event,) = calendar.inside("VEVENT")
    assert calendar.one("METHOD")[1] == "REQUEST"
    assert event.one("UID")[1] == "a-meeting@crm.example"
    assert event.one("SEQUENCE")[1] == "3"
    assert event.one("STATUS")[1] == "CONFIRMED"
    assert event.one("ORGANIZER") == (
        {"CN": "Manufacturing@MIT"},
        "mailto:connect@mfg.mit.edu",
    )
    assert [value for _, value in event.all("ATTENDEE")] == ["mailto:ann@apex.example"]
    assert event.one("DESCRIPTION")[1] == "1. Welcome\\n2. Money\\; time\\, and all"


def test_a_cancellation_says_so_of_the_same_meeting():
    planned = entry(datetime(2027, 1, 12, 14), NEW_YORK, sequence=4)
    calendar = read(written(planned, Method.CANCEL, now=NOW, attendee=("A", "a@apex.example")))
    (event,) = calendar.inside("VEVENT")
    assert calendar.one("METHOD")[1] == "CANCEL"
    assert event.one("STATUS")[1] == "CANCELLED"
    assert (event.one("UID")[1], event.one("SEQUENCE")[1]) == ("a-meeting@crm.example", "4")
