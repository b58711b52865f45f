"""The pages on which a term is drafted and edited, until somebody signs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.enrolment import operations as enrolment
from crm.invoices import queries as invoices
from crm.kit.money import Money, plain
from crm.memberships import queries, rules
from crm.memberships.models import Membership, Tier
from crm.memberships.rules import DuesFrequency, years_of
from crm.office.acts import accepted
from crm.office.memberships import story, written
from crm.office.memberships.acts import edge, page_of
from crm.office.memberships.terms import CURRENCIES, EditDraftForm, NewMembershipForm, TermForm
from crm.office.memberships.views import pages
from crm.retention import queries as retention
from crm.web import programme, query
from crm.web.database import db
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money
from crm.web.session import the_viewer


@pages.form("/memberships/new", needs=P.MEMBERSHIPS_EDIT)
def new() -> ResponseReturnValue:
    tiers = queries.open_tiers(db.session())
    form = NewMembershipForm.of_request(**_prefilled())
    form.offer(tiers)
    if not the_viewer().may(P.MEMBERSHIPS_APPROVE):  # what is signed, a director has released
        del form.company_signed_on, form.programme_signed_on
    started: list[Membership] = []

    def start() -> None:
        company_id = form.company_id() or queries.company_named(db.session(), form.company.data)
        draft = form.draft(company_id or 0, tiers)
        started.append(enrolment.start(db.session(), draft, **edge()))

    if request.method == "POST" and accepted(form, start):
        flash("The membership is started, with its dues and its seat.", "success")
        return redirect(url_for("memberships.show", membership_id=started[0].id))
    return term_page(form, tiers, title="Start a membership", submit="Start membership")


@pages.form("/memberships/<id:membership_id>/edit", needs=P.MEMBERSHIPS_EDIT)
def edit(membership_id: int) -> ResponseReturnValue:
    membership = queries.get(db.session(), membership_id)
    tiers = queries.open_tiers(db.session())
    form = EditDraftForm.of_request(**as_it_is(membership))
    form.offer(tiers)

    def revise() -> None:
        draft = form.draft(membership.company_id, tiers)
        seen = form.version.data or 0
        enrolment.revise(db.session(), membership, draft, version=seen, **edge())

    if request.method == "POST" and accepted(form, revise):
        flash("The draft is saved. A director releases it for signature.", "success")
        return redirect(page_of(membership))
    return term_page(
        form, tiers, title="Edit the draft", submit="Save draft", membership=membership
    )


@pages.form("/memberships/<id:membership_id>/renew", needs=P.MEMBERSHIPS_EDIT)
def renew(membership_id: int) -> ResponseReturnValue:
    """The next term of the same company, at the tier and fee it ends with unless changed."""
    previous = queries.get(db.session(), membership_id)
    tiers = queries.open_tiers(db.session())
    today = programme.today()
    starts_on = rules.next_start(previous.running, previous.grace_days, today)
    follows_on = starts_on == previous.runs_before
    form = TermForm.of_request(**_proposed(previous, tiers, starts_on))
    form.offer(tiers)
    if follows_on:
        form.starts_on.render_kw = {"readonly": True}
        form.starts_on.description = "Where the present term ends."
    renewed: list[Membership] = []

    def start() -> None:
        draft = form.draft(previous.company_id, tiers)
        renewed.append(enrolment.renew(db.session(), previous, draft, **edge()))

    if request.method == "POST" and accepted(form, start):
        flash("The renewal is drafted. A director releases it for signature.", "success")
        return redirect(page_of(renewed[0]))
    gap = shown(previous.runs_before)
    says = (
        f"The new term starts on {shown(starts_on)}, where this one ends: no day is lost or free."
        if follows_on
        else f"The present term and its grace are over: the new term starts on the day you say, "
        f"and the gap since {gap} stays visible.",
        f"This term ends at {shown_money(queries.at_end(db.session(), previous)[1])} a year.",
    )
    return term_page(
        form, tiers, title="Renew the membership", submit="Draft the renewal", says=says,
        membership=previous,
    )  # fmt: skip


def term_page(
    form: TermForm,
    tiers: Sequence[Tier],
    *,
    title: str,
    submit: str,
    says: Sequence[str] = (),
    membership: Membership | None = None,
) -> ResponseReturnValue:
    """`membership`: the term that is edited, or renewed; None for a company's first."""
    trail = [("Memberships", url_for("memberships.index"))]
    if membership is not None:
        trail.append((membership.company.name, page_of(membership)))
    page = render_template(
        "office/memberships/term.html",
        form=form,
        tiers=tiers,
        title=title,
        submit=submit,
        says=says,
        back=trail[-1][1],
        trail=trail,
        membership=membership,
        tier_notes={tier.id: story.tier_note(tier) for tier in tiers},
    )
    return page, 422 if request.method == "POST" else 200


