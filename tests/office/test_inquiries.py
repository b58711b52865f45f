"""Triage: the queue, and each decision with its way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from crm.accounts.models import UserAccount
from crm.companies.models import Affiliation, Company, CompanyDomain
from crm.kit.errors import RuleBroken, Stale
from crm.mail.models import OutgoingMail
from crm.people.models import Consent, Person, PersonAddress
from crm.pipeline import inquiries, triage
from crm.pipeline.models import Inquiry, Mode, Opportunity, OpportunityTask, StageChange
from crm.pipeline.rules import Outcome
from crm.pipeline.senders import Acceptance
from crm.search.models import SearchEntry
from crm.web import clock
from tests.cast import Stranger
from tests.conftest import NOW, TODAY
from tests.factories.activities import TaskFactory
from tests.factories.companies import CompanyFactory, DomainFactory
from tests.factories.inquiries import InquiryFactory
from tests.factories.pipeline import OpportunityFactory
from tests.racing import race


def all_of(session, model):
    rows = list(session.scalars(select(model)))
    session.expunge_all()
    session.rollback()
    return rows


def one(session, inquiry_id: int) -> Inquiry:
    found = session.get_one(Inquiry, inquiry_id)
    session.expunge_all()
    session.rollback()
    return found


@pytest.fixture
def mode_ids(session) -> dict[str, int]:
    found = {mode.key: mode.id for mode in session.scalars(select(Mode))}
    session.rollback()
    return found


@pytest.fixture
def waiting(session) -> int:
    found = InquiryFactory(consent=True, notice_version="2026-09").id
    session.commit()
    return found


def decide(who, inquiry_id: int, **fields):
    form = {"version": "1", "company": "new", "new_name": "Northlake Turbine Works", **fields}
    return who.post(f"/office/inquiries/{inquiry_id}/accept", form, status=fields.pop("s", 302))


# ── the queue ───────────────────────────────────────────────────────────────────────────────


def test_the_queue_shows_what_waits_longest_first_with_its_clock(dana, session):
    InquiryFactory(company_name="Later", received_at=NOW - timedelta(hours=1))
    InquiryFactory(company_name="Sooner", received_at=NOW - timedelta(days=6))
    InquiryFactory(company_name="Robot", doubted=True)
    session.commit()
    rows = dana.get("/office/inquiries").rows()[1:]
    assert [row[0].split()[0] for row in rows] == ["Sooner", "Later"]
    assert "late" in rows[0][4]
    assert "left" in rows[1][4]


def test_each_part_of_the_queue_counts_its_own(dana, session):
    InquiryFactory()
    InquiryFactory(owner_id=dana.user_id)
    InquiryFactory(doubted=True)
    InquiryFactory(outcome=Outcome.SPAM, triaged_at=NOW, suspected=True)
    InquiryFactory(outcome=Outcome.ACCEPTED, triaged_at=NOW)
    session.commit()
    page = dana.get("/office/inquiries")
    tabs = page.html.find(class_="tabs").get_text(" ").split()
    assert " ".join(tabs) == "New 2 Mine 1 To answer 1 Suspected 1 Done 2"
    for tab, rows in (("mine", 1), ("to-answer", 1), ("suspected", 1), ("done", 2)):
        assert len(dana.get(f"/office/inquiries?tab={tab}").rows()) == rows + 1


def test_the_queue_is_searched_and_a_percent_sign_is_no_wildcard(dana, session):
    InquiryFactory(company_name="Casco 100% Biologics")
    InquiryFactory(company_name="Verano")
    session.commit()
    assert len(dana.get("/office/inquiries?q=100%25").rows()) == 2
    assert len(dana.get("/office/inquiries?q=casco").rows()) == 2
    assert "Nothing found" in dana.get("/office/inquiries?q=nobody").words


def test_the_queue_costs_six_statements_whatever_its_length(dana, session, statements):
    for _ in range(60):
        InquiryFactory(owner_id=dana.user_id)
    session.commit()
    for path in ("/office/inquiries", "/office/inquiries?tab=mine&page=last"):
        dana.get(path)
        statements.clear()
        page = dana.get(path)
        assert len(statements) <= 6, statements
        assert len(page.text.encode()) <= 40_960


@pytest.mark.parametrize("bad", ["?tab=nonsense", "?page=0", "?page=x", "?q=" + "x" * 300])
def test_what_the_address_bar_cannot_mean_is_refused(dana, bad):
    dana.get(f"/office/inquiries{bad}", status=400)


# ── deciding ────────────────────────────────────────────────────────────────────────────────


def test_accepting_makes_company_person_and_opportunities(dana, session, waiting, mode_ids):
    decide(
        dana,
        waiting,
        modes=[str(mode_ids["alliance"]), str(mode_ids["partnership"])],
        learn_domain="y",
    )
    (company,) = all_of(session, Company)
    assert (company.name, company.owner_id) == ("Northlake Turbine Works", dana.user_id)
    assert [d.domain for d in all_of(session, CompanyDomain)] == ["northlake.example"]
    (person,) = all_of(session, Person)
    (there,) = all_of(session, Affiliation)
    assert (there.person_id, there.company_id) == (person.id, company.id)
    assert there.title == "Vice-president, manufacturing"
    (consent,) = all_of(session, Consent)
    assert (consent.purpose, consent.notice_version) == ("news", "2026-09")
    opened = all_of(session, Opportunity)
    assert {o.mode_id for o in opened} == {mode_ids["alliance"], mode_ids["partnership"]}
    assert {(o.inquiry_id, o.owner_id) for o in opened} == {(waiting, dana.user_id)}
    kept = one(session, waiting)
    assert (kept.outcome, kept.company_id, kept.answered_at) == (
        Outcome.ACCEPTED,
        company.id,
        None,
    )


def test_accepting_for_a_known_company_takes_its_people_as_they_are(
    sam, session, waiting, mode_ids
):
    company_id = CompanyFactory(name="Northlake Turbine Works").id
    session.commit()
    page = sam.get(f"/office/inquiries/{waiting}")
    assert "the same name" in page.words
    assert page.html.find("input", value=str(company_id), attrs={"type": "radio"}).has_attr(
        "checked"
    )
    decide(sam, waiting, company=str(company_id), modes=[str(mode_ids["alliance"])])
    assert len(all_of(session, Company)) == 1
    assert all_of(session, CompanyDomain) == []


def test_a_company_can_be_picked_by_name(sam, session, waiting, mode_ids):
    other = CompanyFactory(name="Quite Another GmbH").id
    session.commit()
    alliance = [str(mode_ids["alliance"])]
    page = sam.post(
        f"/office/inquiries/{waiting}/accept",
        {"version": "1", "company": "other", "other": "No such thing", "modes": alliance},
        status=422,
    )
    assert "No company of that name" in page.words
    decide(sam, waiting, company="other", other=f"Quite Another GmbH (#{other})", modes=alliance)
    assert all_of(session, Opportunity)[0].company_id == other


def test_a_decision_lacking_something_keeps_what_was_typed(dana, session, waiting, mode_ids):
    for fields, said in (
        ({"modes": []}, "Choose at least one way"),
        ({"new_name": "", "modes": [str(mode_ids["alliance"])]}, "Name the new company"),
        ({"modes": ["999999"]}, "not"),
        ({"company": "999999", "modes": [str(mode_ids["alliance"])]}, "Not a valid choice"),
        ({"owner": "999999", "modes": [str(mode_ids["alliance"])]}, "Not a valid choice"),
    ):
        form = {"version": "1", "company": "new", "new_name": "Typed Name", **fields}
        page = dana.post(f"/office/inquiries/{waiting}/accept", form, status=422)
        assert said in page.words
        if form["new_name"]:
            assert page.html.find("input", id="new_name")["value"] == "Typed Name"
    assert all_of(session, Company) == []


def test_a_colleagues_inquiry_shows_who_is_on_it_and_opens_nothing_twice(
    dana, sam, session, mode_ids
):
    domain = DomainFactory(domain="northlake.example")
    running = OpportunityFactory(company=domain.company, owner_id=sam.user_id)
    first = InquiryFactory(name="First Colleague", received_at=NOW - timedelta(days=2)).id
    second = InquiryFactory(company_id=domain.company_id).id
    company_id, running_id = domain.company_id, running.id
    session.commit()
    page = dana.get(f"/office/inquiries/{second}")
    assert "Already under way" in page.words
    assert "Sam Okafor" in page.words
    assert "First Colleague" in page.words
    assert page.html.find("a", href=f"/office/inquiries/{first}")
    assert page.html.find("a", href=f"/office/opportunities/{running_id}")
    form = {
        "version": "1",
        "company": str(company_id),
        "modes": [str(mode_ids["alliance"])],
    }
    page = dana.post(f"/office/inquiries/{second}/accept", form, status=422)
    assert "already has an open opportunity" in page.words
    dana.post(f"/office/inquiries/{second}/attach", form)
    kept = one(session, second)
    assert (kept.outcome, kept.company_id) == (Outcome.ATTACHED, company_id)
    assert len(all_of(session, Opportunity)) == 1
    assert len(all_of(session, PersonAddress)) == 1


def test_a_domain_of_another_company_is_not_taken_away(dana, session, waiting, mode_ids):
    DomainFactory(domain="northlake.example")
    session.commit()
    page = dana.post(
        f"/office/inquiries/{waiting}/accept",
        {
            "version": "1",
            "company": "new",
            "new_name": "Northlake Two",
            "learn_domain": "y",
            "modes": [str(mode_ids["alliance"])],
        },
        status=422,
    )
    assert "belongs to" in page.words


def test_an_answer_goes_out_and_stops_the_clock(dana, session, waiting):
    page = dana.post(
        f"/office/inquiries/{waiting}/answer", {"version": "1", "subject": "", "text": ""}, 422
    )
    assert "Write what you want to tell them" in page.words
    dana.post(
        f"/office/inquiries/{waiting}/answer",
        {"version": "1", "subject": "Yes\r\nBcc: all@x.example", "text": "It is open."},
    )
    (mail,) = all_of(session, OutgoingMail)
    kept = one(session, waiting)
    assert (mail.to, mail.reply_to) == (kept.email, "dana@cast.example")
    assert mail.subject == "Yes Bcc: all@x.example"
    assert "It is open." in mail.body
    assert (kept.outcome, kept.answered_at, kept.owner_id) == (
        Outcome.ANSWERED,
        NOW,
        dana.user_id,
    )
    assert "in time" in dana.get(f"/office/inquiries/{waiting}").words


def test_an_answered_inquiry_can_still_become_an_opportunity(dana, session, waiting, mode_ids):
    dana.post(f"/office/inquiries/{waiting}/answered", {"version": "1"})
    decide(dana, waiting, version="2", modes=[str(mode_ids["alliance"])])
    assert one(session, waiting).outcome is Outcome.ACCEPTED


def test_spam_is_filed_and_not_spam_sends_the_letters_that_were_held_back(
    app, dana, session, monkeypatch
):
    token = Stranger(app).get("/join").hidden()["csrf_token"]
    sent = {"company": "Honest", "name": "Jo", "email": "jo@honest.example", "csrf_token": token}
    Stranger(app).post("/join", sent, status=303)
    (inquiry,) = all_of(session, Inquiry)
    assert inquiry.suspected
    path = f"/office/inquiries/{inquiry.id}"
    dana.post(f"{path}/spam", {"version": "1"})
    assert one(session, inquiry.id).outcome is Outcome.SPAM
    assert all_of(session, OutgoingMail) == []
    dana.post(f"{path}/not-spam", {"version": "2"})
    kept = one(session, inquiry.id)
    assert (kept.outcome, kept.suspected) == (None, False)
    assert sorted(mail.to for mail in all_of(session, OutgoingMail)) == [
        "dana@cast.example",
        "jo@honest.example",
    ]


def test_somebody_looks_after_it(dana, sam, rea, session, waiting):
    dana.post(f"/office/inquiries/{waiting}/assign", {"version": "1", "owner": sam.user_id})
    assert one(session, waiting).owner_id == sam.user_id
    for owner in (rea.user_id, 999_999, "x", "9" * 30):
        dana.post(
            f"/office/inquiries/{waiting}/assign", {"version": "2", "owner": owner}, status=409
        )
    dana.post(f"/office/inquiries/{waiting}/assign", {"version": "2", "owner": ""})
    assert one(session, waiting).owner_id is None


def test_a_decision_is_undone_while_nobody_worked_on_it(dana, session, waiting, mode_ids):
    decide(dana, waiting, modes=[str(mode_ids["alliance"])])
    dana.post(f"/office/inquiries/{waiting}/undo", {"version": "2"})
    assert all_of(session, Opportunity) == []
    assert all_of(session, StageChange) == []
    assert [e for e in all_of(session, SearchEntry) if e.kind == "opportunity"] == []
    assert one(session, waiting).outcome is None
    again = str(one(session, waiting).version)
    decide(dana, waiting, version=again, modes=[str(mode_ids["alliance"])])
    assert len(all_of(session, Opportunity)) == 1


def test_what_somebody_worked_on_stays(dana, session, waiting, mode_ids):
    decide(dana, waiting, modes=[str(mode_ids["alliance"])])
    opportunity = session.scalars(select(Opportunity)).one()
    task = TaskFactory(owner_id=dana.user_id)
    from_task(session, opportunity.id, task.id)
    session.commit()
    page = dana.post(f"/office/inquiries/{waiting}/undo", {"version": "2"}, status=409)
    assert "has a task by now" in page.words
    assert len(all_of(session, Opportunity)) == 1


def from_task(session, opportunity_id: int, task_id: int) -> None:
    session.add(OpportunityTask(opportunity_id=opportunity_id, task_id=task_id))
    session.flush()


def test_two_who_decide_at_once_make_one_decision(dana, sam, session, waiting, mode_ids):
    alliance = [str(mode_ids["alliance"])]
    decide(dana, waiting, modes=alliance)
    for act in ("accept", "attach", "spam", "answered", "assign", "undo", "not-spam"):
        form = {"version": "1", "company": "new", "new_name": "Two", "modes": alliance}
        page = sam.post(f"/office/inquiries/{waiting}/{act}", form, status=409)
        assert "Someone else changed" in page.words
    assert len(all_of(session, Opportunity)) == 1


def test_two_who_accept_at_the_same_moment_open_one_opportunity(
    app, dana, session, waiting, mode_ids
):
    def accept(own: Session) -> None:
        decision = Acceptance(new_name="Northlake", mode_ids=(mode_ids["alliance"],))
        moment = {"by": dana.actor, "today": TODAY, "now": NOW}
        try:
            inquiry = inquiries.get(own, waiting)
            triage.accept(own, inquiry, decision, version=1, **moment)
        except (Stale, StaleDataError) as overtaken:
            raise RuleBroken("Somebody was faster.") from overtaken

    ends = race(app, [accept] * 4)
    assert sum(end is None for end in ends) == 1
    assert len(all_of(session, Opportunity)) == 1
    assert len(all_of(session, Company)) == 1


def test_an_inquiry_is_noted_by_hand(sam, session, mode_ids):
    token = sam.get("/office/inquiries/new").html.find("input", id="token")["value"]
    noted = {
        "token": token,
        "name": "Bo",
        "company": "Fair Acquaintance",
        "on": "2026-06-12",
        "message": "Met at the fair",
        "modes": ["factories"],
        "answered": "y",
        "owner": str(sam.user_id),
    }
    for _ in range(2):
        answer = sam.post("/office/inquiries/new", noted)
    (kept,) = all_of(session, Inquiry)
    assert answer.location.endswith(f"/office/inquiries/{kept.id}")
    assert (kept.channel.value, kept.owner_id, kept.email) == ("by hand", sam.user_id, None)
    assert kept.received_at.astimezone(NOW.tzinfo).isoformat()[:16] == "2026-06-12T12:00"
    assert kept.answered_at == kept.received_at
    assert all_of(session, OutgoingMail) == []
    page = sam.post("/office/inquiries/new", {**noted, "token": "2", "on": "2026-06-16"}, 422)
    assert "lies ahead" in page.words
    decide(sam, kept.id, modes=[str(mode_ids["factories"])])
    assert len(all_of(session, Person)) == 1


# ── who may ─────────────────────────────────────────────────────────────────────────────────


def test_a_reader_sees_all_of_it_and_changes_nothing(rea, session, waiting):
    assert "Ines Calder" in rea.get("/office/inquiries").words
    page = rea.get(f"/office/inquiries/{waiting}")
    assert "Is founding still open?" in page.words
    assert not [f for f in page.html.main.find_all("form") if f.get("method") == "post"]
    for act in ("accept", "attach", "answer", "answered", "spam", "not-spam", "assign", "undo"):
        rea.post(f"/office/inquiries/{waiting}/{act}", {"version": "1"}, status=403)
    rea.get("/office/inquiries/new", status=403)


def test_faculty_see_inquiries_only_when_notices_are_ticked(fay, session, waiting):
    fay.get("/office/inquiries", status=403)
    fay.get(f"/office/inquiries/{waiting}", status=403)
    session.get_one(UserAccount, fay.user_id).inquiry_notices = True
    session.commit()
    assert "Ines Calder" in fay.get(f"/office/inquiries/{waiting}").words
    fay.post(f"/office/inquiries/{waiting}/spam", {"version": "1"}, status=403)


@pytest.mark.parametrize("bad", ["0", "999999", "99999999999999", "x", "-1", "1.5"])
def test_ids_that_are_nothing_are_not_found(dana, bad):
    dana.get(f"/office/inquiries/{bad}", status=404)
    dana.post(f"/office/inquiries/{bad}/spam", {"version": "1"}, status=404)


NASTY = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE inquiry; --",
    "{{ 7 * 7 }} {% raw %}",
    "‮txet desrever‬ \u200b\ufeff",
    "田中さんにあげて下さい 👩‍👩‍👧‍👦 Ṱ̺̺̕o͞",
    "=cmd|' /C calc'!A0",
    "Ａ" * 200,
]


@pytest.mark.parametrize("nasty", NASTY)
def test_naughty_text_is_kept_and_shown_as_text(
    stranger, dana, session, monkeypatch, mode_ids, nasty
):
    token = stranger.get("/join").hidden()["csrf_token"]
    later = clock.now() + timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    fields = ("company", "website", "name", "title", "message", "source", "knows")
    sent = {**dict.fromkeys(fields, nasty), "phone": nasty[:60], "email": "n@nasty.example"}
    stranger.post("/join", {**sent, "csrf_token": token}, status=303)
    (kept,) = all_of(session, Inquiry)
    assert kept.raw["name"] == [nasty]
    assert kept.name == nasty.strip()
    page = dana.get(f"/office/inquiries/{kept.id}")
    assert not page.html.find("img", src="x")
    assert not [tag for tag in page.html.find_all("script") if not tag.get("src")]
    assert nasty.strip().split()[0] in page.html.get_text()
    for tab in ("new", "suspected"):
        dana.get(f"/office/inquiries?tab={tab}")
    dana.get("/office/inquiries", query_string={"q": nasty[:200]})
    decide(dana, kept.id, new_name=nasty[:200], modes=[str(mode_ids["alliance"])])
    dana.get(f"/office/inquiries/{kept.id}")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("javascript:alert(1)", None),
        ("javascript://northlake.example/%0aalert(1)", None),
        ("northlake.example", "https://northlake.example"),
        ("https://northlake.example/plants", "https://northlake.example/plants"),
        ("northlake.example/" + "x" * 280, None),
    ],
)
def test_a_strangers_website_becomes_a_link_only_if_it_is_one(sam, session, mode_ids, typed, kept):
    inquiry_id = InquiryFactory(website=typed).id
    session.commit()
    decide(sam, inquiry_id, modes=[str(mode_ids["alliance"])])
    (company,) = all_of(session, Company)
    assert company.website == kept
    links = {a["href"] for a in sam.get(f"/office/companies/{company.id}").html.find_all("a")}
    assert not any(link.startswith("javascript") for link in links)
