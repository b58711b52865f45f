"""Days of the demo are told from today: -30 is a month ago."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm.kit.periods import months_after

SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    now: datetime
    today: date
    zone: ZoneInfo

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def workday(self, offset: int) -> date:
        """What fell on a weekend was done the Friday before; what is ahead waits for Monday."""
        day = self.day(offset)
        over = day.weekday() - SATURDAY
        if over < 0 or offset == 0:
            return day
        return day + timedelta(days=2 - over) if offset > 0 else day - timedelta(days=1 + over)

    def month(self, months: int) -> date:
        """The first of a month, so many months from today's."""
        return months_after(self.today.replace(day=1), months)

    def moment(self, day: date, minutes: int) -> datetime:
        """So many minutes after nine in the morning of a day; nothing happens later than now."""
        opening = datetime.combine(day, time(9), tzinfo=self.zone)
        return min(opening + timedelta(minutes=minutes), self.now)


def years_before(day: date, years: int) -> date:
    """The start of which `day` is the anniversary (29 February counts as 1 March)."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)
