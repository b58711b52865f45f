"""What such a term would be, for the conversation in which it is offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.enrolment import quotes
from crm.enrolment.quotes import Quote
from crm.kit.money import plain
from crm.memberships import queries
from crm.memberships.models import Tier
from crm.memberships.rules import membership_year
from crm.office.acts import accepted
from crm.office.memberships import story
from crm.office.memberships.story import Fact
from crm.office.memberships.terms import REGULAR, OfferForm
from crm.office.memberships.views import pages
from crm.web import programme
from crm.web.database import db
from crm.web.filters import day as shown
from crm.web.filters import money as shown_money


@pages.get("/memberships/quote", needs=P.MEMBERSHIPS_EDIT)
def quote() -> ResponseReturnValue:
    tiers = queries.open_tiers(db.session())
    asked = "starts_on" in request.args
    form = OfferForm(request.args if asked else None)
    form.offer(tiers)
    found: list[Quote] = []

    def work_out() -> None:
        wanted = form.offered(0, tiers)  # for nobody yet
        grace_days, _ = queries.grace(db.session())
        found.append(
            quotes.quote(
                starts_on=wanted.starts_on,
                years=wanted.years,
                fee=wanted.fee,
                frequency=wanted.frequency,
                grace_days=grace_days,
            )
        )

    fits = asked and accepted(form, work_out)
    page = render_template(
        "office/memberships/quote.html",
        form=form,
        quote=found[0] if fits else None,
        tiers=tiers,
        tier_notes={tier.id: story.tier_note(tier) for tier in tiers},
        **(_told(found[0], form, tiers) if fits else {}),
    )
    return page, 400 if asked and not fits else 200


def _told(quote: Quote, form: OfferForm, tiers: Sequence[Tier]) -> dict[str, Any]:
    tier = next(tier.name for tier in tiers if str(tier.id) == form.tier.data)
    assert quote.term.last_day is not None  # a membership's term always ends
    facts: list[Fact] = [
        ("Tier", tier),
        ("Starts on", shown(quote.term.starts_on)),
        ("Last day", shown(quote.term.last_day)),
        ("Length", f"{quote.years} year{'s'[: quote.years != 1]}"),
        ("Fee", f"{shown_money(quote.fee)} a year"),
        ("In all", shown_money(quote.total)),
        ("Dues fall due", dict(REGULAR)[quote.frequency.value].lower()),
        ("Grace", f"{quote.grace_days} days after the last day"),
    ]
    today = programme.today()
    return {
        "facts": facts,
        "years": [(year, membership_year(quote.term, year)) for year in range(1, quote.years + 1)],
        "status": quote.status_on(today),
        "today": today,
        "start_url": url_for(
            "memberships.new",
            tier=form.tier.data,
            starts_on=quote.term.starts_on.isoformat(),
            years=quote.years,
            fee=plain(quote.fee),
            currency=quote.fee.currency,
            frequency=quote.frequency.value,
        ),
    }
