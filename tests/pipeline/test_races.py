"""What is looked for before it is written is there once, however many write at once."""

from __future__ import annotations

from sqlalchemy import func, select

from crm.pipeline import inquiries, triage
from crm.pipeline.models import LostReason, Mode, Opportunity
from crm.pipeline.operations import AlreadyOpen
from crm.pipeline.senders import Acceptance
from tests.conftest import NOW, TODAY
from tests.factories.companies import CompanyFactory
from tests.factories.inquiries import InquiryFactory
from tests.factories.pipeline import OpportunityFactory
from tests.racing import race

RACERS = 4


def mode_id(session):
    return session.scalar(select(Mode.id).where(Mode.key == "alliance"))


def how_many(session):
    return session.scalar(select(func.count(Opportunity.id)))


def test_inquiries_of_one_company_open_one_opportunity(app, session, dana):
    company_id, alliance = CompanyFactory().id, mode_id(session)
    ids = [InquiryFactory(email=f"colleague{n}@acme.example").id for n in range(RACERS)]
    session.commit()

    def accept(inquiry_id):
        decision = Acceptance(company_id=company_id, mode_ids=(alliance,))
        moment = {"by": dana.actor, "today": TODAY, "now": NOW}
        return lambda own: triage.accept(
            own, inquiries.get(own, inquiry_id), decision, version=1, **moment
        )

    ends = race(app, [accept(id_) for id_ in ids])
    assert [type(end) for end in ends if end is not None] == [AlreadyOpen] * (RACERS - 1)
    assert how_many(session) == 1


def test_a_form_sent_twice_opens_one_opportunity(dana, session):
    company_id, alliance = CompanyFactory(name="Acme").id, mode_id(session)
    session.commit()
    sent = {"company": f"Acme (#{company_id})", "mode": str(alliance), "currency": "USD"}
    dana.post("/office/pipeline/new", sent)
    again = dana.post("/office/pipeline/new", sent, status=422)
    assert "Acme already has an open opportunity" in again.words
    assert how_many(session) == 1


def test_what_was_lost_is_not_reopened_beside_an_open_one(dana, session):
    reason = session.scalar(select(LostReason.id).where(LostReason.mode_id.is_(None)).limit(1))
    lost = OpportunityFactory(lost_on=TODAY, lost_reason_id=reason)
    OpportunityFactory(company=lost.company)
    lost_id = lost.id
    session.commit()
    page = dana.post(f"/office/opportunities/{lost_id}/reopen", status=409)
    assert "already has an open opportunity" in page.words
