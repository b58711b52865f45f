from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from crm.accounts.models import UserAccount
from crm.activities.models import Task, Touch
from crm.benefits import queries as benefits
from crm.benefits.models import BenefitUse
from crm.companies.models import Affiliation, Company
from crm.council import attendance, place_queries
from crm.council import ballot_queries as ballots
from crm.council import meeting_queries as meetings
from crm.council import queries as council
from crm.council.ballot_models import Ballot
from crm.council.ballot_queries import BallotSearch
from crm.council.models import Body, Nomination, SeatLetter
from crm.council.roster import roster_on, titled_on
from crm.council.rules import Vacancy
from crm.documents.store import store_at
from crm.invoices.instalment_models import Instalment
from crm.journal import operations as journal
from crm.journal.models import JournalEntry
from crm.kit.actors import SYSTEM
from crm.kit.db import Base
from crm.mail.models import OutgoingMail
from crm.memberships import agreements
from crm.memberships import queries as memberships
from crm.memberships.models import Membership
from crm.partnerships import queries as contributions
from crm.partnerships.facility_queries import FacilitySearch
from crm.partnerships.models import ThanksLetter
from crm.partnerships.queries import ContributionSearch
from crm.partnerships.rules import Stage as ContributionStage
from crm.people.models import Person
from crm.pipeline.models import Inquiry, Mode, Opportunity, Stage, StageChange
from crm.pipeline.rules import Move
from crm.programme import operations as programme
from crm.programme.models import Programme
from crm.projects import queries as projects
from crm.projects.models import Project, ProjectMilestone, ProjectStage
from crm.projects.people_models import ProjectCompany, ProjectSeats
from crm.projects.rules import is_one_companys_own
from crm.retention.models import Goal, RenewalPlan, Review
from crm.stewardship.demo import operations, removal, stories
from crm.stewardship.demo.calendar import Calendar, years_before
from crm.working_groups import rules as group_rules
from crm.working_groups.models import Deliverable, GroupAsking, WorkingGroup
from crm.working_groups.queries import overdue
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.memberships import STORE

ZONE = ZoneInfo("America/New_York")


def load(session, now=NOW):
    operations.load(
        session,
        store_at(STORE),
        zone=ZONE,
        privacy_version="2026-09",
        contact="connect@mfg.mit.edu",
        password_hash="$argon2id$no",
        inquiry_link=lambda inquiry_id: f"https://crm.example/office/inquiries/{inquiry_id}",
        now=now,
    )
    session.commit()


def standing(session, day=TODAY):
    rows = session.execute(
        select(Company.name, memberships.status_on(day), Membership.ends_before)
        .join(Membership.company)
        .order_by(Membership.starts_on)
    )
    return {name: (status, ends_before) for name, status, ends_before in rows}


def nine_founding_members_and_one_awaiting_signature(demo):
    terms = standing(demo)
    assert Counter(status for status, _ in terms.values()) == {
        "active": 8,
        "grace": 1,
        "awaiting signature": 1,
    }
    assert terms["Tidewater Yards"][0] == "awaiting signature"
    assert terms["Brightfield Packaging"] == ("grace", TODAY - timedelta(days=19))
    assert terms["Verano Semiconductor"][1] == TODAY + timedelta(days=180)
    assert all(demo.scalars(select(Membership.founding)))


def every_term_was_drafted_released_and_signed_in_that_order(demo):
    for term in demo.scalars(select(Membership).where(Membership.programme_signed_on.is_not(None))):
        days = [term.drafted_on, term.released_on, term.company_signed_on, term.programme_signed_on]
        assert days == sorted(days)
        assert agreements.of_membership(demo, term.id)[0].signed


def members_are_looked_after(demo):
    plans = demo.scalars(select(RenewalPlan)).all()
    assert len(plans) == 7
    assert all(plan.task_id and plan.likelihood for plan in plans)
    held = select(func.count()).where(Review.held_on.is_not(None), Review.said.is_not(None))
    assert demo.scalar(held) == 10
    assert Counter(demo.scalars(select(Goal.state))) == {"open": 10, "reached": 3, "given up": 1}


