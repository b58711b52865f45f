from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import BooleanField, ValidationError
from wtforms.widgets import HiddenInput

from crm.companies.models import Company
from crm.companies.operations import NewCompany
from crm.companies.rules import Headcount
from crm.kit import countries
from crm.kit.text import web_address
from crm.reports.companies import Options
from crm.web import forms
from crm.web.forms import BaseForm, Checkboxes, WholeNumberField

COUNTRIES = [("", "Not known"), *countries.names().items()]
HEADCOUNTS = [("", "Not known"), *((band.value, band.value) for band in Headcount)]


def a_web_address(form: object, field: Any) -> None:
    """Only what a browser fetches, as it fetches it."""
    if not field.data:
        return
    address = web_address(field.data)
    if address is None:
        raise ValidationError("This is not a web address, such as https://www.acme.example.")
    field.data = address


class CompanyForm(BaseForm):
    """What a company is. Its owner and challenges are those `offer` names."""

    name = forms.line("Name", needed="Enter the company’s name.")
    legal_name = forms.line("Legal name")
    website = forms.line("Website", most=300, validators=[a_web_address])
    domains = forms.line(
        "Web domains",
        most=1000,
        description="Separated by commas. Inquiries from these domains are matched to it.",
    )
    sector = forms.line("Sector")
    headcount = forms.choice("Head-count", HEADCOUNTS)
    city = forms.line("City")
    region = forms.line("State or region")
    country = forms.choice("Country", COUNTRIES)
    incorporated_in = forms.choice("Incorporated in", COUNTRIES)
    ultimate_parent_country = forms.choice("Ultimate parent’s country", COUNTRIES)
    parent = forms.line("Parent company", most=240)
    parent_since = forms.day(
        "Belongs to it since",
        description="When the parent is another than before. Empty: ever since.",
    )
    owner = forms.choice("Relationship manager", [])
    challenges = Checkboxes("Grand challenges it cares about", choices={})
    source = forms.line("Source", description="How it came to us: an event, a colleague, a fair.")
    about = forms.paragraph("About")
    anyway = BooleanField("It is another company: add it all the same")
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, options: Options, owner: tuple[str, str] | None = None) -> None:
        """The choices of today; an owner who can no longer be chosen stays while chosen."""
        owners = list(options.owners)
        if owner is not None and owner not in owners:
            owners.append(owner)
        self.owner.choices = dict([("", "Nobody yet"), *owners])
        self.challenges.choices = dict(options.challenges)

    def draft(self, parent_id: int | None, challenge_ids: tuple[int, ...]) -> NewCompany:
        headcount = self.headcount.data
        return NewCompany(
            name=self.name.data or "",
            legal_name=self.legal_name.data or None,
            website=self.website.data or None,
            sector=self.sector.data or None,
            headcount=Headcount(headcount) if headcount else None,
            city=self.city.data or None,
            region=self.region.data or None,
            country=self.country.data or None,
            incorporated_in=self.incorporated_in.data or None,
            ultimate_parent_country=self.ultimate_parent_country.data or None,
            parent_id=parent_id,
            parent_since=self.parent_since.data,
            owner_id=int(self.owner.data) if self.owner.data else None,
            about=self.about.data or None,
            source=self.source.data or None,
            challenge_ids=challenge_ids,
            domains=tuple(part for part in _apart(self.domains.data or "") if part),
        )


def _apart(text: str) -> list[str]:
    return [part.strip() for part in text.replace(";", ",").replace(" ", ",").split(",")]


def values_of(
    company: Company, parent: str, challenges: list[str], today: date
) -> dict[str, object]:
    """What an edit begins with; another parent than before is so from today on."""
    return {
        "name": company.name,
        "legal_name": company.legal_name,
        "website": company.website,
        "sector": company.sector,
        "headcount": company.headcount.value if company.headcount else "",
        "city": company.city,
        "region": company.region,
        "country": company.country or "",
        "incorporated_in": company.incorporated_in or "",
        "ultimate_parent_country": company.ultimate_parent_country or "",
        "parent": parent,
        "parent_since": today,
        "owner": str(company.owner_id or ""),
        "challenges": challenges,
        "source": company.source,
        "about": company.about,
        "version": company.version,
    }


class DomainForm(BaseForm):
    domain = forms.line("Web domain", needed="Enter a domain, such as acme.example.", most=300)
