from __future__ import annotations

from datetime import timedelta

import factory

from crm.pipeline.models import Inquiry
from crm.pipeline.rules import Channel
from tests.conftest import NOW
from tests.factories.base import Factory


class InquiryFactory(Factory):
    """An interest form of this morning, waiting."""

    class Meta:
        model = Inquiry

    class Params:
        doubted = factory.Trait(suspected=True, suspicions=["sent within 3 seconds"])

    channel = Channel.JOIN
    token = factory.Sequence("token-{}".format)
    received_at = NOW - timedelta(hours=4)
    raw = factory.LazyAttribute(lambda o: {"name": [o.name], "company": [o.company_name or ""]})
    company_name = "Northlake Turbine Works"
    name = "Ines Calder"
    title = "Vice-president, manufacturing"
    email = factory.Sequence("ines.{}@northlake.example".format)
    message = "Is founding still open?"
    modes = factory.LazyFunction(lambda: ["alliance"])
    challenges = factory.LazyFunction(lambda: ["lean"])
    suspicions = factory.LazyFunction(list)
