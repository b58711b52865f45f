"""The council's meetings: planned, invited to, held, minuted; the next one lies ahead.

In a story: `on` (days from today), `title`, `place`, `from` and `to` (hours); `agenda` (title,
and presenter, minutes, text); and once it was held `excused`, `absent` and `covered` (companies
whose alternate came instead), `guests`, `minutes` (Markdown), `decisions`, `actions` (title,
owner, due, and done).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import partial

from crm.activities import operations as activities
from crm.activities.models import Task
from crm.activities.operations import NewTask
from crm.council import attending, inviting, minuting, planning
from crm.council import meeting_queries as queries
from crm.council.attending import Mark
from crm.council.meeting_models import Attendee, Meeting
from crm.council.meeting_rules import Answer, Presence
from crm.council.participants import Part
from crm.council.planning import NewItem, NewMeeting
from crm.council.queries import get_council
from crm.stewardship.demo.chronicle import Chronicle, Moment
from crm.stewardship.demo.inquiries import Desk
from crm.stewardship.demo.stories import Facts

PLANNED_BEFORE, INVITED_BEFORE = timedelta(days=56), timedelta(days=42)
MINUTED_AFTER, APPROVED_AFTER = timedelta(days=3), timedelta(days=12)
PLANNED, INVITED, HELD, MINUTED, APPROVED = 20, 25, 520, 60, 80


class MeetingStory:
    def __init__(self, chronicle: Chronicle, desk: Desk, told: Facts) -> None:
        self._chronicle, self._session = chronicle, chronicle.session
        self._desk, self._told = desk, told
        self._meeting_id = 0

    def gather(self) -> None:
        calendar, add = self._chronicle.calendar, self._chronicle.add
        on = calendar.workday(self._told["on"])
        add(on - PLANNED_BEFORE, PLANNED, "staff", self._plan)
        add(on - INVITED_BEFORE, INVITED, "staff", self._invite)
        if on < calendar.today:
            add(on, HELD, "staff", self._hold)
            add(on + MINUTED_AFTER, MINUTED, "staff", self._minute)
            add(on + APPROVED_AFTER, APPROVED, "director", self._approve)

    def _plan(self, moment: Moment) -> None:
        calendar, told = self._chronicle.calendar, self._told
        on = calendar.workday(told["on"])
        draft = NewMeeting(
            title=told["title"],
            starts_local=datetime.combine(on, time(told["from"])),
            ends_local=datetime.combine(on, time(told["to"])),
            zone=calendar.zone.key,
            place=told["place"],
            link=told.get("link"),
        )
        body = get_council(self._session)
        meeting = planning.plan(self._session, body, draft, by=moment.by, now=moment.now)
        self._meeting_id = meeting.id
        for item in told["agenda"]:
            planning.add_item(self._session, meeting, NewItem(**item))

    def _invite(self, moment: Moment) -> None:
        meeting = self._meeting()
        if inviting.outgoing(self._session, meeting):
            inviting.release(self._session, meeting, by=moment.by, now=moment.now)
            self._desk.deliver(moment)
        accepted = {
            one.id: Mark(Answer.ACCEPTED, None)
            for one in queries.attendees_of(self._session, meeting.id)
            if one.part is not Part.ALTERNATE and _company(one) in self._told.get("accepted", ())
        }
        self._record(meeting, accepted, moment)

    def _hold(self, moment: Moment) -> None:
        """Who has a part on the day is marked, also who was named after the letters went out."""
        meeting = self._meeting()
        attending.gather(self._session, meeting)
        for name in self._told.get("guests", ()):
            attending.add_guest(self._session, meeting, name)
        people = queries.attendees_of(self._session, meeting.id)
        self._record(meeting, {one.id: self._mark(one) for one in people}, moment)

    def _mark(self, one: Attendee) -> Mark:
        company = _company(one)
        if one.part is Part.ALTERNATE:
            came = company in self._told.get("covered", ())
            return Mark(one.answer, Presence.PRESENT if came else None)
        if company in self._told.get("absent", ()):
            return Mark(one.answer, Presence.ABSENT)
        if company in {*self._told.get("excused", ()), *self._told.get("covered", ())}:
            return Mark(Answer.DECLINED, Presence.EXCUSED)
        return Mark(Answer.ACCEPTED if one.part is not None else None, Presence.PRESENT)

    def _record(self, meeting: Meeting, marks: dict[int, Mark], moment: Moment) -> None:
        attending.record(
            self._session, meeting, marks,
            version=meeting.version, now=moment.now, today=moment.today,
        )  # fmt: skip

    def _minute(self, moment: Moment) -> None:
        meeting, by, now = self._meeting(), moment.by, moment.now
        minuting.write(self._session, meeting, self._told["minutes"], version=0, by=by, now=now)
        for text in self._told.get("decisions", ()):
            minuting.decide(self._session, meeting, text, by=by, now=now)
        for told in self._told.get("actions", ()):
            self._take_on(meeting, told, moment)

    def _take_on(self, meeting: Meeting, told: Facts, moment: Moment) -> None:
        calendar = self._chronicle.calendar
        draft = NewTask(
            title=told["title"],
            due_on=calendar.workday(told["due"]),
            owner_id=self._chronicle.actor(told["owner"]).id,
            note=f"{meeting.body.name}, {meeting.title}",
        )
        item = minuting.take_on(self._session, meeting, draft, by=moment.by, now=moment.now)
        if "done" in told:
            done = partial(self._complete, item.task_id)
            self._chronicle.add(calendar.workday(told["done"]), HELD, told["owner"], done)

    def _complete(self, task_id: int, moment: Moment) -> None:
        activities.complete(self._session, self._session.get_one(Task, task_id), on=moment.today)

    def _approve(self, moment: Moment) -> None:
        minuting.approve(
            self._session, self._meeting(),
            version=1, without_unmarked=True, by=moment.by, now=moment.now, today=moment.today,
        )  # fmt: skip

    def _meeting(self) -> Meeting:
        return queries.get(self._session, self._meeting_id)


def _company(one: Attendee) -> str:
    return one.company.name if one.company is not None else ""
