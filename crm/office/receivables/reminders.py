"""Reminders: previewed, and released by a person; registered beside the receivables."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.invoices import queries, reminders, settings
from crm.invoices.lateness import days_late
from crm.invoices.reminders import OnLadder
from crm.kit.db import MAX_ID
from crm.kit.pages import part_of
from crm.mail import operations as mail
from crm.office.acts import Act, carry_out
from crm.office.receivables.views import pages
from crm.web import clock, programme, query
from crm.web.database import db
from crm.web.forms import BaseForm, paragraph
from crm.web.session import the_viewer

SHOWN = ("ready", "held")


class StopForm(BaseForm):
    reason = paragraph("Reason", needed="Say why, for whoever wonders later.", most=500)


@pages.get("/reminders", needs=P.MONEY_READ)
def reminding() -> str:
    """What may go out today, and what is held back and why."""
    today = programme.today()
    shown = query.one_of("show", SHOWN) or "ready"
    found = reminders.on_ladder(db.session(), today)
    lists = {
        "ready": [one for one in found if not one.held],
        "held": [one for one in found if one.held],
    }
    page = part_of(lists[shown], number=query.page())
    return render_template(
        "office/receivables/reminders.html",
        shown=shown,
        counts={name: len(lines) for name, lines in lists.items()},
        page=page,
        rows=[_row(one) for one in page.items],
        ladder=settings.current(db.session()).remind_after_days,
    )


@pages.get("/reminders/<id:invoice_id>", needs=P.MONEY_READ)
def reminder(invoice_id: int) -> str:
    """The letter as it would go out, and those that did."""
    today = programme.today()
    one = reminders.of_invoice(db.session(), invoice_id, today)
    subject, body = "", ""
    if one.step is not None:
        subject, body = mail.preview(reminders.Desk(db.session(), today).draft(one))
    return render_template(
        "office/receivables/reminder.html",
        one=one,
        row=_row(one),
        subject=subject,
        body=body,
        sent=reminders.sent_for(db.session(), invoice_id),
        profile=queries.profile_of(db.session(), one.company_id),
    )


@pages.post("/reminders/release", needs=P.MAIL_RELEASE)
def release() -> ResponseReturnValue:
    """One from its own page, or all that are ticked on the list."""
    chosen = [pair for typed in request.form.getlist("chosen") if (pair := _pair(typed))]
    if not chosen:
        flash("Tick the reminders that are to go out.", "warning")
        return redirect(url_for("receivables.reminding"))
    released, held = reminders.release(
        db.session(), chosen, by=the_viewer().actor, now=clock.now(), today=programme.today()
    )
    if released:
        what = "reminder goes" if len(released) == 1 else "reminders go"
        flash(f"{len(released)} {what} out within seconds.", "success")
    for words in held:
        flash(words, "warning")
    return redirect(url_for("receivables.reminding"))


@pages.form("/reminders/companies/<id:company_id>/stop", needs=P.MAIL_RELEASE)
def stop(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    back = url_for("receivables.reminding")
    act = Act(
        title="Stop reminders",
        says=(
            f"{company.name} gets no reminders until somebody takes them up again. "
            "What it owes stays owed.",
        ),
        submit="Stop reminders",
        done=f"Reminders to {company.name} are stopped.",
        url=url_for("receivables.stop", company_id=company_id),
        back=back,
        trail=(("Receivables", url_for("receivables.index")), ("Reminders", back)),
        kind="danger",
    )
    form = StopForm.of_request()
    return carry_out(
        act,
        form,
        lambda: reminders.stop(
            db.session(), company_id, reason=form.reason.data, today=programme.today()
        ),
    )


@pages.post("/reminders/companies/<id:company_id>/take-up", needs=P.MAIL_RELEASE)
def take_up(company_id: int) -> ResponseReturnValue:
    company = companies.get(db.session(), company_id)
    reminders.take_up(db.session(), company_id)
    flash(f"Reminders to {company.name} go on.", "success")
    return redirect(url_for("receivables.reminding"))


def _row(one: OnLadder) -> dict[str, Any]:
    late = days_late(programme.today(), one.invoice.due_on)
    step = one.step.number if one.step else 0
    return {
        "id": one.invoice.invoice_id,
        "number": one.invoice.number,
        "company_id": one.company_id,
        "company": one.company,
        "late": f"{late} days" if late > 1 else "1 day",
        "very_late": late > 60,
        "balance": one.invoice.balance,
        "step": step,
        "value": f"{one.invoice.invoice_id}:{step}",
        "to": one.to or "",
        "sent": one.sent,
        "sent_on": one.sent_on,
        "held": one.held,
    }


def _pair(typed: str) -> tuple[int, int] | None:
    """`12:2`, the invoice and the step that were looked at; None for anything else."""
    invoice_id, _, step = typed.partition(":")
    if not all(part.isascii() and part.isdigit() and len(part) < 11 for part in (invoice_id, step)):
        return None
    return min(int(invoice_id), MAX_ID), int(step)
