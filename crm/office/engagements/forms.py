from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from wtforms import StringField
from wtforms.widgets import HiddenInput

from crm.kit.days import day_after
from crm.kit.errors import RuleBroken
from crm.office.invoices.forms import money_of
from crm.office.memberships.terms import CURRENCIES
from crm.partnerships.contributions import NewContribution
from crm.partnerships.facilities import NewFacility
from crm.partnerships.facility_models import Participation
from crm.partnerships.participations import NewParticipation
from crm.partnerships.rules import (
    Basis,
    FacilityStage,
    Given,
    Kind,
    ParticipationKind,
    Stage,
    Valuation,
    Valuer,
)
from crm.partnerships.uses import NewUse
from crm.pipeline.models import Opportunity
from crm.web import forms
from crm.web.filters import day
from crm.web.forms import BaseForm, WholeNumberField, required

CHOOSE = ("", "Choose …")
WHY = "Say why, for whoever reads this later."
PERSON = "Type a few letters of the name and pick them."


def words(kinds: Sequence[StrEnum] | type[StrEnum]) -> list[tuple[str, str]]:
    return [(kind.value, kind.value.capitalize()) for kind in kinds]


class FacilityForm(BaseForm):
    name = forms.line("Name", needed="Enter the facility’s name.")
    place = forms.line("Place", description="Building, bay, or where it is to be.")
    about = forms.paragraph("About", description="What is taught, researched or shown there.")
    version = WholeNumberField(widget=HiddenInput())

    def draft(self) -> NewFacility:
        return NewFacility(
            name=self.name.data or "",
            place=self.place.data or None,
            about=self.about.data or None,
        )


class NewFacilityForm(FacilityForm):
    stage = forms.choice("Stage", words(FacilityStage), validators=[required("Choose.")])
    on = forms.day("In this stage since", needed="Say since which day.")


class FacilityStageForm(BaseForm):
    stage = forms.choice("Stage", words(FacilityStage), validators=[required("Choose.")])
    on = forms.day("On", needed="Say on which day.")
    reason = forms.line("Reason", most=500, description="Needed to close it, or to go back.")


class ParticipationForm(BaseForm):
    kind = forms.choice("Takes part in", words(ParticipationKind), validators=[required("Choose.")])
    starts_on = forms.day("From", needed="Enter the first day.")
    last_day = forms.day("Last day", description="Empty: until further notice.")
    note = forms.paragraph(
        "What they do", most=1000, description="Faculty read it: no sums, please."
    )
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewParticipation:
        starts_on = self.starts_on.data
        assert starts_on is not None  # needed, or the form is not valid
        return NewParticipation(
            kind=ParticipationKind(self.kind.data),
            starts_on=starts_on,
            ends_before=day_after(self.last_day.data),
            note=self.note.data or None,
        )

    @staticmethod
    def shown(part: Participation) -> dict[str, object]:
        return {
            "kind": part.kind.value,
            "starts_on": part.starts_on,
            "last_day": part.ends_before and part.ends_before - timedelta(days=1),
            "note": part.note,
            "version": part.version,
        }


class NewParticipationForm(ParticipationForm):
    company = forms.line("Company", needed="Say which company takes part.", most=230)


class ContributionForm(BaseForm):
    title = forms.line("What it is", needed="Say what it is.")
    kind = forms.choice(
        "Kind", [CHOOSE, *words(Kind)], validators=[required("Say what kind of thing it is.")]
    )
    given = forms.choice(
        "Gift or loan", [CHOOSE, *words(Given)], validators=[required("Say how it is given.")]
    )
    facility = forms.choice("Facility", [])
    about = forms.paragraph("About", most=2000, description="Faculty read it: no sums, please.")
    contact = forms.line("Contact at the company", description=f"Whom we thank. {PERSON}")
    responsible = forms.line("Responsible person", description=f"At the university. {PERSON}")
    location = forms.line("Location")
    condition = forms.line("Condition", description="As it came, or as it is now.")
    upkeep = forms.paragraph("Upkeep", most=1000, description="Who looks after it, at whose cost.")
    property_tag = forms.line("Property tag", most=60)
    gift_reference = forms.line("Gift office reference", most=60)
    loan_ends_on = forms.day("Loan ends on", description="The last day on which it may be here.")
    licence_ends_on = forms.day("Licence ends on", description="The last day of its use.")
    disposal_on = forms.day(
        "Disposal day", description="The day the gift office names; we work out none."
    )
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, facilities: Sequence[tuple[int, str]]) -> None:
        offered = {str(id_): name for id_, name in facilities}
        self.facility.choices = {"": "None yet", **offered}

    def draft(self, *, contact_id: int | None, responsible_id: int | None) -> NewContribution:
        return NewContribution(
            title=self.title.data or "",
            kind=Kind(self.kind.data),
            given=Given(self.given.data),
            facility_id=int(self.facility.data) if self.facility.data else None,
            about=self.about.data or None,
            contact_id=contact_id,
            responsible_id=responsible_id,
            location=self.location.data or None,
            condition=self.condition.data or None,
            upkeep=self.upkeep.data or None,
            property_tag=self.property_tag.data or None,
            gift_reference=self.gift_reference.data or None,
            loan_ends_on=self.loan_ends_on.data,
            licence_ends_on=self.licence_ends_on.data,
            disposal_on=self.disposal_on.data,
        )


