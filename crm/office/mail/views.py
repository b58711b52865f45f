from __future__ import annotations

from urllib.parse import quote

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.kit.errors import NotFound
from crm.kit.pages import page_of
from crm.mail import queries
from crm.mail.models import OutgoingMail
from crm.mail.queries import MailSearch
from crm.stewardship import outbox
from crm.web import clock, postman, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.session import the_viewer

pages = Pages("mail", __name__, url_prefix="/office/mail")

SHOWN = ("all", "waiting", "stuck", "failed", "sent")
ABOUT = {
    "ballot": ("/office/ballots/", P.COUNCIL_READ),
    "company": ("/office/companies/", P.COMPANIES_READ),
    "inquiry": ("/office/inquiries/", P.INQUIRIES_READ),
    "invoice": ("/office/invoices/drafts/", P.INVOICES_READ),
    "membership": ("/office/memberships/", P.MEMBERSHIPS_READ),
    "opportunity": ("/office/opportunities/", P.PIPELINE_READ),
    "person": ("/office/people/", P.PEOPLE_READ),
    "seat": ("/office/council/seats/", P.COUNCIL_READ),
    "user": ("/office/users/", P.USERS_READ),
}
"""Where the record lies that a letter is about, and what one needs to open it."""


@pages.get("", needs=P.MAIL_READ)
def index() -> ResponseReturnValue:
    reads = the_viewer().may(P.MAIL_BODIES)
    shown = query.one_of("show", SHOWN) or "all"
    search = MailSearch(q=query.text("q"), show=shown, reads=reads)
    found = page_of(db.session(), search.select(), number=query.page())
    return render_template(
        "office/mail/index.html",
        search=search,
        page=found,
        letters=[(row, queries.told(row, reads=reads)) for row in found.items],
        tally=queries.tally(db.session()),
    )


@pages.get("/<id:mail_id>", needs=P.MAIL_READ)
def show(mail_id: int) -> ResponseReturnValue:
    mail = queries.get(db.session(), mail_id)
    now = clock.now()
    reads = the_viewer().may(P.MAIL_BODIES)
    in_hand = mail.leased_until is not None and mail.leased_until > now
    return render_template(
        "office/mail/show.html",
        mail=mail,
        told=queries.told(mail, reads=reads),
        about=_about(mail),
        readable=reads and not mail.private,
        attachments=queries.attachments_of(db.session(), mail_id)
        if reads and not mail.private
        else (),
        releasable=the_viewer().may(P.MAIL_RELEASE)
        and postman.can_deliver()
        and mail.sent_at is None
        and not in_hand
        and (mail.failed_at is not None or mail.due_at > now),
    )


@pages.get("/<id:mail_id>/attachments/<id:attachment_id>", needs=P.MAIL_BODIES)
def attachment(mail_id: int, attachment_id: int) -> ResponseReturnValue:
    """A file that goes with a letter, for those who may read the letter."""
    found = queries.get_attachment(db.session(), mail_id, attachment_id)
    if found.mail.private:
        raise NotFound("There is no such attachment.")
    name = quote(found.file_name)
    return Response(
        found.content,
        content_type=found.media_type,
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"},
    )


@pages.post("/<id:mail_id>/release", needs=P.MAIL_RELEASE)
def release(mail_id: int) -> ResponseReturnValue:
    outbox.release(db.session(), mail_id, by=the_viewer().actor, now=clock.now())
    flash("The letter is tried again within seconds.")
    return redirect(url_for("mail.show", mail_id=mail_id))


def _about(mail: OutgoingMail) -> str:
    """The address of what the letter is about; "" if this viewer may not open it."""
    folder, needed = ABOUT.get(mail.about_kind or "", ("", P.EVERYONE))
    return f"{folder}{mail.about_id}" if folder and the_viewer().may(needed) else ""
