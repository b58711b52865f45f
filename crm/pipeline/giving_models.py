from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from crm.kit import db


class OpportunityContribution(db.Base):
    """That a contribution came from an opportunity, one at most, of the same company.

    Both stay that company's as long as this stands.
    """

    __tablename__ = "opportunity_contribution"
    __table_args__ = (
        ForeignKeyConstraint(
            ["company_id", "contribution_id"], ["contribution.company_id", "contribution.id"]
        ),
        ForeignKeyConstraint(
            ["company_id", "opportunity_id"], ["opportunity.company_id", "opportunity.id"]
        ),
        Index("ix_opportunity_contribution_opportunity_id", "opportunity_id"),
    )

    contribution_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    opportunity_id: Mapped[int]
    company_id: Mapped[int]
