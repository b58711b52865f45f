"""What migration 0021 indexes of the meetings and ballots that stand already."""

from __future__ import annotations

from flask_migrate import downgrade, upgrade
from sqlalchemy.orm import Session

from crm.app import create_app
from crm.search.queries import find
from crm.search.rules import Kind
from crm.web.database import db, writing
from tests.conftest import settings
from tests.factories import base
from tests.factories.ballots import BallotFactory
from tests.factories.meetings import MeetingFactory

SCOPES = {Kind.MEETING: None, Kind.BALLOT: None}


def test_what_stands_already_is_found(prepare, empty_database: str, tmp_path) -> None:
    prepare(empty_database)
    app = create_app(settings(empty_database, tmp_path))
    with app.app_context():
        with writing(), Session(db.engine) as session:
            base.SESSION.set(session)
            MeetingFactory(title="Réunion d’été")
            BallotFactory(title="Which réunion?")
            session.commit()
        downgrade(revision="0020")
        assert _found("reunion") == []
        upgrade()
        assert _found("reunion ete") == ["Réunion d’été"]
        assert _found("leadership reunion") == ["Réunion d’été", "Which réunion?"]
        db.engine.dispose()


def _found(text: str) -> list[str]:
    with Session(db.engine) as session:
        found, _ = find(session, text, scopes=SCOPES)
        return sorted(one.title for one in found)
