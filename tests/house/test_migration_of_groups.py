"""What migration 0018 makes of rows that a race or an earlier close has left behind."""

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
from tests.factories.ballots import BallotFactory, seated
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
        upgrade()
        with db.engine.connect() as connection:
            places = connection.execute(text("SELECT ends_before, end_reason FROM place")).all()
            closed = text("SELECT retired_on FROM body WHERE id = :id")
            assert str(connection.scalar(closed, {"id": group_id})) == str(TODAY)
            assert connection.scalar(text("SELECT user_id FROM elector")) == user_id
        assert {(str(ends), reason) for ends, reason in places} == {
            (str(TODAY), "The group is closed"), (str(EARLIER), "New job"),
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


def _filled() -> tuple[int, int]:
    """A group with places now, ahead and before; a ballot whose elector has an account."""
    with writing(), Session(db.engine) as session:
        base.SESSION.set(session)
        group = WorkingGroupFactory()
        PlaceFactory(group=group, university=True)
        PlaceFactory(group=group, university=True, starts_on=LATER)
        PlaceFactory(group=group, university=True, ends_before=EARLIER, end_reason="New job")
        fay = UserAccount(email="fay@cast.example", name="Fay Lindqvist", created_at=NOW)
        session.add(fay)
        session.flush()
        seated("Acme").person.user_id = fay.id
        session.flush()
        BallotFactory(opened=True)
        made = group.id, fay.id
        session.commit()
        return made
