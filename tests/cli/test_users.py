from __future__ import annotations

from sqlalchemy import select

from crm.accounts import passwords
from crm.accounts.models import UserAccount


def add(app, *arguments, password="seven small turbines\n"):
    command = ["users", "add", *arguments, "--password-stdin"]
    return app.test_cli_runner().invoke(args=command, input=password)


def test_an_account_is_added_from_the_terminal(app, session):
    done = add(app, "Una@Office.example", "--name", "Una Berg", "--role", "staff")
    assert (done.exit_code, done.output) == (0, "una@office.example: staff\n")
    una = session.scalars(select(UserAccount)).one()
    assert una.name == "Una Berg"
    assert passwords.matches("seven small turbines", una.password_hash)


def test_what_will_not_do_is_told(app):
    said = add(app, "una@office.example", "--name", "Una", "--role", "staff", password="short\n")
    assert (said.exit_code, said.output) == (
        1,
        "Error: Use at least 12 characters; a few words in a row are fine.\n",
    )
    assert "not an e-mail address" in add(app, "una", "--name", "U", "--role", "staff").output
    assert "needs a name" in add(app, "u@b.example", "--name", " ", "--role", "staff").output
    assert "is not one of" in add(app, "u@b.example", "--name", "U", "--role", "boss").output


def test_one_address_has_one_account(app):
    add(app, "una@office.example", "--name", "Una", "--role", "staff")
    again = add(app, "UNA@office.example", "--name", "Una", "--role", "staff")
    assert (again.exit_code, again.output) == (
        1,
        "Error: There is an account with this address already.\n",
    )
