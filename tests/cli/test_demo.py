from __future__ import annotations

from sqlalchemy import select

from crm.accounts.models import UserAccount
from crm.accounts.passwords import matches
from crm.cli.demo import demo_password


def run(app, session, *arguments):
    session.rollback()
    return app.test_cli_runner().invoke(args=["demo", *arguments])


def test_loading_names_the_sign_ins_and_removing_what_went(app, session, monkeypatch):
    monkeypatch.setitem(app.config, "DEMO_PASSWORD", "plain for a demo")
    loaded = run(app, session, "load")
    assert loaded.exit_code == 0, loaded.output
    assert "director@demo.example" in loaded.stdout
    assert "with the password plain for a demo" in loaded.stdout
    users = session.scalars(select(UserAccount)).all()
    assert len(users) == 5
    assert matches("plain for a demo", users[0].password_hash)
    again = run(app, session, "load")
    assert again.exit_code == 1
    assert "empty register only" in again.stderr
    removed = run(app, session, "remove")
    assert removed.exit_code == 0, removed.output
    assert "     56  company\n" in removed.stdout
    nothing = run(app, session, "remove")
    assert nothing.exit_code == 1
    assert "There is no demo here" in nothing.stderr


def test_a_password_is_made_once_and_kept_from_others(app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "DEMO_PASSWORD", None)
    monkeypatch.setitem(app.config, "DATA_DIR", tmp_path / "new")
    with app.app_context():
        password = demo_password()
        assert len(password) >= 12
        assert demo_password() == password
    assert (tmp_path / "new" / "demo-password").stat().st_mode & 0o777 == 0o600
