from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import factory

from crm.council.models import Body, Place
from crm.council.place_rules import PlaceRole
from crm.council.rules import BodyKind
from crm.documents import operations as documents
from crm.documents.operations import NewFile
from crm.documents.store import store_at
from crm.kit.actors import SYSTEM
from crm.working_groups.models import (
    Deliverable,
    DeliverableStage,
    GroupAsking,
    GroupFile,
    GroupMailing,
    WorkingGroup,
)
from crm.working_groups.rules import AskingKind, DeliverableKind, JoinPolicy, Stage
from tests.factories.base import SESSION, Factory
from tests.factories.companies import AffiliationFactory, PersonFactory
from tests.factories.memberships import PDF, STORE, MembershipFactory

THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class GroupBodyFactory(Factory):
    class Meta:
        model = Body

    key = factory.Sequence("group-{}".format)
    name = factory.Sequence("Group {}".format)
    kind = BodyKind.GROUP


class WorkingGroupFactory(Factory):
    """Open to members, founded in October 2025; `name=`, `closed_on=`."""

    class Meta:
        model = WorkingGroup

    charter = "## Why\nTo learn from each other."
    join_policy = JoinPolicy.OPEN
    founded_on = date(2025, 10, 1)
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        named = {"name": values.pop("name")} if "name" in values else {}
        values["body"] = GroupBodyFactory(retired_on=values.pop("closed_on", None), **named)
        values["id"] = values["body"].id
        return super()._create(model_class, *args, **values)


class PlaceFactory(Factory):
    """Somebody of a member company since November 2025; `university=True` for one of ours."""

    class Meta:
        model = Place

    class Params:
        chair = factory.Trait(role=PlaceRole.CHAIR)

    role = PlaceRole.MEMBER
    slot = 1
    starts_on = date(2025, 11, 1)
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        group = values.pop("group")
        values["body_id"] = group.id
        if values.pop("university", False):
            values["slot"] = None
            values.setdefault("person", PersonFactory())
        else:
            if "company" not in values:
                values["company"] = MembershipFactory(tier="founding").company
            if "person" not in values:
                values["person"] = AffiliationFactory(company=values["company"]).person
        return super()._create(model_class, *args, **values)


class AskingFactory(Factory):
    class Meta:
        model = GroupAsking

    kind = AskingKind.APPLICATION
    asked_on = date(2026, 6, 1)
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        if "company" not in values:
            values["company"] = MembershipFactory(tier="founding").company
        if "person" not in values:
            values["person"] = AffiliationFactory(company=values["company"]).person
        return super()._create(model_class, *args, **values)


class MailingFactory(Factory):
    class Meta:
        model = GroupMailing

    subject = "Before we meet"
    text = "Please bring your numbers."
    written_at = THEN
    by_name = "Sam Okafor"


class GroupFileFactory(Factory):
    class Meta:
        model = GroupFile

    title = "What we agreed on"
    added_on = date(2026, 1, 5)
    by_name = "Sam Okafor"

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        kept = NewFile(name="notes.pdf", content=PDF)
        values["document"] = documents.keep(
            SESSION.get(), store_at(STORE), kept, by=SYSTEM, now=THEN
        )
        return super()._create(model_class, *args, **values)


class DeliverableFactory(Factory):
    """A roadmap, planned in January 2026, or `since=`."""

    class Meta:
        model = Deliverable

    title = factory.Sequence("Roadmap {}".format)
    kind = DeliverableKind.ROADMAP
    stage = Stage.PLANNED
    created_at = THEN

    @classmethod
    def _create(cls, model_class: type, *args: Any, **values: Any) -> Any:
        since = values.pop("since", date(2026, 1, 5))
        made = super()._create(model_class, *args, **values)
        SESSION.get().add(
            DeliverableStage(
                deliverable_id=made.id,
                stage=made.stage,
                on=since,
                by_name="Sam Okafor",
            )
        )
        SESSION.get().flush()
        return made
