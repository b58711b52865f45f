"""Writing about people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.journal import operations as journal
from crm.kit.actors import Actor
from crm.kit.db import lock
from crm.kit.errors import NotFound, RuleBroken, Stale
from crm.kit.reference import sync
from crm.people import queries
from crm.people.models import Consent, DirectoryEntry, Person, PersonAddress
from crm.people.rules import email_key, name_key
from crm.programme.rules import DirectoryGroup


class AddressTaken(RuleBroken):
    """One address belongs to one person."""


class AccountTaken(RuleBroken):
    """An account is one person's."""


class OwnAccount(RuleBroken):
    """Nobody says of their own account whose it is: it may chair, and vote, for that person."""


class LastAddress(RuleBroken):
    """The address letters go to stays until another one takes its place."""


@dataclass(frozen=True, kw_only=True)
class PersonDraft:
    """What is written about a person, addresses aside."""

    name: str
    phone: str | None = None
    note: str | None = None


def add_person(
    session: Session, draft: PersonDraft, *, email: str | None = None, now: datetime
) -> Person:
    """A new person, with their first address if there is one."""
    if email is not None:
        _refuse_taken(session, email)
    person = Person(
        name=draft.name,
        name_key=name_key(draft.name),
        phone=draft.phone,
        note=draft.note,
        created_at=now,
    )
    session.add(person)
    session.flush()
    if email is not None:
        _add_address(session, person, email, primary=True)
    return person


def find_or_add_person(
    session: Session, *, name: str, email: str | None, phone: str | None = None, now: datetime
) -> Person:
    """Whoever has this address, current or alias; else a new person.

    Somebody known keeps their name and phone as they stand. Two requests at once with one
    address find one person.
    """
    known = queries.find_by_email(session, email) if email else None
    if known is not None:
        return known
    draft = PersonDraft(name=name, phone=phone)
    try:
        with session.begin_nested():
            return add_person(session, draft, email=email, now=now)
    except IntegrityError:
        known = queries.find_by_email(session, email or "")
        if known is None:
            raise
        return known


def edit_person(session: Session, person: Person, draft: PersonDraft, *, version: int) -> None:
    """Raises `Stale` if somebody changed the person since `version` was read."""
    if person.version != version:
        raise Stale(
            person.name,
            theirs={"Name": person.name, "Phone": person.phone or "", "Note": person.note or ""},
            yours={"Name": draft.name, "Phone": draft.phone or "", "Note": draft.note or ""},
        )
    person.name, person.name_key = draft.name, name_key(draft.name)
    person.phone, person.note = draft.phone, draft.note
    session.flush()


def link_account(
    session: Session, person: Person, user_id: int | None, *, by: Actor, now: datetime
) -> None:
    """Say which account is this person's own, or that none is. It gives them what is theirs to
    edit, such as a group they chair. Raises `OwnAccount` for that of whoever says so, and
    `AccountTaken` if it is another person's."""
    lock(session, person)
    if person.user_id == user_id:
        return
    taken = AccountTaken("This account is another person's.", field="account")
    if user_id is not None:
        if user_id == by.id:
            raise OwnAccount(
                "This is your own account. Ask another director to say that it is theirs.",
                field="account",
            )
        other = select(Person.id).where(Person.user_id == user_id, Person.id != person.id)
        if session.scalar(other) is not None:
            raise taken
    try:
        with session.begin_nested():
            person.user_id = user_id
            session.flush()
    except IntegrityError as error:
        if "user_id" not in str(error.orig):
            raise
        raise taken from None
    act = "linked with an account" if user_id is not None else "parted from their account"
    journal.note(session, act, kind="person", record_id=person.id, by=by, now=now)


def archive_person(session: Session, person: Person, *, on: date) -> None:
    person.archived_on = person.archived_on or on
    session.flush()


def restore_person(session: Session, person: Person) -> None:
    person.archived_on = None
    session.flush()


