"""The agreement of a term as files: its versions, and at last the signed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from obstore.store import ObjectStore
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound
from crm.memberships.models import Agreement, Membership
from crm.memberships.operations import WrongMoment, note


@dataclass(frozen=True, kw_only=True)
class NewAgreement:
    """`signed`: it bears both signatures; the signatories are those named in it."""

    file: NewFile
    signed: bool = False
    note: str | None = None
    company_signatory: str | None = None
    programme_signatory: str | None = None


def add(
    session: Session,
    store: ObjectStore,
    membership: Membership,
    wanted: NewAgreement,
    *,
    by: Actor,
    now: datetime,
    today: date,
) -> Agreement:
    """The next version. Once the signed one is on file there is no other.

    Raises `WrongMoment` where a version does not fit the term's standing, else
    `documents.operations.UnfitFile`.
    """
    lock(session, membership)
    known = of_membership(session, membership.id)
    if any(agreement.signed for agreement in known):
        raise WrongMoment("The signed agreement is on file, and stays as it is.")
    if membership.withdrawn_on is not None:
        raise WrongMoment("This membership was withdrawn: there is nothing to agree on.")
    if membership.executed_on is None and wanted.signed:
        raise WrongMoment(
            "Record both signatures first: until then no version is the signed one.",
            field="signed",
        )
    if membership.executed_on is not None and not wanted.signed:
        raise WrongMoment(
            "Both sides have signed: choose the file with both signatures, and say so.",
            field="signed",
        )
    document = documents.keep(session, store, wanted.file, by=by, now=now)
    agreement = Agreement(
        membership_id=membership.id,
        version=max((agreement.version for agreement in known), default=0) + 1,
        signed=wanted.signed,
        note=wanted.note,
        company_signatory=wanted.company_signatory,
        programme_signatory=wanted.programme_signatory,
        document=document,
        added_on=today,
        by_name=by.name,
    )
    session.add(agreement)
    session.flush()
    note(session, membership, "given an agreement", by=by, now=now)
    return agreement


def of_membership(session: Session, membership_id: int) -> Sequence[Agreement]:
    """All versions with their files, the latest first."""
    found = select(Agreement).where(Agreement.membership_id == membership_id)
    return session.scalars(
        found.options(joinedload(Agreement.document)).order_by(Agreement.version.desc())
    ).all()


def get(session: Session, membership_id: int, agreement_id: int) -> Agreement:
    """One version of this term's agreement, with its file. Raises `NotFound`."""
    found = session.get(Agreement, agreement_id, options=[joinedload(Agreement.document)])
    if found is None or found.membership_id != membership_id:
        raise NotFound("There is no such agreement.")
    return found
