"""What a file may tell of each kind of record, and the headings others give it."""

from __future__ import annotations

from crm.stewardship.imports import values
from crm.stewardship.imports.columns import Field

LONGEST_REPORT = 20_000

COMPANIES = (
    Field(
        "name",
        ("name", "company", "company name", "account name", "organisation", "organization",
         "organization name", "account"),
        values.line(),
        required=True,
    ),
    Field(
        "domains",
        ("domains", "domain", "web domain", "company domain name", "domain name", "web domains",
         "website domain", "email domain"),
        values.domains,
    ),
    Field("website", ("website", "website url", "web site", "homepage", "url", "company website"),
          values.website),
    Field("company_id", ("company id",), values.number),
    Field("legal_name", ("legal name", "registered name"), values.line()),
    Field("sector", ("sector", "industry", "branch"), values.line()),
    Field(
        "headcount",
        ("headcount", "head count", "number of employees", "employees", "staff", "company size",
         "no of employees"),
        values.headcount,
    ),
    Field("city", ("city", "town", "billing city"), values.line()),
    Field(
        "region",
        ("region", "state", "state region", "province", "state province", "billing state",
         "billing state province"),
        values.line(),
    ),
    Field("country", ("country", "country region", "billing country", "country code"),
          values.country),
    Field("incorporated_in", ("incorporated in", "country of incorporation"), values.country),
    Field("ultimate_parent_country",
          ("ultimate parent s country", "ultimate parent country"), values.country),
    Field("parent", ("parent company", "parent account", "parent", "parent account name"),
          values.line()),
    Field(
        "owner",
        ("relationship manager", "owner", "company owner", "account owner", "owner name"),
        values.line(),
    ),
    Field("about", ("about", "description", "account description", "notes"),
          values.paragraph(4000)),
    Field("source", ("source", "account source", "lead source", "original source",
                     "original source type"), values.line()),
    Field("challenges", ("challenges", "grand challenges"), values.names),
)  # fmt: skip


def people(*, day_first: bool) -> tuple[Field, ...]:
    day = values.day(day_first=day_first)
    return (
        Field("name", ("name", "full name", "contact name", "person", "contact"), values.line()),
        Field("first_name", ("first name", "given name", "forename"), values.line()),
        Field("last_name", ("last name", "family name", "surname"), values.line()),
        Field("emails", ("email", "e mail", "email address", "emails", "work email",
                         "e mail address", "mail"), values.emails),
        Field("other_emails", ("other emails", "additional email addresses", "other email",
                               "secondary email", "aliases"), values.emails),
        Field("phone", ("phone", "phone number", "business phone", "telephone", "mobile phone",
                        "mobile"), values.line(60)),
        Field("company", ("company", "company name", "account name", "associated company",
                          "organisation", "organization", "account"), values.line()),
        Field("company_id", ("company id",), values.number),
        Field("domains", ("company domain", "company domain name", "domain", "company website",
                          "web domain", "website", "website url"), values.domains),
        Field("title", ("title", "job title", "position", "role"), values.line()),
        Field("starts_on", ("from", "there since", "starts on", "start date", "since"), day),
        Field("last_day", ("last day", "to", "until", "end date", "left on"), day),
        Field("champion", ("champion",), values.flag),
        Field("main_contact", ("main contact", "primary contact"), values.flag),
        Field("billing", ("billing", "billing contact"), values.flag),
        Field("note", ("note", "notes", "about", "description"), values.paragraph(4000)),
    )  # fmt: skip


def opportunities(*, day_first: bool) -> tuple[Field, ...]:
    day = values.day(day_first=day_first)
    return (
        Field("company", ("company", "company name", "account name", "associated company",
                          "organisation", "organization", "account"), values.line()),
        Field("company_id", ("company id",), values.number),
        Field("domains", ("company domain", "company domain name", "domain", "web domain",
                          "website"), values.domains),
        Field("mode", ("mode", "engagement mode", "pipeline", "opportunity record type",
                       "record type", "type"), values.line(), required=True),
        Field("stage", ("stage", "deal stage", "stage name", "status"), values.line(),
              required=True),
        Field("opened_on", ("opened on", "opened", "create date", "created date", "created on",
                            "created"), day, required=True),
        Field("stage_since", ("stage since", "in stage since", "last stage change date",
                              "stage date"), day),
        Field("ended_on", ("ended on", "close date", "closed on", "closed date"), day),
        Field("expected_on", ("expected on", "expected start", "expected"), day),
        Field("value", ("value", "amount", "deal amount", "expected value"), values.line(40)),
        Field("currency", ("currency", "deal currency", "opportunity currency", "currency code"),
              values.line(3)),
        Field("tier", ("tier", "membership tier"), values.line()),
        Field("owner", ("owner", "deal owner", "opportunity owner", "relationship manager"),
              values.line()),
        Field("source", ("source", "lead source", "original source", "original source type"),
              values.line()),
        Field("lost_reason", ("lost reason", "closed lost reason", "reason lost", "loss reason"),
              values.line()),
        Field("note", ("note", "notes", "description", "deal description"),
              values.paragraph(4000)),
    )  # fmt: skip


def touches(*, day_first: bool) -> tuple[Field, ...]:
    return (
        Field("company", ("company", "company name", "account name", "associated company",
                          "organisation", "organization", "account", "company account"),
              values.line()),
        Field("company_id", ("company id",), values.number),
        Field("domains", ("company domain", "company domain name", "domain", "web domain",
                          "website"), values.domains),
        Field("on", ("on", "date", "activity date", "day", "due date", "due date only",
                     "create date", "created date"), values.day(day_first=day_first),
              required=True),
        Field("kind", ("kind", "type", "activity type", "task subtype", "engagement type"),
              values.line(40)),
        Field("subject", ("subject", "title", "activity", "meeting name", "call title"),
              values.line(400)),
        Field("text", ("text", "notes", "note", "description", "comments", "full comments", "body",
                       "note body", "call notes", "contact report", "meeting description"),
              values.paragraph(LONGEST_REPORT)),
        Field("people", ("people", "with", "contact", "contacts", "associated contact", "name",
                         "attendees", "who"), values.names),
        Field("by", ("by", "author", "assigned", "assigned to", "owner", "activity assigned to",
                     "created by"), values.line()),
        Field("confidential", ("confidential", "private"), values.flag),
    )  # fmt: skip
