"""A company's account: how it is billed, what it owes, what it has paid and not used."""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.invoices import profiles, queries
from crm.invoices.models import BillingProfile
from crm.office.acts import Act, carry_out
from crm.office.invoices.forms import ProfileForm
from crm.office.invoices.views import dues, pages
from crm.web import programme
from crm.web.database import db
from crm.web.filters import day


@pages.get("/companies/<id:company_id>/billing", needs=P.INVOICES_READ)
def company(company_id: int) -> ResponseReturnValue:
    reading, today = db.session(), programme.today()
    found = companies.get(reading, company_id)
    profile = queries.profile_of(reading, company_id)
    return render_template(
        "office/invoices/company.html",
        company=found,
        facts=[
            ("Bill to", (profile and profile.name) or found.legal_name or found.name),
            ("Address", (profile and profile.address) or "not known"),
            ("E-mail", (profile and profile.email) or "not known"),
            ("Tax number", profile.tax_number if profile else ""),
            ("Purchase order", (profile and profile.po_number) or ""),
            ("Without one", "does not pay" if profile and profile.po_required else ""),
            ("Reminders", _reminders(profile)),
        ],
        note=profile.note if profile else None,
        open_invoices=queries.open_invoices(reading, company_id),
        credit=queries.credit_of(reading, company_id),
        refunds=queries.refunds_of(reading, company_id),
        today=today,
        way=dues().invoicing,
    )


def _reminders(profile: BillingProfile | None) -> str:
    if profile is None or profile.no_reminders_since is None:
        return ""
    return f"none since {day(profile.no_reminders_since)}: {profile.no_reminders_reason or ''}"


@pages.form("/companies/<id:company_id>/billing/edit", needs=P.INVOICES_ISSUE)
def edit_profile(company_id: int) -> ResponseReturnValue:
    found = companies.get(db.session(), company_id)
    known = queries.profile_of(db.session(), company_id)
    form = ProfileForm.of_request(
        **(
            {
                name: getattr(known, name)
                for name in ("name", "address", "email", "tax_number", "po_required",
                             "po_number", "note", "version")
            }
            if known
            else {}
        )
    )  # fmt: skip
    back = url_for("invoices.company", company_id=company_id)
    act = Act(
        title="Billing profile",
        says=("What new invoices are made out with. Drafts and issued ones keep theirs.",),
        submit="Save",
        done="The billing profile is saved.",
        url=request.path,
        back=back,
        trail=(
            ("Companies", url_for("companies.index")),
            (found.name, url_for("companies.show", company_id=company_id)),
            ("Billing", back),
        ),
    )
    return carry_out(
        act,
        form,
        lambda: profiles.save(
            db.session(), company_id, form.profile(), version=form.version.data or 0
        ),
    )
