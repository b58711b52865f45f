from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory
from sqlalchemy import func, select

from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.documents.store import store_at
from crm.kit.actors import SYSTEM
from crm.partnerships.area_models import Area
from crm.partnerships.workspace_models import (
    Convened,
    Handoff,
    NdaFile,
    Partnership,
    Scope,
    Screening,
)
from crm.partnerships.workspace_rules import Answer, Interest, Result
from tests.factories.base import SESSION, Factory
from tests.factories.companies import CompanyFactory, PersonFactory
from tests.factories.memberships import PDF, STORE
from tests.factories.pipeline import OpportunityFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OPENED = date(2026, 1, 5)


class ScreeningFactory(Factory):
    """Clear, in January 2026, without an end; `result=`."""

    class Meta:
        model = Screening

    company = factory.SubFactory(CompanyFactory)
    screened_on = OPENED
    screened_by = "Export control office"
    service = "Consolidated lists"
    result = Result.CLEAR
    by_name = "Sam Okafor"
    recorded_at = THEN


class PartnershipFactory(Factory):
    """A workspace with its opportunity, opened in January 2026; `at=` a stage's key; `screened`:
    whether the company is clear; `pipe=` what else `OpportunityFactory` takes."""

    class Meta:
        model = Partnership

    company = factory.SubFactory(CompanyFactory)
    title = factory.Sequence("Partnership {}".format)
    opened_on = OPENED
    created_at = THEN
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        at, screened = values.pop("at", None), values.pop("screened", True)
        pipe = {"stage_since": OPENED, **values.pop("pipe", {})}
        made = super()._create(model_class, *args, **values)
        if screened:
            ScreeningFactory(company=made.company)
        OpportunityFactory(
            company=made.company,
            partnership_id=made.id,
            mode_key="partnership",
            at=at,
            **pipe,
        )
        return made


class ConvenedFactory(Factory):
    """Asked in February 2026, and interested since."""

    class Meta:
        model = Convened

    person = factory.SubFactory(PersonFactory)
    field = "Line balance"
    asked_on = date(2026, 2, 2)
    answer = Answer.INTERESTED
    answered_on = date(2026, 2, 9)
    by_name = "Sam Okafor"


class AreaFactory(Factory):
    """Proposed in March 2026; `wanted=True`: both sides are interested."""

    class Meta:
        model = Area

    class Params:
        wanted = factory.Trait(
            company_interest=Interest.STRONG,
            company_by="Their director",
            company_on=date(2026, 3, 9),
            university_interest=Interest.INTERESTED,
            university_on=date(2026, 3, 9),
        )

    title = factory.Sequence("Area {}".format)
    proposed_on = date(2026, 3, 2)
    company_interest = Interest.NONE
    university_interest = Interest.NONE
    by_name = "Sam Okafor"


class ScopeFactory(Factory):
    """Written in April 2026; `estimate_minor=` in USD."""

    class Meta:
        model = Scope

    text = "A training ladder"
    written_on = date(2026, 4, 6)
    by_name = "Sam Okafor"
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        if values.get("estimate_minor") is not None:
            values.setdefault("currency", "USD")
        there = select(func.count()).where(Scope.partnership_id == values["partnership_id"])
        values.setdefault("number", (SESSION.get().scalar(there) or 0) + 1)
        return super()._create(model_class, *args, **values)


class HandoffFactory(Factory):
    class Meta:
        model = Handoff

    on = date(2026, 5, 4)
    to_whom = "Ada Quill"
    by_name = "Sam Okafor"


class NdaFileFactory(Factory):
    class Meta:
        model = NdaFile

    title = "NDA as signed"
    added_on = OPENED
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        kept = NewFile(name="nda.pdf", content=PDF)
        values["document"] = documents.keep(
            SESSION.get(), store_at(STORE), kept, by=SYSTEM, now=THEN
        )
        return super()._create(model_class, *args, **values)