def as_it_is(membership: Membership) -> dict[str, Any]:
    """A term's own values, for the form that edits or renews it."""
    m = membership
    fees = queries.agreed_fees(db.session(), m)
    differ = len(set(fees)) > 1
    return {
        "tier": str(m.tier_id),
        "starts_on": m.starts_on,
        "years": years_of(m.term),
        "fee": None if differ else plain(m.fee),
        "year_fees": written.amounts_as_text(fees) if differ else None,
        "currency": m.currency,
        "frequency": m.dues_frequency.value,
        "by_hand": _by_hand(m),
        "agreement_number": m.agreement_number,
        "version": m.version,
        "notice_days": m.notice_days,
        "benefits_version": m.benefits_version,
        "logo_permission": AS_CHOSEN[m.logo_permission],
        "own_seat": AS_CHOSEN[m.own_seat],
        "covered_affiliates": m.covered_affiliates,
        "renewal_terms": m.renewal_terms,
    }


def _proposed(previous: Membership, tiers: Sequence[Tier], starts_on: date) -> dict[str, Any]:
    """As planned, else as the term is at its end; a tier no longer offered is chosen anew."""
    tier_id, fee = queries.at_end(db.session(), previous)
    plan = retention.plan_of(db.session(), previous.id)
    if plan is not None:
        tier_id = plan.proposed_tier_id or tier_id
        if plan.proposed_fee_minor is not None:
            fee = Money(plan.proposed_fee_minor, previous.currency)
    tier = next((tier for tier in tiers if tier.id == tier_id), None)
    by_hand = previous.dues_frequency is DuesFrequency.BY_HAND
    return as_it_is(previous) | {
        "tier": str(tier_id),
        "starts_on": starts_on,
        "years": tier.years if tier else years_of(previous.term),
        "fee": plain(fee),
        "year_fees": None,
        "frequency": (DuesFrequency.YEARLY if by_hand else previous.dues_frequency).value,
        "by_hand": None,
        "agreement_number": None,
    }


AS_CHOSEN = {None: None, True: "yes", False: "no"}


def _by_hand(membership: Membership) -> str | None:
    if membership.dues_frequency is not DuesFrequency.BY_HAND:
        return None
    dues = invoices.schedule_of(db.session(), membership.id)
    return written.instalments_as_text(
        (due.due_on, due.amount) for due in dues if due.reversed_on is None
    )


def _prefilled() -> dict[str, Any]:
    """From a company's page `?company=12`, which fills in its name; from a quote its terms."""
    tier, company_id = query.number("tier"), query.number("company")
    name = queries.name_of_company(db.session(), company_id) if company_id else None
    return {
        "company": f"{name} (#{company_id})" if name else None,
        "tier": str(tier) if tier else None,
        "starts_on": query.day("starts_on"),
        "years": query.number("years"),
        "fee": query.text("fee") or None,
        "currency": query.one_of("currency", CURRENCIES) or CURRENCIES[0],
        "frequency": query.one_of("frequency", list(DuesFrequency)) or DuesFrequency.YEARLY.value,
    }