def add_address(
    session: Session, person: Person, email: str, *, primary: bool, today: date
) -> PersonAddress:
    """Another address. A new primary one turns the old into an alias, which still finds them."""
    _refuse_taken(session, email, but=person)
    known = session.scalar(select(PersonAddress).where(PersonAddress.email_key == email_key(email)))
    if known is not None:
        known.retired_on = None
        if primary:
            make_primary(session, known, today=today)
        return known
    if primary:
        _retire_primary(session, person, today)
    return _add_address(session, person, email, primary=primary)


def make_primary(session: Session, address: PersonAddress, *, today: date) -> None:
    """Letters go to this address from now on."""
    person = session.get_one(Person, address.person_id)
    if not address.is_primary:
        _retire_primary(session, person, today)
    address.is_primary, address.retired_on = True, None
    session.flush()


def retire_address(session: Session, address: PersonAddress, *, today: date) -> None:
    """Nothing is sent there any more; it still finds the person."""
    if address.is_primary:
        raise LastAddress(
            "Letters go to this address. Make another one primary first; this one then stays "
            "as an alias."
        )
    address.retired_on = today
    session.flush()


def change_address(session: Session, address: PersonAddress, act: str, *, today: date) -> None:
    """Make it `primary`, or `retire` it."""
    if act == "primary":
        make_primary(session, address, today=today)
    elif act == "retire":
        retire_address(session, address, today=today)
    else:
        raise NotFound("An address is made primary or retired.")


def record_consent(
    session: Session,
    person: Person,
    *,
    purpose: str,
    notice_version: str,
    source: str,
    now: datetime,
) -> Consent:
    """That they asked for news under this privacy notice. Once given it is not given again."""
    given = session.scalar(
        select(Consent).where(
            Consent.person_id == person.id,
            Consent.purpose == purpose,
            Consent.notice_version == notice_version,
            Consent.withdrawn_at.is_(None),
        )
    )
    if given is not None:
        return given
    given = Consent(
        person_id=person.id,
        purpose=purpose,
        notice_version=notice_version,
        source=source,
        given_at=now,
    )
    session.add(given)
    session.flush()
    return given


def withdraw_consent(session: Session, consent: Consent, *, now: datetime) -> None:
    if consent.withdrawn_at is None:
        consent.withdrawn_at = now
        session.flush()


def load_directory(session: Session, groups: tuple[DirectoryGroup, ...], *, today: date) -> None:
    """Make the public directory say what the programme's file says."""
    entries = [
        {
            "group_key": group.key,
            "group_name": group.name,
            "group_position": place,
            "position": position,
            "name": person.name,
            "role": person.role or None,
            "title": person.title or None,
            "degree": person.degree or None,
            "phone": person.phone or None,
        }
        for place, group in enumerate(groups, 1)
        for position, person in enumerate(group.people, 1)
    ]
    sync(session, DirectoryEntry, entries, today=today, key=("group_key", "name"))


def _refuse_taken(session: Session, email: str, but: Person | None = None) -> None:
    holder = queries.find_by_email(session, email)
    if holder is not None and holder is not but:
        raise AddressTaken(
            f"{email} already belongs to {holder.name} (#{holder.id}). One address belongs to "
            "one person.",
            field="email",
        )


def _retire_primary(session: Session, person: Person, today: date) -> None:
    old = session.scalar(
        select(PersonAddress).where(
            PersonAddress.person_id == person.id, PersonAddress.is_primary.is_(True)
        )
    )
    if old is not None:
        old.is_primary, old.retired_on = False, today
        session.flush()  # one primary at a time, says an index


def _add_address(session: Session, person: Person, email: str, *, primary: bool) -> PersonAddress:
    address = PersonAddress(
        person_id=person.id, email=email, email_key=email_key(email), is_primary=primary
    )
    session.add(address)
    session.flush()
    return address
