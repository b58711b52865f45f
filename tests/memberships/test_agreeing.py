"""Other numbers of a benefit than the tier gives: agreed for a term, appended, never changed."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from crm.journal.models import JournalEntry
from crm.kit.actors import Actor
from crm.kit.errors import RuleBroken
from crm.memberships import agreeing
from crm.memberships.agreeing import NewAgreement
from crm.memberships.benefit_models import AgreedBenefit
from crm.memberships.operations import WrongMoment
from tests.conftest import NOW, TODAY
from tests.factories.benefits import benefit, promised
from tests.factories.memberships import MembershipFactory

BY = Actor(7, "Dana Whitfield")


def agree(session, membership, key="symposium", *, from_year=1, a_year=10):
    wanted = NewAgreement(
        benefit_id=benefit(key).id, from_year=from_year, a_year=a_year, reason="Agreed by letter"
    )
    return agreeing.agree(session, membership, wanted, by=BY, now=NOW, today=TODAY)


@pytest.mark.parametrize("term", [{}, {"unsigned": True}, {"upcoming": True}, {"grace": True}])
def test_it_is_agreed_before_and_after_signature(session, term):
    membership = MembershipFactory(**term)
    made = agree(session, membership, from_year=2, a_year=None)
    assert (made.from_year, made.a_year, made.agreed_on, made.by_name) == (2, None, TODAY, BY.name)
    assert agreeing.of_membership(session, membership.id) == [made]
    acts = {(entry.kind, entry.act) for entry in session.query(JournalEntry)}
    assert ("membership", "agreed otherwise") in acts


@pytest.mark.parametrize(
    ("told", "field", "words"),
    [
        ({"from_year": 0}, "from_year", "a year of this term"),
        ({"from_year": 4}, "from_year", "a year of this term"),
        ({"a_year": -1}, "a_year", "from 0 to 9,999"),
        ({"a_year": 10_000}, "a_year", "from 0 to 9,999"),
    ],
)
def test_what_cannot_be_is_refused(session, told, field, words):
    with pytest.raises(RuleBroken, match=words) as refusal:
        agree(session, promised(), **told)
    assert refusal.value.field == field


def test_the_same_twice_and_a_term_that_is_over(session):
    membership = promised()
    agree(session, membership)
    with pytest.raises(RuleBroken, match="what was agreed last"):
        agree(session, membership)
    agree(session, membership, a_year=11)
    agree(session, membership)  # back again is another word
    with pytest.raises(WrongMoment, match="lapsed"):
        agree(session, MembershipFactory(lapsed=True))


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        (update(AgreedBenefit).values(a_year=99), "agreed_benefit_is_for_good"),
        (delete(AgreedBenefit), "agreed_benefit_stays"),
    ],
)
def test_the_database_keeps_what_was_agreed(session, statement, refusal):
    agree(session, promised())
    with pytest.raises(IntegrityError, match=refusal):
        session.execute(statement)
