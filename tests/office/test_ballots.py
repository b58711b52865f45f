"""Ballots in the office: drafted, opened, told; who sees what of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from crm.council import ballot_queries as queries
from crm.council import ballots, voting
from crm.council.ballot_models import Ballot, Vote
from crm.council.ballot_rules import BallotKind, Choice, ResultsShown, Way
from crm.council.queries import get_council
from crm.mail.models import OutgoingMail
from crm.people.models import PersonAddress
from crm.web import clock
from tests.conftest import NOW
from tests.factories.ballots import BY, BallotFactory, electors, on_committee, seated
from tests.factories.companies import PersonFactory

LIST = "/office/ballots"
DRAFT = {
    "title": "Seed projects 2027", "text": "Five came in.", "kind": "rank proposals",
    "options": "Digital castings | Two students\nClean solvents\nApprentices",
    "threshold": "the most votes", "method": "Borda points", "quorum_percent": "50",
    "quorum_of": "electors", "recused_leave": "y", "closes_on": "2026-06-26",
    "closes_time": "17:00", "zone": "Europe/Berlin", "results_shown": "after the close",
}  # fmt: skip


@pytest.fixture
def council(session):
    """Three companies with a vote; whoever casts it."""
    names = ("Aldous Mills", "Brandt Foundry", "Casco Biologics")
    found = [seated(name).person for name in names]
    session.commit()
    return found


def put(session, kind=BallotKind.YES_NO, *, said=(), **more):
    """An open ballot in which the first electors have said so: the place of their option."""
    ballot = BallotFactory(opened=True, kind=kind, title="A joint laboratory", **more)
    options = [option.id for option in queries.options_of(session, ballot.id)]
    for elector, place in zip(electors(ballot), said, strict=False):
        choice = Choice((options[place],))
        voting.cast_vote(session, elector, choice, way=Way.LINK, by=BY, now=NOW)
    url, closes_at = f"{LIST}/{ballot.id}", ballot.closes_at
    session.commit()
    return url, closes_at


def close(monkeypatch, closes_at):
    monkeypatch.setattr(clock, "now", lambda: closes_at)


def council_id(session):
    found = get_council(session).id
    session.rollback()
    return str(found)


def test_the_director_drafts_edits_and_opens(dana, session, council):
    sent = {**DRAFT, "body_id": council_id(session)}
    url = dana.post(f"{LIST}/new", sent).location
    page = dana.get(url)
    assert "Draft" in page.words
    assert "June 26, 2026, 17:00 CEST" in page.words
    assert "Two students" in page.words
    assert [page.rows()[1][0], page.rows()[1][-1]] == ["Aldous Mills", "1"]
    form = dana.get(f"{url}/edit")
    assert "Digital castings | Two students" in form.html.find(id="options").get_text()
    version = form.html.find("input", {"name": "version"})["value"]
    dana.post(f"{url}/edit", {**sent, "title": "Seed projects", "version": version})
    dana.post(f"{url}/edit", {**sent, "title": "Mine", "version": version}, status=409)
    assert "3 electors vote" in dana.get(f"{url}/open").words
    dana.post(f"{url}/open")
    page = dana.get(url)
    assert "Seed projects" in page.words
    assert "Electors, as they stood when it opened" in page.words
    assert dana.get(f"{url}/edit", status=302).location == url
    dana.post(f"{url}/open", status=422)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "what is decided"),
        ({"options": "Only one"}, "2 to 20 options"),
        ({"options": "A\na"}, "called the same"),
        ({"threshold": "more than half of all electors"}, "no such threshold"),
        ({"quorum_percent": "101"}, "0 to 100"),
        ({"quorum_percent": ""}, "how many must vote"),
        ({"closes_on": "2026-06-14"}, "after now"),
        ({"closes_time": "25:00"}, "hours and minutes"),
        ({"closes_on": "2027-03-28", "closes_time": "02:30"}, "does not exist"),
        ({"zone": "Nowhere"}, "no such time zone"),
        ({"body_id": "999"}, "Not a valid choice"),
    ],
)
def test_a_draft_that_cannot_be_is_told_and_nothing_is_lost(dana, session, wrong, said):
    sent = {**DRAFT, "body_id": council_id(session), **wrong}
    page = dana.post(f"{LIST}/new", sent, status=422)
    assert said in page.words
    assert page.html.find(id="text").get_text().strip() == "Five came in."
    assert session.scalar(select(Ballot.id)) is None


def test_only_the_director_drafts_and_opens_and_withdraws(sam, fay, rea, session, council):
    url, _ = put(session)
    for who in (sam, fay, rea):
        who.get(f"{LIST}/new", status=403)
        for act in ("open", "withdraw", "edit"):
            who.post(f"{url}/{act}", {"reason": "x"}, status=403)
        assert "Withdraw" not in who.get(url).words


def test_withdrawing_needs_a_reason_and_shows_it(dana, session, council):
    url, _ = put(session)
    dana.post(f"{url}/withdraw", {"reason": ""}, status=422)
    dana.post(f"{url}/withdraw", {"reason": "Wrong figures"})
    assert "Wrong figures" in dana.get(url).words


def test_before_the_close_the_office_sees_who_has_voted_and_nobody_what(sam, fay, session, council):
    url, _ = put(session, said=(0, 1))
    for who in (sam, fay):
        page = who.get(url)
        assert "The arithmetic" not in page.words
        assert "Votes cast 2" in page.words
    assert sum("personal link" in row[3] for row in sam.get(url).rows() if len(row) == 6) == 2
    assert not any("Voted" in " ".join(row) for row in fay.get(url).rows())


def test_after_the_close_the_result_with_its_arithmetic(fay, session, council, monkeypatch):
    url, closes_at = put(session, said=(0, 0, 1))
    close(monkeypatch, closes_at)
    page = fay.get(url)
    for words in (
        "Carried.", "Electors 3", "Votes cast 3",
        "reached: 3 of 3 electors voted, 2 needed (50 %)",
        "2 of the 3 votes that are for an option; got 2",
    ):  # fmt: skip
        assert words in page.words
    rows = page.rows()
    assert ["Yes", "2", "2"] in rows
    assert any(row[0] == "Aldous Mills" and row[4] == "Yes" for row in rows if len(row) == 6)
    assert page.text == fay.get(url).text


def test_where_names_are_not_shown_nobody_reads_who_voted_what(
    dana, fay, session, council, monkeypatch
):
    url, closes_at = put(session, said=(0, 0, 1), names_shown=False)
    close(monkeypatch, closes_at)
    for who in (dana, fay):
        page = who.get(url)
        assert ["Yes", "2", "2"] in page.rows()
        assert not any(row[4] for row in page.rows() if len(row) == 6 and row[0] != "Vote of")


def test_results_for_the_office_only(fay, rea, sam, session, council, monkeypatch):
    url, closes_at = put(session, said=(0, 0, 1), results_shown=ResultsShown.OFFICE)
    close(monkeypatch, closes_at)
    for who, sees in ((fay, False), (rea, True), (sam, True)):
        assert ("Carried" in who.get(url).words) is sees
        assert ("Carried" in who.get("/office/reports/ballot-results.csv").text) is sees


def test_results_as_votes_come_in(fay, session, council):
    url, _ = put(session, said=(0,), results_shown=ResultsShown.LIVE)
    words = fay.get(url).words
    assert "As votes come in" in words
    assert "No quorum: nothing is decided, if it closed now." in words


def test_a_ranking_is_shown_with_its_duels_and_comments(dana, session, council, monkeypatch):
    ballot = BallotFactory(opened=True, kind=BallotKind.RANK)
    a, b, c = (option.id for option in queries.options_of(session, ballot.id))
    for elector, ranking in zip(electors(ballot), ((a, b, c), (a, c, b), (c, a, b)), strict=True):
        choice = Choice(ranking, ((c, "Good people"),))
        voting.cast_vote(session, elector, choice, way=Way.LINK, by=BY, now=NOW)
    url, closes_at = f"{LIST}/{ballot.id}", ballot.closes_at
    session.commit()
    close(monkeypatch, closes_at)
    page = dana.get(url)
    assert "Digital castings is chosen" in page.words
    assert "(Condorcet)" in page.words
    assert ["Digital castings", "5", "2", "2"] in page.rows()
    assert ["1. Digital castings", "–", "2 : 1", "3 : 0"] in page.rows()
    assert "Good people" in page.words


def test_interest_and_recusal_are_noted_by_staff(sam, fay, session, council):
    url, _ = put(session)
    elector = url.rsplit("/", 1)[1]
    first = electors(session.get_one(Ballot, int(elector)))[0].id
    session.rollback()
    fay.get(f"{url}/electors/{first}/recuse", status=403)
    sam.post(f"{url}/electors/{first}/interest", {"what": ""}, status=422)
    sam.post(f"{url}/electors/{first}/interest", {"what": "Holds shares"})
    sam.post(f"{url}/electors/{first}/recuse", {"reason": "Its own bid"})
    sam.post(f"{url}/electors/{first}/recuse", {"reason": "Again"}, status=422)
    words = fay.get(url).words
    assert "Interest: Holds shares" in words
    assert "Recused: Its own bid" in words
    sam.get(f"{url}/electors/999/recuse", status=404)


def test_letters_are_read_before_a_person_lets_them_go(sam, fay, rea, session, council):
    url, _ = put(session)
    page = sam.get(f"{url}/letters/invitation")
    assert "Release 3 letters" in page.words
    assert "[the elector’s own link]" in page.words
    assert session.scalar(select(OutgoingMail.id)) is None
    session.rollback()
    for who in (fay, rea):
        who.post(f"{url}/letters/invitation", status=403)
    sam.post(f"{url}/letters/invitation")
    letters = session.scalars(select(OutgoingMail)).all()
    secret = letters[0].body.split("/vote/")[1].split()[0]
    mail_id = letters[0].id
    session.rollback()
    assert secret not in sam.get(f"/office/mail/{mail_id}").text
    assert "gone out to all" in sam.get(f"{url}/letters/invitation").words
    sam.get(f"{url}/letters/nonsense", status=404)
    sam.post(f"{url}/letters/result", status=409)


def test_whom_no_letter_reaches_is_said(sam, dana, session, council):
    names = [person.name for person in council]
    for person in council[1:]:
        session.execute(delete(PersonAddress).where(PersonAddress.person_id == person.id))
    draft = f"{LIST}/{BallotFactory().id}"
    session.commit()
    assert f"Cannot vote, for want of an e-mail address and of an account: {names[1]} and" in (
        dana.get(f"{draft}/open").words
    )
    dana.post(f"{draft}/open")
    without = f"2 electors have no address: {names[1]} and {names[2]}."
    assert without in sam.get(f"{draft}/letters/invitation").words
    sam.post(f"{draft}/letters/invitation")
    page = sam.get(f"{draft}/letters/invitation")
    assert "to all who need it and have an address" in page.words
    assert without in page.words


def test_who_is_linked_with_an_elector_votes_signed_in(fay, dana, rea, session):
    own = PersonFactory(name="Fay Lindqvist", user_id=fay.user_id)
    ballot = BallotFactory(opened=True, body=on_committee(own))
    url = f"{LIST}/{ballot.id}"
    session.commit()
    rea.get(f"{url}/vote", status=403)
    assert "Cast my vote" in fay.get("/office/").words
    page = fay.get(f"{url}/vote")
    assert "Fay Lindqvist" in page.words
    yes = page.html.find("input", {"type": "radio"})["value"]
    looked = fay.post(f"{url}/vote", {"choice": yes}, status=200)
    assert "Is this your vote" not in fay.get(url).words
    sent = {name: value for name, value in looked.hidden().items() if name != "csrf_token"}
    assert fay.post(f"{url}/vote", {**sent, "confirm": "1"}).location == url
    assert fay.get(f"{url}/vote", status=302).location == url
    assert "Cast my vote" not in fay.get("/office/").words
    assert session.scalar(select(Vote.way)) is Way.SIGNED_IN
    session.rollback()
    assert dana.get(f"{url}/vote", status=302).location == url
    assert dana.post(f"{url}/vote", {"choice": yes, "confirm": "1"}).location == url
    assert len(session.scalars(select(Vote)).all()) == 1


def test_the_list_is_filtered_by_body_and_state(fay, session, council):
    put(session)
    BallotFactory(title="Only a draft")
    gone = BallotFactory(title="Taken back", opened=True)
    ballots.withdraw(session, gone, reason="Wrong figures", by=BY, now=NOW)
    session.commit()
    for shown, title in (
        ("open", "A joint laboratory"), ("draft", "Only a draft"), ("withdrawn", "Taken back"),
    ):  # fmt: skip
        assert [row[0] for row in fay.get(f"{LIST}?show={shown}").rows()[1:]] == [title]
    assert len(fay.get(f"{LIST}?body={council_id(session)}").rows()) == 4
    assert "No ballot is like that" in fay.get(f"{LIST}?body=999").words
    assert fay.get("/office/council").html.select_one("a.btn[href^='/office/ballots']")


def test_the_report_tells_each_option_after_the_close_only(fay, session, council, monkeypatch):
    _, closes_at = put(session, said=(0, 0, 1))
    path = "/office/reports/ballot-results.csv"
    assert len(fay.get(f"{path}?as_of=2199-12-31").text.splitlines()) == 1
    close(monkeypatch, closes_at)
    lines = fay.get(path).text.splitlines()
    assert lines[0].endswith(
        "Ballot,Body,Kind,Option,Votes,Weight,Result,Closed at,Ballot id,Points,Quorum,Needed"
    )
    assert [line.split(",")[3:7] for line in lines[1:]] == [
        ["Yes", "2", "2", "Carried"],
        ["No", "1", "1", "Carried"],
    ]
    before = (closes_at - timedelta(days=1)).date().isoformat()
    assert len(fay.get(f"{path}?as_of={before}").text.splitlines()) == 1
