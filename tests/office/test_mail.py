"""The outbox, as people see it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from crm.mail.models import OutgoingMail
from tests.conftest import NOW


def letter(session, number, **more):
    mail = OutgoingMail(
        **{
            "letter": "inquiry_notice",
            "message_id": f"<{number}@x>",
            "to": f"reader-{number}@office.example",
            "subject": f"Letter {number}",
            "body": f"The text of {number}",
            "posted_at": NOW,
            "due_at": NOW,
            **more,
        }
    )
    session.add(mail)
    session.flush()
    return mail.id


@pytest.fixture
def letters(session):
    made = {
        "waiting": letter(session, 1, about_kind="company", about_id=7),
        "stuck": letter(
            session, 2, attempts=2, last_error="451 later", due_at=NOW + timedelta(hours=1)
        ),
        "failed": letter(session, 3, attempts=1, last_error="550 no such user", failed_at=NOW),
        "sent": letter(session, 4, attempts=1, sent_at=NOW),
        "private": letter(session, 5, private=True, body="https://secret"),
    }
    session.commit()
    return made


def test_the_list_says_how_each_letter_stands(sam, letters):
    rows = {row[0]: row[-1] for row in sam.get("/office/mail").rows()[1:]}
    assert rows == {
        "Letter 5": "Waiting",
        "Letter 4": "Sent",
        "Letter 3": "Given up 550 no such user",
        "Letter 2": "Again Jun 15, 2026, 15:30 EDT 451 later",
        "Letter 1": "Waiting",
    }
    assert "Waiting 3" in sam.get("/office/mail").words


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ("show=waiting", ["Letter 5", "Letter 2", "Letter 1"]),
        ("show=stuck", ["Letter 2"]),
        ("show=failed", ["Letter 3"]),
        ("show=sent", ["Letter 4"]),
        ("q=READER-3", ["Letter 3"]),
        ("q=letter+4", ["Letter 4"]),
        ("q=%25", []),
    ],
)
def test_the_list_is_filtered(sam, letters, query, subjects):
    assert [row[0] for row in sam.get(f"/office/mail?{query}").rows()[1:]] == subjects


def test_a_letter_is_shown_with_what_it_is_about(sam, letters):
    page = sam.get(f"/office/mail/{letters['waiting']}")
    assert "The text of 1" in page.words
    assert page.html.find("a", href="/office/companies/7")


def test_an_administrator_sees_letters_without_their_text(ada, letters):
    assert "The text of 1" not in ada.get(f"/office/mail/{letters['waiting']}").words


def test_an_administrator_reads_no_names_in_the_outbox(ada, session, letters):
    mine = letter(session, 6, letter="invitation", about_kind="user", about_id=1, subject="Welcome")
    session.commit()
    pages = [ada.get("/office/mail"), *(ada.get(f"/office/mail/{id_}") for id_ in letters.values())]
    for page in pages:
        for name in ("Letter 1", "reader-1", "550 no such user"):
            assert name not in page.text
    assert "…@office.example" in pages[0].words
    assert "No such letter" in ada.get("/office/mail?q=reader-1").words
    assert "reader-6@office.example" in ada.get(f"/office/mail/{mine}").words


def test_a_private_letter_shows_its_link_to_nobody(dana, sam, ada, letters):
    for who in (dana, sam, ada):
        assert "https://secret" not in who.get(f"/office/mail/{letters['private']}").text


def test_the_faculty_have_no_outbox(fay, letters):
    fay.get("/office/mail", status=403)
    fay.get(f"/office/mail/{letters['sent']}", status=403)


def test_a_letter_given_up_is_tried_again(sam, rea, letters, session):
    path = f"/office/mail/{letters['failed']}/release"
    rea.post(path, status=403)
    sam.post(path)
    session.rollback()
    mail = session.get(OutgoingMail, letters["failed"])
    assert (mail.failed_at, mail.attempts, mail.due_at) == (None, 0, NOW)


def test_what_has_gone_or_is_going_is_not_sent_by_hand(sam, letters, session):
    sam.post(f"/office/mail/{letters['sent']}/release", status=409)
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.id == letters["waiting"])
        .values(leased_until=NOW + timedelta(seconds=60))
    )
    session.commit()
    sam.post(f"/office/mail/{letters['waiting']}/release", status=409)


def test_without_a_server_a_banner_says_that_letters_wait(sam):
    assert "No mail server is set" in sam.get("/office/mail").text


def test_the_list_needs_few_statements(sam, session, statements):
    for number in range(60):
        letter(session, number)
    session.commit()
    statements.clear()
    sam.get("/office/mail?page=2")
    assert len(statements) <= 5