def three_groups_work_and_one_deliverable_is_late(demo):
    groups = demo.scalars(select(WorkingGroup)).all()
    assert len(groups) == 3
    assert {group.join_policy for group in groups} == set(group_rules.JoinPolicy)
    members = place_queries.members_on(demo, TODAY)
    assert Counter(one.role for one in members if one.role != "member") == {
        "chair": 3,
        "co-chair": 3,
    }
    assert [one.name for one in members if one.gap] == ["Gwen Tillery"]
    assert {one.stage for one in demo.scalars(select(Deliverable))} == set(group_rules.Stage)
    late = demo.scalars(select(Deliverable.title).where(overdue(TODAY))).all()
    assert late == ["A reground bearing, proved as good as new"]
    waiting = select(func.count()).where(GroupAsking.answer.is_(None))
    assert demo.scalar(waiting.select_from(GroupAsking)) == 2


def projects_run_as_the_council_ranked_them_and_a_call_is_open(demo):
    found = demo.scalars(select(Project).order_by(Project.id)).all()
    assert Counter(project.stage for project in found) == {
        "running": 2, "selected": 1, "finished": 1, "not selected": 1, "proposed": 1,
    }  # fmt: skip
    ranked = select(ProjectStage.reason).where(ProjectStage.ballot_id.is_not(None))
    assert demo.scalars(ranked.order_by(ProjectStage.id)).all() == [
        "Placed 1 of 5 by the council",
        "Placed 2 of 5 by the council",
    ]
    [course] = [project for project in found if project.seats_offered]
    taken = demo.scalar(select(func.sum(ProjectSeats.seats)))
    assert (course.kind, course.seats_offered, taken) == ("course", 24, 21)
    late = select(ProjectMilestone.title).join(ProjectMilestone.project)
    assert demo.scalars(late.where(projects.overdue(TODAY))).all() == ["Fifty castings recorded"]
    [call] = projects.open_calls(demo, TODAY)
    assert len(projects.proposals_of(demo, call.id)) == 1
    ties = defaultdict(set)
    for project_id, *tie in demo.execute(
        select(ProjectCompany.project_id, ProjectCompany.company_id, ProjectCompany.role)
    ):
        ties[project_id].add(tuple(tie))
    assert not any(is_one_companys_own(one.source, ties[one.id]) for one in found)


def two_facilities_have_what_companies_give_and_a_licence_ends(demo):
    facilities = demo.execute(FacilitySearch(day=TODAY).select()).all()
    assert {one.name: one.stage for one in facilities} == {
        "Pilot foundry": "building",
        "Teaching factory": "operation",
    }
    (due,) = demo.execute(contributions.due_soon(TODAY)).all()
    assert (due.company, due.alarm) == ("Sagamore Machine Tools", "licence ends")
    assert due.on == TODAY + timedelta(days=60)
    ledger = ContributionSearch(day=TODAY)
    stages = {row.stage for row in demo.execute(ledger.select(money=False))}
    assert stages == set(ContributionStage) - {ContributionStage.ACCEPTED}
    assert {one.basis for one in contributions.sums(demo, ledger)} > {"not countable", "appraisal"}
    waiting = select(ThanksLetter).where(
        ThanksLetter.released_at.is_(None), ThanksLetter.dropped_at.is_(None)
    )
    assert [one.kind for one in demo.scalars(waiting)] == ["acceptance"]


def one_instalment_fell_due_ninety_two_days_ago(demo):
    due = demo.scalars(
        select(Instalment.due_on)
        .join(Instalment.membership)
        .join(Membership.company)
        .where(Company.name == "Halvorsen Bearings AS")
    ).all()
    assert TODAY - timedelta(days=92) in due


