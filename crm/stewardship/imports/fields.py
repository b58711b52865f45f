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


_COMPANY = (
    Field("company", ("company", "company name", "account name", "member", "customer",
                      "organisation", "organization", "account"), values.line()),
    Field("company_id", ("company id",), values.number),
    Field("domains", ("company domain", "company domain name", "domain", "web domain"),
          values.domains),
)  # fmt: skip


def memberships(*, day_first: bool) -> tuple[Field, ...]:
    day = values.day(day_first=day_first)
    return (
        *_COMPANY,
        Field("tier", ("tier", "membership tier", "level", "membership level"), values.line(),
              required=True),
        Field("starts_on", ("starts on", "start", "start date", "from", "term start"), day,
              required=True),
        Field("years", ("years", "term years", "term", "length"), values.line(10), required=True),
        Field("fee", ("fee a year", "fee", "annual fee", "yearly fee", "dues", "annual dues"),
              values.line(40), required=True),
        Field("currency", ("currency", "currency code"), values.line(3)),
        Field("frequency", ("frequency", "dues frequency", "billing frequency", "dues fall due"),
              values.line(40)),
        Field("company_signed_on", ("company signed on", "they signed on", "company signature"),
              day),
        Field("programme_signed_on", ("we signed on", "programme signed on", "our signature",
                                      "program signed on"), day),
        Field("signed_on", ("signed on", "executed on", "signed", "signature date"), day),
        Field("agreement_number", ("agreement number", "agreement", "contract number", "contract"),
              values.line(60)),
        Field("year_fees", ("year fees", "fees by year"), values.names),
        Field("instalments", ("instalments", "installments", "schedule", "own schedule"),
              values.instalments(day_first=day_first)),
        Field("notice_days", ("notice days", "notice"), values.number),
    )  # fmt: skip


def invoices(*, day_first: bool) -> tuple[Field, ...]:
    day = values.day(day_first=day_first)
    return (
        Field("number", ("number", "invoice number", "invoice", "invoice no", "request number"),
              values.line(40), required=True),
        *_COMPANY,
        Field("agreement_number", ("agreement number", "agreement", "contract number", "contract"),
              values.line(60)),
        Field("issued_on", ("issued on", "invoice date", "date", "invoiced on", "issued"), day,
              required=True),
        Field("due_on", ("due on", "due date", "due"), day, required=True),
        Field("amount", ("amount", "total", "invoice amount", "invoice total"), values.line(40),
              required=True),
        Field("currency", ("currency", "currency code"), values.line(3)),
        Field("po_number", ("po number", "purchase order", "po", "purchase order number"),
              values.line(60)),
        Field("finance_number", ("finance number", "finance invoice number", "erp number"),
              values.line(60)),
        Field("description", ("description", "text", "for"), values.line(500)),
    )  # fmt: skip


def payments(*, day_first: bool) -> tuple[Field, ...]:
    return (
        *_COMPANY,
        Field("received_on", ("received on", "payment date", "date", "received", "value date"),
              values.day(day_first=day_first), required=True),
        Field("amount", ("amount", "payment amount", "received amount", "total"), values.line(40),
              required=True),
        Field("currency", ("currency", "currency code"), values.line(3)),
        Field("reference", ("reference", "bank reference", "payment reference", "check number",
                            "memo"), values.line(200)),
        Field("invoices", ("invoice number", "invoice", "invoices", "number", "applied to",
                           "finance number"), values.names),
    )  # fmt: skip
