from __future__ import annotations

from datetime import date, timedelta

import pytest

from crm.activities import operations
from crm.activities.operations import NewClearance, NewTask, NewTouch, NotYet, TaskOver, WrongOrder
from crm.activities.rules import TouchKind
from crm.kit.errors import NotFound, Stale
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory, PersonFactory


def call(company, **more):
    told = {"kind": TouchKind.CALL, "on": TODAY, "text": "25 min: likes the lean group"}
    return NewTouch(company_id=company.id, **{**told, **more})


def test_a_contact_names_who_took_part_and_moves_the_last_contact(session, sam):
    company, person = CompanyFactory(), PersonFactory()
    draft = call(company, person_ids=(person.id, person.id))
    touch = operations.log_touch(session, draft, by=sam.actor, now=NOW)
    session.commit()
    session.refresh(touch, ["people"])
    assert touch.people == [person]
    assert touch.by_id == sam.user_id
    assert (company.last_touch_on, company.version) == (TODAY, 1)


def test_lists_do_not_tell_of_confidential_or_struck_out_contacts(session, sam):
    company = CompanyFactory()
    old = call(company, on=date(2026, 1, 5))
    first = operations.log_touch(session, old, by=sam.actor, now=NOW)
    operations.log_touch(session, call(company, confidential=True), by=sam.actor, now=NOW)
    session.commit()
    assert company.last_touch_on == date(2026, 1, 5)
    operations.strike_out(session, first, by=sam.actor, now=NOW)
    session.commit()
    assert company.last_touch_on is None


def test_what_is_to_come_is_no_contact_report(session, sam):
    with pytest.raises(NotYet):
        operations.log_touch(
            session, call(CompanyFactory(), on=TODAY + timedelta(days=3)), by=sam.actor, now=NOW
        )


def test_people_who_are_not_on_record_took_no_part(session, sam):
    with pytest.raises(NotFound):
        operations.log_touch(
            session, call(CompanyFactory(), person_ids=(999_999,)), by=sam.actor, now=NOW
        )


def test_a_correction_of_an_older_version_is_refused(session, sam):
    company = CompanyFactory()
    touch = operations.log_touch(session, call(company), by=sam.actor, now=NOW)
    operations.correct_touch(session, touch, call(company, text="One"), version=1, now=NOW)
    with pytest.raises(Stale):
        operations.correct_touch(session, touch, call(company, text="Two"), version=1, now=NOW)


def test_others_who_took_part_make_another_version(session, sam):
    company, person = CompanyFactory(), PersonFactory()
    touch = operations.log_touch(session, call(company), by=sam.actor, now=NOW)
    met = call(company, person_ids=(person.id,))
    operations.correct_touch(session, touch, met, version=1, now=NOW)
    with pytest.raises(Stale):
        operations.correct_touch(session, touch, call(company), version=1, now=NOW)
    operations.correct_touch(session, touch, met, version=2, now=NOW)
    assert touch.version == 2


def test_a_task_goes_from_open_to_done_and_back(session, sam, dana):
    task = operations.add_task(
        session, NewTask(title="Send the terms", due_on=TODAY), by=sam.actor, now=NOW
    )
    assert task.owner_id == sam.user_id
    operations.complete(session, task, on=TODAY)
    with pytest.raises(TaskOver):
        operations.reassign(session, task, owner_id=dana.user_id)
    operations.reopen(session, task)
    operations.reassign(session, task, owner_id=dana.user_id)
    operations.drop(session, task, on=TODAY)
    with pytest.raises(TaskOver):
        operations.complete(session, task, on=TODAY)


def test_a_clearance_ends_after_it_begins(session):
    company = CompanyFactory()
    draft = NewClearance(
        company_id=company.id,
        granted_by="Corporate relations",
        purpose="Alliance",
        starts_on=TODAY,
        ends_before=TODAY,
    )
    with pytest.raises(WrongOrder):
        operations.note_clearance(session, draft, now=NOW)
