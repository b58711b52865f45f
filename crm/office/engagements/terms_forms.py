from __future__ import annotations

from datetime import timedelta
from typing import Any

from wtforms.widgets import HiddenInput

from crm.kit.days import day_after
from crm.office.engagements.forms import words
from crm.office.engagements.workspace_forms import NO_SUMS, day_of
from crm.office.invoices.forms import money_of
from crm.office.memberships.terms import CURRENCIES
from crm.partnerships.scoping import NewHandoff, NewScope
from crm.partnerships.screening import NewScreening
from crm.partnerships.workspace_models import Scope
from crm.partnerships.workspace_rules import Ip, Nda, NdaFacts, Result
from crm.partnerships.workspace_terms import NewIp, NewNda
from crm.web import forms
from crm.web.forms import BaseForm, WholeNumberField, required

CONFIDENTIAL = "Confidential: directors and staff read it."
RESULTS = [
    (Result.CLEAR.value, "Clear"),
    (Result.POSSIBLE.value, "Possible match, being examined"),
    (Result.DENIED.value, "Denied"),
]


class NdaForm(BaseForm):
    state = forms.choice("State", [("", "Not spoken of"), *words(Nda)])
    signed_on = forms.day("Signed by both on")
    expires_on = forms.day("Last day", description="Empty: it has no end.")
    reference = forms.line("Reference", most=60)
    note = forms.paragraph("Note", most=2000, description=CONFIDENTIAL)
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewNda:
        return NewNda(
            facts=NdaFacts(
                state=Nda(self.state.data) if self.state.data else None,
                signed_on=self.signed_on.data,
                expires_on=self.expires_on.data,
            ),
            reference=self.reference.data or None,
            note=self.note.data or None,
        )


class IpForm(BaseForm):
    state = forms.choice("State", [("", "Not spoken of"), *words(Ip)])
    on = forms.day("Since")
    text = forms.paragraph("Positions of both sides", description=CONFIDENTIAL)
    version = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewIp:
        return NewIp(
            state=Ip(self.state.data) if self.state.data else None,
            on=self.on.data,
            text=self.text.data or None,
        )


class ScreeningForm(BaseForm):
    screened_on = forms.day("Screened on", needed="Say on which day.")
    screened_by = forms.line("By whom", needed="Say who looked.")
    service = forms.line("Lists or service", needed="Say in which lists.")
    result = forms.choice("Result", RESULTS, validators=[required("Say what came of it.")])
    valid_until = forms.day(
        "Good until", description="The last day of a clear result; empty: until another one."
    )
    note = forms.paragraph("Note", most=2000, description=CONFIDENTIAL)

    def wanted(self) -> NewScreening:
        return NewScreening(
            screened_on=day_of(self.screened_on.data),
            screened_by=self.screened_by.data or "",
            service=self.service.data or "",
            result=Result(self.result.data),
            valid_until=self.valid_until.data,
            note=self.note.data or None,
        )


class ScopeForm(BaseForm):
    text = forms.paragraph(
        "What is to be done", needed="Write the scope.", most=8000, description=NO_SUMS
    )
    deliverables = forms.paragraph("Deliverables", description=NO_SUMS)
    starts_on = forms.day("From")
    last_day = forms.day("Last day")
    estimate = forms.line(
        "Estimate", most=40, description="Of sponsored research; in all. Faculty do not see it."
    )
    currency = forms.choice("Currency", [(code, code) for code in CURRENCIES], default="USD")
    seen = WholeNumberField(widget=HiddenInput())

    def wanted(self) -> NewScope:
        """Raises `RuleBroken` for an estimate that is none."""
        typed = self.estimate.data
        return NewScope(
            text=self.text.data or "",
            deliverables=self.deliverables.data or None,
            starts_on=self.starts_on.data,
            ends_before=day_after(self.last_day.data),
            estimate=money_of(self.estimate, self.currency.data or "USD") if typed else None,
        )

    @staticmethod
    def shown(scope: Scope | None) -> dict[str, Any]:
        if scope is None:
            return {"seen": 0}
        estimate = scope.estimate
        return {
            "text": scope.text,
            "deliverables": scope.deliverables,
            "starts_on": scope.starts_on,
            "last_day": scope.ends_before and scope.ends_before - timedelta(days=1),
            "estimate": f"{estimate.decimal:,f}" if estimate else "",
            "currency": scope.currency or "USD",
            "seen": scope.number,
        }


class HandoffForm(BaseForm):
    to_whom = forms.line("To whom", needed="Say who at the office has it now.")
    on = forms.day("On", needed="Say on which day.")
    reference = forms.line(
        "Their number", most=60, description="It may be entered later, when it comes."
    )

    def wanted(self) -> NewHandoff:
        return NewHandoff(
            to_whom=self.to_whom.data or "",
            on=day_of(self.on.data),
            reference=self.reference.data or None,
        )


class ReferenceForm(BaseForm):
    reference = forms.line("Their number", needed="Enter their number.", most=60)
