"""How a company wants to be billed."""

from __future__ import annotations

from dataclasses import dataclass, fields

from sqlalchemy.orm import Session

from crm.invoices import queries
from crm.invoices.models import BillingProfile
from crm.kit.errors import Stale


@dataclass(frozen=True, kw_only=True)
class NewProfile:
    """What the company's accounts department asks for; None where it has not said."""

    name: str | None = None
    address: str | None = None
    email: str | None = None
    tax_number: str | None = None
    po_required: bool = False
    po_number: str | None = None
    note: str | None = None


def save(session: Session, company_id: int, profile: NewProfile, *, version: int) -> BillingProfile:
    """Write it for the first time (`version` 0), or change it. Raises `Stale`.

    Drafts and what is issued keep what they were given.
    """
    known = queries.profile_of(session, company_id)
    if (known.version if known else 0) != version:
        raise Stale(
            "this billing profile", theirs=_told(known or NewProfile()), yours=_told(profile)
        )
    if known is None:
        known = BillingProfile(id=company_id)
        session.add(known)
    for name in (field.name for field in fields(NewProfile)):
        setattr(known, name, getattr(profile, name))
    session.flush()
    return known


def _told(profile: BillingProfile | NewProfile) -> dict[str, str]:
    return {
        "Bill to": profile.name or "",
        "Address": profile.address or "",
        "E-mail": profile.email or "",
        "Standing purchase order": profile.po_number or "",
    }
