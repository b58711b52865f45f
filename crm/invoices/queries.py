from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.invoices.models import Instalment


def of_membership(session: Session, membership_id: int) -> Sequence[Instalment]:
    """A term's schedule in its order."""
    found = select(Instalment).where(Instalment.membership_id == membership_id)
    return session.scalars(found.order_by(Instalment.number)).all()