def a_seat_is_vacant_because_its_holder_left(demo):
    roster = {line.company: line for line in roster_on(demo, TODAY)}
    assert roster["Casco Biologics"].vacancy is Vacancy.LEFT
    assert [name for name, line in roster.items() if line.vacancy] == ["Casco Biologics"]
    assert roster["Brightfield Packaging"].representative.name == "Walter Kiesling"
    earlier = {line.company: line for line in roster_on(demo, TODAY - timedelta(days=400))}
    assert earlier["Brightfield Packaging"].representative.name == "Priya Raman"


def a_committee_sits_and_one_proposal_is_open(demo):
    body = demo.scalars(select(Body).where(Body.key == "steering")).one()
    lines = titled_on(demo, body.id, TODAY)
    assert [line.vacancy is None for line in lines] == [True] * 7 + [False]
    chair = council.chair_on(demo, body.id, TODAY)
    assert chair.person_id == lines[0].representative.person_id
    (proposal,) = demo.scalars(select(Nomination))
    assert (proposal.decided_on, proposal.role) == (None, "representative")
    assert council.get_seat(demo, proposal.seat_id).name == "Casco Biologics"
    open_letters = select(SeatLetter.id).where(SeatLetter.dropped_at.is_(None))
    assert demo.scalars(open_letters).all() == []


def prospects_stand_in_every_stage_of_every_mode(demo):
    rows = demo.execute(
        select(Mode.key, Stage.key, Opportunity.company_id)
        .join(Opportunity.stage)
        .join(Opportunity.mode)
        .where(Opportunity.won_on.is_(None), Opportunity.lost_on.is_(None))
    ).all()
    members = set(demo.scalars(select(Membership.company_id)))
    assert {tuple(row)[:2] for row in rows} == set(
        map(tuple, demo.execute(select(Mode.key, Stage.key).join(Stage.mode)))
    )
    assert len({company for *_, company in rows} - members) >= 40
    assert demo.scalar(select(func.count()).where(Opportunity.parked_until > TODAY)) >= 1
    assert demo.scalar(select(func.count()).where(Opportunity.lost_on.is_not(None))) >= 4


def history_is_dated_and_signed_when_and_by_whom_it_happened(demo):
    moves = demo.scalars(
        select(StageChange)
        .join(StageChange.opportunity)
        .join(Opportunity.company)
        .where(Company.name == "Tidewater Yards")
        .order_by(StageChange.id)
    ).all()
    assert [change.move for change in moves] == [Move.OPENED, *[Move.MOVED] * 7, Move.WON]
    assert [change.on for change in moves] == sorted(change.on for change in moves)
    assert {change.by_name for change in moves} == {"Dana Whitlock"}
    [created] = demo.scalars(
        select(JournalEntry)
        .join(Company, Company.id == JournalEntry.record_id)
        .where(JournalEntry.kind == "company", Company.name == "Tidewater Yards")
        .where(JournalEntry.act == "created")
    )
    assert created.actor_name == "Dana Whitlock"
    assert moves[0].on - timedelta(days=3) < created.at.date() <= moves[0].on
    moments = demo.scalars(select(JournalEntry.at).order_by(JournalEntry.id)).all()
    told = [at for at in moments if at < NOW]
    assert told == sorted(told)


def nothing_happened_in_the_future_or_on_a_weekend(demo):
    days = demo.scalars(select(Touch.on)).all()
    assert max(days) <= TODAY
    assert max(day.weekday() for day in days) < 5
    assert len(days) > 150


def people_changed_jobs_and_kept_their_history(demo):
    moved = demo.scalars(
        select(Person.name)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .group_by(Person.id, Person.name)
        .having(func.count() > 1)
        .order_by(Person.name)
    ).all()
    assert moved == ["Douglas Reyes", "Elena Marsh", "Gwen Tillery", "Omar Sethi", "Priya Raman"]
    left = demo.scalar(select(func.count()).where(Affiliation.ends_before.is_not(None)))
    assert left >= 6


def tasks_are_overdue_due_today_and_ahead(demo):
    due = demo.scalars(select(Task.due_on).where(Task.done_on.is_(None))).all()
    assert min(due) < TODAY < max(due)
    assert due.count(TODAY) >= 3


