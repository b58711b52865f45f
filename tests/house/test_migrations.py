"""Migrations: one head, in step with the models, up and down and up with rows in the tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.app import create_app
from crm.journal import operations as journal
from crm.journal.models import JournalEntry
from crm.kit.actors import SYSTEM
from crm.memberships.models import Amendment, YearFee
from crm.projects.people_models import ProjectCompany
from crm.schema import metadata
from crm.web.database import db, writing
from tests.conftest import NOW, TODAY, settings
from tests.factories import base
from tests.factories.companies import AffiliationFactory, CompanyFactory
from tests.factories.council import HoldingFactory
from tests.factories.meetings import AttendeeFactory, MeetingFactory, member
from tests.factories.memberships import MembershipFactory
from tests.factories.projects import THEN, ProjectFactory, TieFactory
from tests.factories.workspaces import AreaFactory, ConvenedFactory, PartnershipFactory


@pytest.fixture
def filled(prepare, empty_database: str, tmp_path) -> Iterator[None]:
    """Within the app, on a database of its own with what every one holds."""
    prepare(empty_database)
    with create_app(settings(empty_database, tmp_path)).app_context():
        yield
        db.engine.dispose()


@contextmanager
def rows() -> Iterator[Session]:
    """A session for factories; committed at the end."""
    with writing(), Session(db.engine) as session:
        base.SESSION.set(session)
        yield session
        session.commit()


def test_they_lead_to_the_models_and_back(empty_database: str, tmp_path) -> None:
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        upgrade()
        check()
        downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) <= {"alembic_version"}
        upgrade()
        check()
        assert set(metadata.tables) <= set(inspect(db.engine).get_table_names())
        db.engine.dispose()


def test_a_filled_database_goes_down_and_up_again(filled) -> None:
    with db.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM stage"))
    _amend()
    downgrade(revision="0008")
    with db.engine.connect() as connection:
        fees = connection.execute(text("SELECT fee_minor FROM amendment ORDER BY id"))
        assert list(fees.scalars()) == [200, 70, 70]
        checks = {check["name"] for check in inspect(db.engine).get_check_constraints("amendment")}
        assert {"ck_amendment_fee", "ck_amendment_reason_not_blank"} <= checks
    upgrade(revision="0009")
    with (
        pytest.raises(IntegrityError, match="amendment_is_for_good"),
        writing(),
        db.engine.begin() as connection,
    ):
        connection.execute(text("UPDATE amendment SET fee_minor = 1"))
    downgrade(revision="base")
    upgrade()
    left = MetaData()
    left.reflect(db.engine)
    assert set(metadata.tables) <= set(left.tables)


def test_holdings_without_a_day_go_and_handovers_are_found(filled) -> None:
    with rows() as session:
        turn = date(2026, 3, 1)
        old = HoldingFactory(ends_before=turn)
        new = HoldingFactory(seat=old.seat, starts_on=turn)
        HoldingFactory(ends_before=turn)
        ids = {"old": old.id, "new": new.id, "seat": old.seat_id, "who": old.person_id}
        session.add(
            JournalEntry(
                at=NOW, actor_name="Dana", act="handed over as representative",
                kind="holding", record_id=new.id, changes={},
            )
        )  # fmt: skip
    downgrade(revision="0016")
    with writing(), db.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO holding (id, seat_id, person_id, role, starts_on, ends_before,"
                " created_at) VALUES (99, :seat, :who, 'representative', '2026-02-01',"
                " '2026-02-01', '2026-02-01')"
            ),
            ids,
        )
        for letter, holding in ((1, ids["old"]), (2, 99)):
            connection.execute(
                text(
                    "INSERT INTO seat_letter (id, holding_id, kind, drafted_at) "
                    "VALUES (:id, :holding, 'handover', '2026-02-01')"
                ),
                {"id": letter, "holding": holding},
            )
    upgrade(revision="0017")
    with db.engine.connect() as connection:
        handed = text("SELECT id, closed_id FROM holding WHERE closed_id IS NOT NULL")
        assert connection.execute(handed).all() == [(ids["new"], ids["old"])]
        letters = text("SELECT id, seat_id, person_id FROM seat_letter")
        assert connection.execute(letters).all() == [(1, ids["seat"], ids["who"])]
        assert connection.scalar(text("SELECT count(*) FROM holding")) == 3
    for revision in ("0017", "head"):
        upgrade(revision=revision)
        with (
            pytest.raises(IntegrityError, match="ex_holding_one_"),
            writing(),
            db.engine.begin() as connection,
        ):
            connection.execute(text("UPDATE holding SET ends_before = NULL"))


def test_families_and_seats_of_before_are_kept(filled) -> None:
    with rows():
        parent, seat, [held] = member("Alba")
        child = CompanyFactory(name="Castings", parent=parent)
        meeting = MeetingFactory(held=True)
        for person in (held, AffiliationFactory(company=parent).person):
            AttendeeFactory(meeting_id=meeting.id, person=person, company_id=parent.id)
        AttendeeFactory(meeting_id=meeting.id, company_id=child.id)
        ids = (child.id, parent.id)
        seats = [seat.id, seat.id, None]
    downgrade(revision="0016")
    upgrade()
    with db.engine.connect() as connection:
        told = "SELECT company_id, parent_id, starts_on, ends_before FROM company_parent"
        assert [tuple(row) for row in connection.execute(text(told))] == [(*ids, None, None)]
        given = connection.execute(text("SELECT seat_id FROM attendee ORDER BY id"))
        assert list(given.scalars()) == seats


def test_companies_have_been_in_projects_since_that_was_journalled(filled) -> None:
    with rows() as session:
        known, never = (TieFactory(project_id=ProjectFactory().id).id for _ in range(2))
        for at in (NOW - timedelta(days=30), NOW):  # SQLite gives a number that is free again
            journal.note(
                session, "created", kind="project_company", record_id=known, by=SYSTEM, now=at
            )
    downgrade(revision="0029")
    upgrade()
    with db.engine.connect() as connection:
        since = connection.execute(select(ProjectCompany.id, ProjectCompany.starts_on))
        assert dict(since.all()) == {known: NOW.date(), never: THEN.date()}


def test_an_area_keeps_the_faculty_of_its_own_partnership(filled) -> None:
    with rows():
        one, other = (PartnershipFactory(screened=False).id for _ in range(2))
        area = AreaFactory(partnership_id=one).id
        own, stranger = (ConvenedFactory(partnership_id=id_).id for id_ in (one, other))
    name = "INSERT INTO area_faculty (area_id, convened_id"
    downgrade(revision="0029")
    with writing(), db.engine.begin() as connection:
        for id_ in (own, stranger):
            connection.execute(text(f"{name}) VALUES ({area}, {id_})"))
    upgrade()
    with db.engine.connect() as connection:
        named = connection.execute(
            text("SELECT area_id, convened_id, partnership_id FROM area_faculty")
        )
        assert named.all() == [(area, own, one)]
    for partnership in (one, other):
        with pytest.raises(IntegrityError), writing(), db.engine.begin() as connection:
            connection.execute(
                text(f"{name}, partnership_id) VALUES ({area}, {stranger}, {partnership})")
            )


def _amend() -> None:
    """A term whose fee rises, amended in its second year: the tier alone, the fee, the tier."""
    with rows() as session:
        term = MembershipFactory(unsigned=True, starts_on=date(2024, 2, 29), fee_minor=100)
        for year in (1, 2, 3):
            session.add(YearFee(membership_id=term.id, year=year, fee_minor=100 * year))
        session.flush()
        term.company_signed_on = term.programme_signed_on = date(2024, 1, 20)
        for fee in (None, 70, None):
            session.add(
                Amendment(
                    membership_id=term.id, from_on=date(2025, 3, 1), tier_id=term.tier_id,
                    fee_minor=fee, reason="Asked for it", amended_on=TODAY, by_name="Dana",
                )
            )  # fmt: skip
            session.flush()
