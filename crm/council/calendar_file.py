"""A meeting as calendars read it (RFC 5545, RFC 5546)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from crm.council.meeting_rules import WallTime

if TYPE_CHECKING:
    from icalendar import Event, Timezone, vCalAddress

MEDIA_TYPE = "text/calendar; charset=utf-8; method={method}"
PRODUCT = "-//Alliance CRM//Meetings//EN"
YEARS = 1
"""How far before and after a meeting the clock changes of its zone are told."""


class Method(StrEnum):
    PUBLISH = "PUBLISH"
    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a calendar is told of a meeting. `organizer`: name and address."""

    uid: str
    sequence: int
    title: str
    starts: WallTime
    ends: WallTime
    place: str
    link: str
    text: str
    organizer: tuple[str, str]


@dataclass(frozen=True)
class Offset:
    """The clock from a moment on: how far from UTC, and how far before."""

    at: datetime
    before: timedelta
    after: timedelta
    name: str
    summer: bool


def written(
    entry: Entry, method: Method, *, now: datetime, attendee: tuple[str, str] | None = None
) -> bytes:
    """The file. `attendee`: name and address of the one it goes to; nobody sees the others."""
    # Here and below: seven megabytes that no page carries unless it writes a calendar file.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method.value)
    for zone in dict.fromkeys((entry.starts.zone, entry.ends.zone)):
        if zone != "UTC":
            calendar.add_component(_zone(zone, entry.starts.local))
    calendar.add_component(_event(entry, method, now, attendee))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: Entry, method: Method, now: datetime, attendee: tuple[str, str] | None) -> Event:
    from icalendar import Event, vText

    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", _told(entry.starts))
    event.add("dtend", _told(entry.ends))
    event.add("summary", entry.title)
    event.add("status", "CANCELLED" if method is Method.CANCEL else "CONFIRMED")
    for name, value in (
        ("location", entry.place),
        ("url", entry.link),
        ("description", entry.text),
    ):
        if value:
            event.add(name, value)
    if entry.organizer[1]:
        event.add("organizer", _address(*entry.organizer))
    if attendee is not None:
        address = _address(*attendee)
        address.params["ROLE"] = vText("REQ-PARTICIPANT")
        address.params["PARTSTAT"] = vText("NEEDS-ACTION")
        address.params["RSVP"] = vText("TRUE")
        event.add("attendee", address)
    return event


def _told(time: WallTime) -> datetime:
    """A time that comes twice and of which the second is meant has no other name than UTC's."""
    return time.moment if time.second else time.aware


def _address(name: str, email: str) -> vCalAddress:
    from icalendar import vCalAddress, vText

    address = vCalAddress(f"mailto:{email}")
    address.params["CN"] = vText(name)
    return address


def _zone(zone: str, around: datetime) -> Timezone:
    """The zone as its clock changes about the meeting's day: each onset in the time before it.

    The library's own `from_tzid` tells the onset in spring in the time after it, an hour late.
    """
    from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

    component = Timezone()
    component.add("tzid", zone)
    for offset in offsets(zone, around):
        part = TimezoneDaylight() if offset.summer else TimezoneStandard()
        part.add("dtstart", (offset.at + offset.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", offset.before)
        part.add("tzoffsetto", offset.after)
        part.add("tzname", offset.name)
        component.add_component(part)
    return component


def offsets(zone: str, around: datetime) -> list[Offset]:
    """How the zone's clock stood a year before a day, and each change until a year after it."""
    place = ZoneInfo(zone)
    at = datetime(around.year - YEARS, 1, 1, tzinfo=UTC)
    until = datetime(around.year + YEARS + 1, 1, 1, tzinfo=UTC)
    found = [_offset(place, at, _shift(place, at))]
    while at < until:
        later = at + timedelta(days=1)
        if _shift(place, later) != _shift(place, at):
            found.append(_offset(place, _change(place, at, later), _shift(place, at)))
        at = later
    return found


def _offset(place: ZoneInfo, at: datetime, before: timedelta) -> Offset:
    local = at.astimezone(place)
    return Offset(at, before, _shift(place, at), local.tzname() or "", bool(local.dst()))


def _change(place: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The moment, to the second, at which the clock is put forward or back."""
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if _shift(place, middle) == _shift(place, before):
            before = middle
        else:
            after = middle
    return after


def _shift(place: ZoneInfo, at: datetime) -> timedelta:
    shift = at.astimezone(place).utcoffset()
    assert shift is not None  # it has a zone
    return shift
