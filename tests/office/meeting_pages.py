"""What the tests of meetings' pages share."""

from __future__ import annotations

from tests.factories.companies import AddressFactory
from tests.factories.council import HoldingFactory, SeatFactory
from tests.factories.memberships import MembershipFactory


def told(session, asked):
    """What the database holds now; the test's session lets go of it at once."""
    found = session.scalars(asked).all()
    session.rollback()
    return found


def kept(session, meeting):
    """Its address, once it is committed."""
    at = f"/office/meetings/{meeting.id}"
    session.commit()
    return at


def apex():
    term = MembershipFactory(company__name="Apex Mills")
    held = HoldingFactory(seat=SeatFactory(company=term.company))
    AddressFactory(person=held.person, email="ann@apex.example", is_primary=True)
    return term.company, held.person
