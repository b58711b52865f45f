"""What a meeting said, decided and gave somebody to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.activities import operations as activities
from crm.activities.operations import NewTask
from crm.council import meeting_queries as queries
from crm.council import meeting_rules as rules
from crm.council.meeting_models import ActionItem, Decision, Meeting, Minutes
from crm.council.models import Body
from crm.council.planning import refuse_over
from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken, Stale


class NotYetHeld(RuleBroken):
    """Minutes tell of a meeting that took place."""


class NothingToApprove(RuleBroken):
    """Minutes are written, and the attendance is taken, before they are approved."""


def write(
    session: Session, meeting: Meeting, text: str, *, version: int, by: Actor, now: datetime
) -> Minutes:
    """Write the draft down. `version` is that of the draft that was seen, 0 for none.

    Raises `Stale`, with both texts, if somebody else wrote meanwhile.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    known = queries.minutes_of(session, meeting.id)
    if (0 if known is None else known.version) != version:
        theirs = "" if known is None else known.text
        raise Stale("these minutes", theirs={"Minutes": theirs}, yours={"Minutes": text})
    if known is None:
        known = Minutes(id=meeting.id, text=text, written_by_name=by.name, written_at=now)
        session.add(known)
    elif known.text != text:
        known.text, known.written_by_name, known.written_at = text, by.name, now
    session.flush()
    return known


def approve(
    session: Session,
    meeting: Meeting,
    *,
    version: int,
    without_unmarked: bool = False,
    by: Actor,
    now: datetime,
    today: date,
) -> None:
    """From now on nothing of the meeting changes: minutes, attendance, decisions.

    `version` is that of the draft that was read; `without_unmarked`: it is meant that some on the
    list are not marked. Raises `NotYetHeld`, `NothingToApprove`, `Stale`, `NotAllMarked`.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    if meeting.starts.moment > now:
        raise NotYetHeld("This meeting has not taken place yet.")
    known = queries.minutes_of(session, meeting.id)
    if known is None:
        raise NothingToApprove("There are no minutes yet. Write them first.")
    if known.version != version:
        raise Stale("these minutes", theirs={"Minutes": known.text}, yours={})
    counts = queries.attendance_of(session, [meeting.id])
    _, all_, unmarked = counts.get(meeting.id, (0, 0, 0))
    if unmarked == all_:
        raise NothingToApprove("Take the attendance first: it is fixed with the minutes.")
    rules.check_marked(unmarked, meant=without_unmarked)
    known.approved_on, known.approved_by_name = today, by.name
    session.flush()
    _note(session, "minutes approved", meeting, by=by, now=now)


def decide(session: Session, meeting: Meeting, text: str, *, by: Actor, now: datetime) -> Decision:
    """Write a decision down, with the next number of the body and the meeting's year."""
    lock(session, meeting)
    refuse_over(session, meeting)
    year = meeting.on.year
    decision = Decision(
        meeting_id=meeting.id,
        body_id=meeting.body_id,
        year=year,
        number=rules.next_number(_numbers(session, meeting.body_id, year)),
        text=text,
    )
    session.add(decision)
    session.flush()
    _note(session, "decided", meeting, label=decision.label, by=by, now=now)
    return decision


def correct_decision(
    session: Session, meeting: Meeting, decision: Decision, text: str, *, version: int
) -> None:
    """Raises `Stale` if somebody else changed it since `version` was read."""
    lock(session, meeting)
    refuse_over(session, meeting)
    lock(session, decision)
    if decision.version != version:
        raise Stale("this decision", theirs={"Text": decision.text}, yours={"Text": text})
    decision.text = text
    session.flush()


def take_back(
    session: Session, meeting: Meeting, decision: Decision, *, by: Actor, now: datetime
) -> None:
    """It was written down by mistake. Raises `NotTheLatest`: numbers have no gap."""
    lock(session, meeting)
    refuse_over(session, meeting)
    lock(session, decision)
    taken = _numbers(session, decision.body_id, decision.year)
    rules.check_latest(decision.number, taken)
    _note(session, "decision taken back", meeting, label=decision.label, by=by, now=now)
    session.delete(decision)
    session.flush()


def take_on(
    session: Session,
    meeting: Meeting,
    draft: NewTask,
    *,
    responsible_id: int | None = None,
    by: Actor,
    now: datetime,
) -> ActionItem:
    """Somebody is to do something by a day: a task, which says whether it is done.

    A task needs an account. Of who has none, `responsible_id` on the meeting's list, the draft's
    owner keeps it for them: its title says for whom.
    """
    lock(session, meeting)
    refuse_over(session, meeting)
    if responsible_id is not None:
        responsible = queries.get_attendee(session, responsible_id)
        if responsible.meeting_id != meeting.id:
            raise NotFound("There is nobody like that on the list.")
        draft = replace(draft, title=rules.on_behalf(draft.title, responsible.name))
    task = activities.add_task(session, draft, by=by, now=now)
    item = ActionItem(meeting_id=meeting.id, task_id=task.id)
    session.add(item)
    session.flush()
    return item


def _numbers(session: Session, body_id: int, year: int) -> list[int]:
    """The numbers that a body has given in a year. Whoever decides next waits."""
    session.execute(select(Body.id).where(Body.id == body_id).with_for_update())
    taken = select(Decision.number).where(Decision.body_id == body_id, Decision.year == year)
    return list(session.scalars(taken))


def _note(
    session: Session, act: str, meeting: Meeting, *, label: str = "", by: Actor, now: datetime
) -> None:
    journal.note(
        session,
        act,
        kind="meeting",
        record_id=meeting.id,
        label=label or meeting.title,
        parent=("body", meeting.body_id),
        by=by,
        now=now,
    )
