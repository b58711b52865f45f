from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory

from crm.accounts.models import UserAccount
from crm.companies.models import Affiliation, Company, CompanyDomain, CompanyParent
from crm.kit.text import company_key, fold
from crm.people.models import Person, PersonAddress, Profile
from tests.factories.base import Factory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class UserFactory(Factory):
    class Meta:
        model = UserAccount

    name = factory.Sequence("User {}".format)
    email = factory.Sequence("user-{}@office.example".format)
    created_at = THEN


class CompanyFactory(Factory):
    """`parent` with `parent_since`: since when it belongs to it, else ever since."""

    class Meta:
        model = Company

    name = factory.Sequence("Company {}".format)
    name_key = factory.LazyAttribute(lambda o: fold(o.name))
    match_key = factory.LazyAttribute(lambda o: company_key(o.name))
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        since = values.pop("parent_since", None)
        made = super()._create(model_class, *args, **values)
        if made.parent_id is not None:
            CompanyParentFactory(company_id=made.id, parent_id=made.parent_id, starts_on=since)
        return made


class CompanyParentFactory(Factory):
    class Meta:
        model = CompanyParent


class DomainFactory(Factory):
    class Meta:
        model = CompanyDomain

    company = factory.SubFactory(CompanyFactory)
    domain = factory.Sequence("company-{}.example".format)
    verified = True


class PersonFactory(Factory):
    class Meta:
        model = Person

    name = factory.Sequence("Person {}".format)
    name_key = factory.LazyAttribute(lambda o: fold(o.name))
    created_at = THEN


class AddressFactory(Factory):
    class Meta:
        model = PersonAddress

    person = factory.SubFactory(PersonFactory)
    email = factory.Sequence("person-{}@company.example".format)
    email_key = factory.LazyAttribute(lambda o: o.email.casefold())
    is_primary = True


class AffiliationFactory(Factory):
    class Meta:
        model = Affiliation

    class Params:
        left = factory.Trait(ends_before=date(2026, 3, 1))

    person = factory.SubFactory(PersonFactory)
    company = factory.SubFactory(CompanyFactory)
    title = "Vice-president, manufacturing"
    starts_on = date(2024, 1, 1)


class ProfileFactory(Factory):
    """Of somebody at the university; `person=`."""

    class Meta:
        model = Profile

    field = "Process control for additive manufacturing"

    @classmethod
    def _create(cls, model_class, *args, **values):
        values["id"] = values.pop("person").id
        return super()._create(model_class, *args, **values)