def inquiries_wait_and_their_letters_do_not(demo):
    waiting = demo.scalars(select(Inquiry).where(Inquiry.outcome.is_(None))).all()
    assert len(waiting) >= 8
    assert [i.name for i in waiting if i.suspected and i.received_at > NOW - timedelta(days=2)] == [
        "Kevin"
    ]
    decided = demo.scalars(select(Inquiry.outcome).where(Inquiry.outcome.is_not(None))).all()
    assert Counter(decided) == {"accepted": 6, "answered": 1, "attached": 1, "spam": 1}
    won = demo.scalars(select(Opportunity).where(Opportunity.inquiry_id.is_not(None))).all()
    assert len(won) == 6
    vice_president, colleague = (
        next(i for i in waiting if i.name == name) for name in ("Gloria Stanhope", "Dominic Farr")
    )
    assert colleague.received_at - vice_president.received_at == timedelta(days=2)
    letters = demo.scalars(select(OutgoingMail)).all()
    assert letters
    assert all(letter.sent_at for letter in letters)


def the_council_votes(demo):
    found = demo.scalars(BallotSearch(NOW).select().with_only_columns(Ballot)).all()
    assert [ballot.status_at(NOW) for ballot in found] == ["open", "closed", "closed"]
    voters = ballots.voters_of(demo, [ballot.id for ballot in found])
    counts = [
        ballots.counted(ballot, ballots.options_of(demo, ballot.id), voters[ballot.id])
        for ballot in found
    ]
    assert [count.outcome for count in counts] == ["chosen", "carried", "chosen"]
    assert [(c.electors.number, c.cast.number, c.recused.number) for c in counts] == [
        (8, 4, 0), (8, 6, 1), (9, 8, 0),
    ]  # fmt: skip


def members_use_what_their_year_gives(demo):
    """One too many, one struck, one kept ahead; a course for which a member took too many seats."""
    companies = dict(demo.execute(select(Company.name, Company.id)).all())
    lines = {
        name: {line.key: line.tally for line in year.lines}
        for name, id_ in companies.items()
        if (year := benefits.of_company(demo, id_, TODAY).on(TODAY))
    }
    assert len(lines) == 9
    assert lines["Orrin & Vale Compressors"]["symposium"].over == 1
    assert lines["Verano Semiconductor"]["courses"].over == 2
    assert lines["Northlake Turbine Works"]["speaker-series"].ahead == 4
    assert all(told.is_unused for told in lines["Casco Biologics"].values())
    assert demo.scalar(select(func.count()).where(BenefitUse.struck_at.is_not(None))) == 1


def the_sign_ins_are_role_accounts_of_the_demo(demo):
    users = demo.scalars(select(UserAccount).order_by(UserAccount.id)).all()
    assert [user.email for user in users] == [
        f"{role}@demo.example" for role in ("director", "staff", "faculty", "reader", "admin")
    ]
    assert all(user.demo for user in users)


def test_the_demo_tells_its_stories(session):
    load(session)
    for story in (
        nine_founding_members_and_one_awaiting_signature,
        every_term_was_drafted_released_and_signed_in_that_order,
        members_are_looked_after,
        three_groups_work_and_one_deliverable_is_late,
        projects_run_as_the_council_ranked_them_and_a_call_is_open,
        members_use_what_their_year_gives,
        two_facilities_have_what_companies_give_and_a_licence_ends,
        one_instalment_fell_due_ninety_two_days_ago,
        a_seat_is_vacant_because_its_holder_left,
        a_committee_sits_and_one_proposal_is_open,
        prospects_stand_in_every_stage_of_every_mode,
        history_is_dated_and_signed_when_and_by_whom_it_happened,
        nothing_happened_in_the_future_or_on_a_weekend,
        people_changed_jobs_and_kept_their_history,
        tasks_are_overdue_due_today_and_ahead,
        inquiries_wait_and_their_letters_do_not,
        the_council_votes,
        the_council_has_met_five_times_and_meets_again,
        the_sign_ins_are_role_accounts_of_the_demo,
    ):
        story(session)


