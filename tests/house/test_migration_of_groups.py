"""What migrations make of places that a race or an earlier close has left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask_migrate import downgrade, upgrade
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.accounts.models import UserAccount
from crm.app import create_app
from crm.web.database import db, writing
from tests.conftest import NOW, TODAY, settings
from tests.factories import base
from tests.factories.ballots import BallotFactory, on_committee
from tests.factories.companies import AddressFactory, PersonFactory
from tests.factories.working_groups import PlaceFactory, WorkingGroupFactory

LATER, EARLIER = TODAY + timedelta(days=9), TODAY - timedelta(days=9)


def test_places_end_with_their_group_and_electors_keep_their_account(
    prepare, empty_database: str, tmp_path
) -> None:
    prepare(empty_database)
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        group_id, user_id = _filled()
        downgrade(revision="0016")
        with writing(), db.engine.begin() as connection:
            for told in ("working_group SET closed_on", "body SET retired_on"):
                connection.execute(
                    text(f"UPDATE {told} = :day WHERE id = :id"), {"day": TODAY, "id": group_id}
                )
        upgrade(revision="0018")
        with db.engine.connect() as connection:
            places = connection.execute(text("SELECT ends_before, end_reason FROM place")).all()
            closed = text("SELECT retired_on FROM body WHERE id = :id")
            assert str(connection.scalar(closed, {"id": group_id})) == str(TODAY)
            assert connection.scalar(text("SELECT user_id FROM elector")) == user_id
        assert {(str(ends), reason) for ends, reason in places} == {
            (str(TODAY), "The group is closed"), (str(EARLIER), "New job"), ("None", None),
        }  # fmt: skip
        with (
            pytest.raises(IntegrityError, match="elector_is_frozen"),
            writing(),
            db.engine.begin() as connection,
        ):
            connection.execute(text("UPDATE elector SET user_id = NULL"))
        downgrade(revision="0016")
        with db.engine.connect() as connection:
            closed = text("SELECT closed_on FROM working_group WHERE id = :id")
            assert str(connection.scalar(closed, {"id": group_id})) == str(TODAY)
        db.engine.dispose()


def test_reasons_of_what_has_not_ended_go_and_what_is_refused_stays_so(
    prepare, empty_database: str, tmp_path
) -> None:
    prepare(empty_database)
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        _filled()
        before = _refusals()
        downgrade(revision="0021")
        with writing(), db.engine.begin() as connection:
            connection.execute(
                text("UPDATE place SET end_reason = :why WHERE ends_before IS NULL"),
                {"why": "The group is closed"},
            )
        upgrade()
        with db.engine.connect() as connection:
            places = connection.execute(text("SELECT ends_before, end_reason FROM place")).all()
        assert {(ends is None, reason) for ends, reason in places} == {
            (True, None), (False, "New job"),
        }  # fmt: skip
        assert _refusals() == before
        for told, name in (
            ("end_reason = 'x' WHERE ends_before IS NULL", "ck_place_reason_of_an_end"),
            ("role = 'chair'", "ex_place_one_chair"),
            (f"starts_on = '{EARLIER}', ends_before = NULL, end_reason = NULL", "ex_place_one_a"),
        ):
            with (
                pytest.raises(IntegrityError, match=name),
                writing(),
                db.engine.begin() as connection,
            ):
                connection.execute(
                    text(f"UPDATE place SET person_id = (SELECT min(person_id) FROM place), {told}")
                    if name == "ex_place_one_a"
                    else text(f"UPDATE place SET {told}")
                )
        db.engine.dispose()


def _refusals() -> set[tuple[str, str]]:
    """What hangs on the tables: name and table."""
    asked = {
        "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname, tgrelid::regclass::text FROM pg_trigger"
        " WHERE NOT tgisinternal",
    }
    with db.engine.connect() as connection:
        found = connection.execute(text(asked[db.engine.dialect.name])).all()
    return {(name, table) for name, table in found}


def _filled() -> tuple[int, int]:
    """A group with places now, ahead and before; a ballot whose elector has an account."""
    with writing(), Session(db.engine) as session:
        base.SESSION.set(session)
        group = WorkingGroupFactory()
        PlaceFactory(group=group, university=True)
        PlaceFactory(group=group, university=True, starts_on=LATER)
        PlaceFactory(group=group, university=True, ends_before=EARLIER, end_reason="New job")
        PlaceFactory(group=WorkingGroupFactory(), university=True)
        fay = UserAccount(email="fay@cast.example", name="Fay Lindqvist", created_at=NOW)
        session.add(fay)
        session.flush()
        person = PersonFactory(user_id=fay.id)
        AddressFactory(person=person)
        BallotFactory(opened=True, body=on_committee(person))
        made = group.id, fay.id
        session.commit()
        return made