def giver() -> StringField:
    return forms.line("Company", needed="Say which company offers it.", most=230)


class OfferForm(ContributionForm):
    company = giver()
    on = forms.day("Offered on", needed="Say on which day.")
    opportunity = WholeNumberField(widget=HiddenInput())


class OriginForm(BaseForm):
    opportunity = forms.choice("Opportunity", [])
    seen = WholeNumberField(widget=HiddenInput())

    def offer(self, opportunities: Sequence[Opportunity]) -> None:
        told = {
            str(one.id): f"{_stands(one)}, opened {day(one.opened_on)}" for one in opportunities
        }
        self.opportunity.choices = {"": "None on record", **told}

    def wanted(self) -> int | None:
        return int(self.opportunity.data) if self.opportunity.data else None


def _stands(opportunity: Opportunity) -> str:
    if opportunity.won_on is not None:
        return f"Won {day(opportunity.won_on)}"
    if opportunity.lost_on is not None:
        return f"Lost {day(opportunity.lost_on)}"
    return opportunity.stage.name


class CompanyForm(BaseForm):
    company = giver()
    version = WholeNumberField(widget=HiddenInput())


class ValueForm(BaseForm):
    basis = forms.choice("Basis", [])
    amount = forms.line("Amount", most=40)
    currency = forms.choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    valuer = forms.choice("Valued by the", [CHOOSE, *words(Valuer)])
    valued_by = forms.line("Their name", description="Of the person, or of the firm.")
    valued_on = forms.day("Valued on")
    version = WholeNumberField(widget=HiddenInput())

    def offer(self, bases: Sequence[Basis]) -> None:
        self.basis.choices = dict([("", "Not valued"), *words(bases)])

    def wanted(self) -> Valuation | None:
        """None: not valued. Raises `RuleBroken` for an amount that is none, or one that would be
        lost."""
        amount = money_of(self.amount, self.currency.data or "USD") if self.amount.data else None
        if not self.basis.data:
            if amount is not None:
                raise RuleBroken(
                    "Choose on which basis it is valued, or empty the amount.", field="basis"
                )
            return None
        return Valuation(
            basis=Basis(self.basis.data),
            amount=amount,
            valuer=Valuer(self.valuer.data) if self.valuer.data else None,
            valued_by=self.valued_by.data or None,
            valued_on=self.valued_on.data,
        )


class StageForm(BaseForm):
    stage = forms.choice("Stage", [], validators=[required("Choose.")])
    on = forms.day("On", needed="Say on which day.")
    reason = forms.line("Reason", most=500, description="Needed where it ends without a return.")

    def offer(self, stages: Sequence[Stage]) -> None:
        self.stage.choices = dict(words(stages))


class StageDayForm(BaseForm):
    on = forms.day("On", needed="Say on which day.")
    seen = forms.day("As it was", needed="Open this page anew.", widget=HiddenInput())
    """The day that was put right, to notice that somebody else has done so meanwhile."""


class TakeBackForm(BaseForm):
    reason = forms.line("Reason", needed=WHY, most=500)


class UseForm(BaseForm):
    starts_on = forms.day("From", needed="Enter the first day.")
    last_day = forms.day("Last day", description="Empty: as long as it is here.")
    note = forms.line("What for", most=500, description="Faculty read it: no sums, please.")
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewUse:
        starts_on = self.starts_on.data
        assert starts_on is not None  # needed, or the form is not valid
        return NewUse(
            starts_on=starts_on,
            ends_before=day_after(self.last_day.data),
            note=self.note.data or None,
        )


class UsingForm(UseForm):
    project = forms.choice("Project or course", [], validators=[required("Choose.")])

    def offer(self, projects: Sequence[tuple[int, str]]) -> None:
        self.project.choices = {"": "Choose …", **{str(id_): title for id_, title in projects}}


class UsedForm(UseForm):
    contribution = forms.choice("Contribution", [], validators=[required("Choose.")])

    def offer(self, contributions: Sequence[tuple[int, str, str]]) -> None:
        named = {str(id_): f"{title}, {company}" for id_, title, company in contributions}
        self.contribution.choices = {"": "Choose …", **named}
