"""A letter of thanks whose act was a mistake: stopped while it waits, here or in the outbox."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from crm.kit.actors import Actor
from crm.kit.errors import Stale
from crm.mail.drafts import Wording, mark
from crm.mail.models import OutgoingMail
from crm.mail.operations import preview
from crm.partnerships import contribution_stages, queries, thanks, thanks_queries
from crm.partnerships.models import Contribution
from crm.partnerships.rules import Stage
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, AffiliationFactory
from tests.factories.partnerships import ContributionFactory

EDGE = {"by": Actor(1, "Sam Okafor"), "now": NOW}
DATED = {**EDGE, "today": TODAY}


def accept(session, mill: Contribution) -> None:
    contribution_stages.move(session, mill, Stage.ACCEPTED, on=TODAY, reason=None, **DATED)


def thanked_for(session) -> Contribution:
    """An accepted mill whose letter is released."""
    mill = queries.get(session, ContributionFactory().id)
    mill.contact = AddressFactory(person=AffiliationFactory(company=mill.company).person).person
    accept(session, mill)
    (letter,) = thanks_queries.of_contribution(session, mill.id)
    thanks.release(session, letter, **DATED)
    return mill


@pytest.mark.parametrize(
    ("how", "stops"),
    [
        ({}, True),
        ({"attempts": 2, "last_error": "451"}, True),
        ({"sent_at": NOW}, False),
        ({"failed_at": NOW}, False),
        ({"lease": "a", "leased_until": NOW}, False),
    ],
)
def test_a_released_letter_is_stopped_while_it_waits(session, how: dict[str, Any], stops: bool):
    mill = thanked_for(session)
    mail = session.scalars(select(OutgoingMail)).one()
    for column, value in how.items():
        setattr(mail, column, value)
    went_out = contribution_stages.take_back(session, mill, reason="The other mill", **EDGE)
    assert went_out is not stops
    left = 0 if stops else 1
    assert len(session.scalars(select(OutgoingMail.id)).all()) == left
    assert len(thanks_queries.of_contribution(session, mill.id)) == left
    accept(session, mill)
    (letter,) = thanks_queries.of_contribution(session, mill.id)
    assert (letter.released_at is None) is stops


def test_a_wording_goes_to_whom_and_of_what_it_was_written_for(session):
    mill = queries.get(session, ContributionFactory().id)
    person = AffiliationFactory(company=mill.company).person
    mill.contact = AddressFactory(person=person, email="ilse@sagamore.example").person
    accept(session, mill)
    (letter,) = thanks_queries.of_contribution(session, mill.id)

    def seen() -> str:
        return mark(preview(thanks.written(session, letter, by=EDGE["by"], today=TODAY))[1])

    worded = Wording(text="Dear Ilse", to="ilse@sagamore.example", seen=seen())
    gil = replace(worded, text="Dear Gil", to="gil@sagamore.example")
    with pytest.raises(Stale) as stale:
        thanks.release(session, letter, gil, **DATED)
    assert stale.value.theirs["To"] == "ilse@sagamore.example"
    assert stale.value.yours["Text"] == "Dear Gil"
    assert session.scalars(select(OutgoingMail.id)).all() == []
    mill.title = "A lathe, as it turns out"
    with pytest.raises(Stale) as stale:
        thanks.release(session, letter, worded, **DATED)
    assert "lathe" in stale.value.theirs["Text"]
    thanks.release(session, letter, replace(worded, seen=seen()), **DATED)
    assert session.scalars(select(OutgoingMail.body)).all() == ["Dear Ilse"]


def test_the_page_shows_a_letter_as_it_was_posted(sam, session):
    mill = thanked_for(session)
    (letter,) = thanks_queries.of_contribution(session, mill.id)
    page, mill_page = f"letters/{letter.id}", f"contributions/{mill.id}"
    mill.title = "A lathe, as it turns out"
    session.commit()
    words = sam.get(f"/office/engagements/{page}").words
    assert "Waits in the outbox" in words
    assert "lathe" not in words.split("To ")[1]
    session.execute(OutgoingMail.__table__.update().values(sent_at=NOW))
    session.commit()
    sam.post(f"/office/engagements/{mill_page}/take-back", {"reason": "The other mill"})
    assert "went out already" in sam.get(f"/office/engagements/{mill_page}").words
    assert "Went out" in sam.get(f"/office/engagements/{page}").words
