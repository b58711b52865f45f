"""A stranger writes: from the form to the inquiry, the letters and the thanks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from crm.mail.models import OutgoingMail
from crm.pipeline.models import Inquiry
from crm.web import clock
from tests.cast import Stranger
from tests.conftest import NOW
from tests.factories.companies import DomainFactory, UserFactory

FILLED = {
    "company": "Northlake Turbine Works",
    "website": "northlake.example",
    "name": "Ines Calder",
    "title": "Vice-president, manufacturing",
    "email": "ines.calder@northlake.example",
    "phone": "+1 216 555 0142",
    "modes": ["alliance", "factories"],
    "challenges": ["lean"],
    "message": "Is founding still open? Our budget locks on 30 September.",
    "country": "US",
    "source": "A colleague",
    "knows": "Julie Diop",
}


def pass_time(monkeypatch, **length):
    later = clock.now() + timedelta(**length)
    monkeypatch.setattr(clock, "now", lambda: later)


@pytest.fixture
def token(stranger, monkeypatch) -> str:
    """Of a join form that a person has taken a minute over."""
    found = stranger.get("/join").hidden()["csrf_token"]
    pass_time(monkeypatch, seconds=60)
    return found


def read(session, model):
    """All rows, let go of: on SQLite a test that goes on reading keeps everyone from writing."""
    rows = list(session.scalars(select(model).order_by(model.id)))
    session.expunge_all()
    session.rollback()
    return rows


def inquiries(session) -> list[Inquiry]:
    return read(session, Inquiry)


def letters(session) -> list[OutgoingMail]:
    return read(session, OutgoingMail)


def test_an_interest_form_is_kept_raw_and_read(stranger, dana, session, token):
    answer = stranger.post("/join", {**FILLED, "csrf_token": token, "consent": "y"}, status=303)
    assert answer.location == "/join/thanks"
    (kept,) = inquiries(session)
    assert kept.company_name == "Northlake Turbine Works"
    assert kept.modes == ["alliance", "factories"]
    assert kept.raw["modes"] == ["alliance", "factories"]
    assert kept.raw["message"] == [FILLED["message"]]
    assert "csrf_token" not in kept.raw
    assert kept.consent
    assert kept.notice_version == "2026-09"
    assert not kept.suspected
    assert kept.received_at == NOW + timedelta(seconds=60)


def test_consent_is_nobodys_default(stranger, session, token):
    page = stranger.get("/join")
    assert not page.html.find("input", id="consent").has_attr("checked")
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert not inquiries(session)[0].consent


def test_the_sender_and_the_directors_get_their_letters(app, stranger, dana, sam, session, token):
    UserFactory(email="ticked@office.example", inquiry_notices=True)
    UserFactory(email="gone@office.example", inquiry_notices=True, disabled_at=NOW)
    session.commit()
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    posted = letters(session)
    assert sorted(mail.to for mail in posted) == [
        "dana@cast.example",
        "ines.calder@northlake.example",
        "ticked@office.example",
    ]
    notice = next(mail for mail in posted if mail.to == "dana@cast.example")
    inquiry_id = inquiries(session)[0].id
    assert f"{app.config['BASE_URL']}/office/inquiries/{inquiry_id}\n" in notice.body


def test_the_confirmation_carries_nothing_the_sender_wrote(stranger, session, token):
    words = {name: f"canary{name}" for name in ("company", "name", "title", "phone", "message",
             "website", "source", "knows")}  # fmt: skip
    stranger.post("/join", {**FILLED, **words, "csrf_token": token}, status=303)
    (mail,) = letters(session)
    assert mail.to == FILLED["email"]
    assert "canary" not in mail.subject + mail.body
    assert "within 2 working days" in mail.body


def test_strangers_get_no_cookie_and_no_session_row(stranger, session, token):
    for page in (stranger.get("/"), stranger.get("/join"), stranger.get("/contact"),
                 stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)):  # fmt: skip
        assert "Set-Cookie" not in page.response.headers


def test_a_second_post_of_one_form_is_thanked_and_kept_once(stranger, session, token):
    for _ in range(3):
        answer = stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
        assert answer.location == "/join/thanks"
    assert len(inquiries(session)) == 1
    assert len(letters(session)) == 1


def test_what_somebody_went_back_to_change_is_not_lost(stranger, dana, session, token):
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    changed = {**FILLED, "phone": "+1 216 555 0199", "csrf_token": token}
    assert stranger.post("/join", changed, status=303).location == "/join/thanks"
    (kept,) = inquiries(session)
    assert kept.phone == "+1 216 555 0142"
    page = dana.get(f"/office/inquiries/{kept.id}")
    assert "Sent again with changes" in page.words
    assert "+1 216 555 0199" in page.words


def test_fifty_posts_of_one_form_at_once_are_one_inquiry(app, session, token):
    def send(_: int) -> tuple[int, str]:
        sent = Stranger(app).client.post("/join", data={**FILLED, "csrf_token": token})
        return sent.status_code, sent.location

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(50)))
    assert set(answers) == {(303, "/join/thanks")}
    assert len(inquiries(session)) == 1
    assert len(letters(session)) == 1


def test_the_thanks_survive_reload(stranger):
    for path in ("/join/thanks", "/contact/thanks"):
        assert "within 2 working days" in stranger.get(path).words


@pytest.mark.parametrize("sent", ["", "forged", "WyJub25jZSIsMTc1MDAwMDAwMDAwMF0.x"])
def test_without_our_token_the_form_comes_back_filled(stranger, session, sent):
    page = stranger.post("/join", {**FILLED, "csrf_token": sent}, status=400)
    assert "press send once more" in page.words
    assert page.html.find("input", id="company")["value"] == FILLED["company"]
    assert FILLED["message"] in page.text
    assert page.html.find("input", value="factories").has_attr("checked")
    assert not inquiries(session)
    fresh = page.hidden()["csrf_token"]
    assert fresh != sent
    stranger.post("/join", {**FILLED, "csrf_token": fresh}, status=303)
    assert not inquiries(session)[0].suspected  # whoever presses again at once is no robot


def test_a_token_of_the_other_form_or_of_long_ago_is_not_taken(stranger, token, monkeypatch):
    stranger.post("/contact", {"csrf_token": token, "name": "A"}, status=400)
    pass_time(monkeypatch, days=8)
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=400)


def test_a_form_left_open_overnight_is_taken(stranger, session, token, monkeypatch):
    pass_time(monkeypatch, hours=30)
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert len(inquiries(session)) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("company", "", "which company"),
        ("name", "   ", "your name"),
        ("email", "", "leave an e-mail address"),
        ("email", "nobody", "does not look like an e-mail address"),
        ("email", "a@b.example\r\nBcc: x@y.example", "does not look like"),
        ("modes", ["alliance", "no-such-mode"], "not"),
        ("challenges", ["nonsense"], "not"),
        ("country", "Atlantis", "Not a valid choice"),
        ("name", "x" * 201, "200 characters"),
        ("message", "x" * 20_001, "20,000 characters"),
        ("message", "a\x00b", "cannot be stored"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    stranger, session, token, field, value, said
):
    page = stranger.post("/join", {**FILLED, field: value, "csrf_token": token}, status=422)
    assert said in page.words
    assert page.html.find(class_="errors")
    kept = "company" if field != "company" else "name"
    assert page.html.find("input", id=kept)["value"] == FILLED[kept]
    assert page.hidden()["csrf_token"] == token
    assert not inquiries(session)


def test_a_country_may_be_named(stranger, session, token):
    stranger.post("/join", {**FILLED, "country": "Germany", "csrf_token": token}, status=303)
    assert inquiries(session)[0].country == "DE"


def test_the_interest_form_needs_three_fields_only(stranger, session, token):
    few = {name: FILLED[name] for name in ("company", "name", "email")}
    stranger.post("/join", {**few, "csrf_token": token}, status=303)
    assert inquiries(session)[0].message == ""


def test_the_general_form(stranger, session, monkeypatch):
    token = stranger.get("/contact").hidden()["csrf_token"]
    pass_time(monkeypatch, minutes=2)
    sent = {"name": "Jo Pell", "email": "jo@pell.example", "message": "May I visit?"}
    page = stranger.post("/contact", {**sent, "message": "", "csrf_token": token}, status=422)
    assert "what it is about" in page.words
    answer = stranger.post("/contact", {**sent, "csrf_token": token}, status=303)
    assert answer.location == "/contact/thanks"
    (kept,) = inquiries(session)
    assert (kept.channel.value, kept.name, kept.company_name) == ("contact form", "Jo Pell", None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"reference_line": "anything"}, "field that people do not see"),
        ({"message": "SEO services: http://a.example http://b.example"}, "sales phrases"),
        ({"message": "<script>alert(1)</script> <a href=x>y</a>"}, "script in the text"),
    ],
)
def test_what_looks_like_spam_is_kept_thanked_and_marked(
    stranger, dana, session, token, change, reason
):
    answer = stranger.post("/join", {**FILLED, **change, "csrf_token": token}, status=303)
    assert answer.location == "/join/thanks"
    (kept,) = inquiries(session)
    assert kept.suspected
    assert reason in " ".join(kept.suspicions)
    assert letters(session) == []


def test_nobody_fills_a_form_in_within_three_seconds(stranger, session, monkeypatch):
    token = stranger.get("/join").hidden()["csrf_token"]
    pass_time(monkeypatch, seconds=2.9)
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert inquiries(session)[0].suspicions == ["sent within 3 seconds"]


def test_many_from_one_address_are_doubted(stranger, session, monkeypatch):
    for _ in range(11):
        token = stranger.get("/join").hidden()["csrf_token"]
        pass_time(monkeypatch, seconds=30)
        stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert [kept.suspected for kept in inquiries(session)] == [False] * 10 + [True]
    assert len(letters(session)) == 10


def test_a_verified_domain_finds_its_company(stranger, session, token):
    company_id = DomainFactory(domain="northlake.example").company_id
    session.commit()
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert inquiries(session)[0].company_id == company_id


@pytest.mark.parametrize(
    ("domain", "verified", "email"),
    [
        ("northlake.example", False, "a@northlake.example"),
        ("northlake.example", True, "a@mail.northlake.example"),
        ("gmail.com", True, "a@gmail.com"),
    ],
)
def test_other_domains_match_nobody(stranger, session, token, domain, verified, email):
    DomainFactory(domain=domain, verified=verified)
    session.commit()
    stranger.post("/join", {**FILLED, "email": email, "csrf_token": token}, status=303)
    assert inquiries(session)[0].company_id is None


def test_the_limit_keeps_what_was_typed(stranger, session, token, the_app, monkeypatch):
    monkeypatch.setitem(the_app.config, "FORM_LIMIT", "2 per minute")
    for _ in range(2):
        stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    page = stranger.post("/join", {**FILLED, "csrf_token": token}, status=429)
    assert page.html.find("input", id="company")["value"] == FILLED["company"]
    assert page.hidden()["csrf_token"] == token
    assert page.response.headers["Retry-After"]
    stranger.post("/contact", {"name": "x"}, status=429)
    stranger.get("/join")
    pass_time(monkeypatch, seconds=61)
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)


def test_forms_up_to_a_mebibyte_are_read_and_larger_ones_refused(stranger, session, token):
    page = stranger.post(
        "/join", {**FILLED, "message": "x" * 1_000_000, "csrf_token": token}, status=422
    )
    assert "20,000 characters" in page.words
    stranger.post("/join", {"message": "x" * 1_200_000}, status=413)


def test_the_post_asks_the_database_little(stranger, session, token, statements):
    stranger.post("/join", {**FILLED, "csrf_token": token}, status=303)
    assert len(inquiries(session)) == 1
    seen = len(statements)
    assert seen <= 20, statements