def test_it_is_not_loaded_over_records(session):
    CompanyFactory()
    with pytest.raises(operations.NotEmpty, match="empty register only"):
        load(session)


def test_every_story_of_the_files_holds_together():
    told = stories.read()
    assert len(told.companies) > 50
    for company in told.companies:
        known = {person["name"]: person for person in company["people"]}
        assert all(domain.endswith(".example") for domain in company["domains"])
        for line in company["touches"]:
            contact = stories.contact(line)
            assert company["since"] <= contact.on <= 0, line
            for name in contact.people:
                person = known[name]
                assert person["since"] <= contact.on <= person.get("until", 0), line
        for opportunity in company.get("opportunities", ()):
            assert opportunity["path"] == sorted(opportunity["path"])


def test_it_can_be_told_on_a_leap_day_near_midnight(session):
    load(session, datetime(2028, 3, 1, 4, 30, tzinfo=UTC))
    statuses = Counter(status for status, _ in standing(session, date(2028, 2, 29)).values())
    assert statuses == {"active": 8, "grace": 1, "awaiting signature": 1}


def test_weekends_are_moved_out_of():
    calendar = Calendar(now=NOW, today=TODAY, zone=ZONE)  # a Monday
    assert calendar.workday(-1) == calendar.workday(-2) == TODAY - timedelta(days=3)
    assert calendar.workday(5) == TODAY + timedelta(days=7)
    assert years_before(date(2028, 2, 29), 3) == date(2025, 3, 1)


def rows(session):
    return {
        table.name: session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }


def test_removing_it_leaves_what_was_there_before(session):
    before = rows(session)
    triggers = _triggers(session)
    load(session)
    removed = removal.remove(session)
    session.commit()
    after = rows(session)
    assert removed["company"] == len(stories.read().companies)
    assert after == before | {"journal_entry": 0}
    assert _triggers(session) == triggers
    assert session.scalars(select(Programme.demo_since)).one() is None
    assert session.scalar(select(UserAccount.id)) is None
    journal.note(session, "changed", kind="company", record_id=1, by=SYSTEM, now=NOW)
    with pytest.raises(IntegrityError, match="journal_entry_stays"):
        session.execute(text("DELETE FROM journal_entry"))
    session.rollback()


def test_a_register_that_is_meant_is_never_emptied(session):
    CompanyFactory()
    with pytest.raises(removal.NoDemo):
        removal.remove(session)
    assert session.scalar(select(func.count()).select_from(Company)) == 1


def test_what_people_of_the_office_entered_is_not_removed_unasked(session, dana):
    programme.mark_demo(session, since=NOW)
    session.info["actor"] = dana.actor
    CompanyFactory()
    session.commit()
    with pytest.raises(removal.WorkedIn, match="1 changes"):
        removal.remove(session)
    session.rollback()
    removal.remove(session, even_if_worked_in=True)
    session.commit()
    assert [user.id for user in session.scalars(select(UserAccount))] == [dana.user_id]
    assert dana.get("/office/settings").status == 200


def _triggers(session):
    if session.get_bind().dialect.name == "sqlite":
        found = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    else:
        found = "SELECT tgname, tgenabled FROM pg_trigger ORDER BY tgname, oid"
    return [tuple(row) for row in session.execute(text(found))]


def the_council_has_met_five_times_and_meets_again(session):
    held = attendance.held(session, TODAY)
    assert len(held) == 5
    assert all(meeting.on > TODAY - timedelta(days=550) for meeting in held)
    missed = attendance.missed_in_a_row(session, TODAY)
    assert max(missed.values()) == 2  # somebody has to be asked what is the matter
    body_id = held[0].body_id
    (ahead,) = meetings.upcoming(session, body_id, NOW)
    assert timedelta(days=30) < ahead.on - TODAY < timedelta(days=40)
    minuted = meetings.minuted(session, [meeting.id for meeting in held])
    assert list(minuted.values()) == [True] * 5
