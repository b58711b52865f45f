from __future__ import annotations

from datetime import timedelta

import pytest

from crm.people import operations, queries
from crm.people.operations import AddressTaken, LastAddress, PersonDraft
from tests.conftest import NOW, TODAY
from tests.factories.companies import AddressFactory, PersonFactory


def test_somebody_known_is_found_by_any_address_and_keeps_their_name(session):
    address = AddressFactory(person__name="Ada Lovelace", email="Ada@acme.example")
    found = operations.find_or_add_person(session, name="A. L.", email="ada@ACME.example", now=NOW)
    assert found.id == address.person_id
    assert found.name == "Ada Lovelace"


def test_somebody_new_is_added_with_a_primary_address(session):
    made = operations.find_or_add_person(
        session, name="Ada Lovelace", email="ada@acme.example", phone="+1 617 555 0100", now=NOW
    )
    session.commit()
    found = queries.find_by_email(session, "ADA@acme.example")
    assert found is made
    assert made.name_key == "lovelace ada"


def test_an_address_belongs_to_one_person_and_the_refusal_names_them(session):
    AddressFactory(person__name="Ada Lovelace", email="ada@acme.example")
    with pytest.raises(AddressTaken, match="Ada Lovelace") as refused:
        operations.add_person(session, PersonDraft(name="Bob"), email="ADA@acme.example", now=NOW)
    assert refused.value.field == "email"


def test_a_new_primary_address_leaves_the_old_one_as_an_alias(session):
    old = AddressFactory(email="ada@old.example")
    person = old.person
    new = operations.add_address(session, person, "ada@new.example", primary=True, today=TODAY)
    session.commit()
    assert (old.is_primary, old.retired_on) == (False, TODAY)
    assert new.is_primary
    assert queries.find_by_email(session, "ada@old.example") is person


def test_the_address_letters_go_to_is_not_retired(session):
    address = AddressFactory()
    with pytest.raises(LastAddress):
        operations.retire_address(session, address, today=TODAY)


def test_consent_is_recorded_once_until_withdrawn(session):
    person = PersonFactory()
    asked = {"purpose": "news", "notice_version": "2026-01", "source": "interest form"}
    first = operations.record_consent(session, person, **asked, now=NOW)
    assert operations.record_consent(session, person, **asked, now=NOW) is first
    operations.withdraw_consent(session, first, now=NOW)
    assert operations.record_consent(session, person, **asked, now=NOW) is not first


def test_who_is_archived_again_stays_archived_since_the_first_day(session):
    person = PersonFactory(archived_on=TODAY)
    operations.archive_person(session, person, on=TODAY + timedelta(days=2))
    assert person.archived_on == TODAY
