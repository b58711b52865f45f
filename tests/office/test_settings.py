from __future__ import annotations

from crm.programme import rules
from crm.stewardship import programme as loading
from tests.cast import Member
from tests.conftest import NOW, ROOT, TODAY

FILE = (ROOT / "programme.toml").read_text(encoding="utf-8")


def test_every_fact_of_the_file_is_there_to_read(sam):
    page = sam.get("/office/settings")
    for fact in (
        "Manufacturing@MIT",
        "connect@mfg.mit.edu",
        "America/New_York",
        "Rethink lean for resilience",
        "Campus visit and faculty match",
        "No reply after three tries",
        "closes at 10",
        "$500,000",
        "under 500 staff",
        "8–10 members",
        "Krystyn Van Vliet",
        "Industry Leadership Council",
        "60 days after a term’s end, with a vote",
        "within 2 working days",
        "Student introductions",
        "benefits rest",
    ):
        assert fact in page.words
    assert [
        "Founding",
        "$500,000",
        "3",
        "One seat, votes",
        "All × 3",
        "closes at 10",
    ] in page.rows()
    assert page.html.select("main form") == []


def test_what_was_taken_out_of_the_file_shows_as_retired(sam, session):
    assert "Retired" not in sam.get("/office/settings").words
    loading.load(
        session,
        rules.parse(FILE.replace('outreach         = "Outreach"', "")),
        now=NOW,
        today=TODAY,
    )
    session.commit()
    assert ["Outreach", "Focus area", "Jun 15, 2026"] in sam.get("/office/settings").rows()


def test_the_page_is_for_the_office_but_not_for_faculty(
    dana: Member, rea: Member, ada: Member, fay: Member
):
    for member in (dana, rea, ada):
        assert "Membership tiers" in member.get("/office/settings").words
    assert "Not open to you" in fay.get("/office/settings", status=403).words


def test_no_secret_is_shown(sam, app):
    page = sam.get("/office/settings")
    assert app.config["SECRET_KEY"] not in page.text
