"""Benefits: of a membership, year by year; what was used, and what is agreed otherwise."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.benefits import operations, queries
from crm.benefits.models import BenefitUse
from crm.benefits.operations import Recorded
from crm.benefits.queries import MemberYear
from crm.benefits.rules import counted
from crm.benefits.sources import BY_HAND
from crm.companies import queries as companies
from crm.companies.models import Company
from crm.memberships import agreeing
from crm.memberships import queries as memberships
from crm.memberships.rules import OVER, membership_year, year_on, years_of
from crm.office.acts import Act, accepted, carry_out
from crm.office.benefits import story
from crm.office.benefits.forms import AgreeForm, StrikeForm, UseForm
from crm.reports.benefits import who_had, who_may_have_had
from crm.web import clock, programme
from crm.web.access import Pages
from crm.web.database import db
from crm.web.filters import day as shown
from crm.web.session import the_viewer

pages = Pages("benefits", __name__, url_prefix="/office")

NO_YEAR = (
    "{} has no membership in force today. What was used on a day of an earlier membership can be "
    "entered for that day."
)


@pages.get("/memberships/<id:membership_id>/benefits", needs=P.BENEFITS_READ)
def of_membership(membership_id: int) -> str:
    """All its years, each number with the records it counts."""
    viewer, today = the_viewer(), programme.today()
    membership = memberships.get(db.session(), membership_id)
    told = story.of_membership(
        db.session(), membership, viewer=viewer, today=today, facts=programme.current().facts
    )
    uses = [use for year in told.years for line in year.lines for use in line.uses]
    by_hand = [use.record_id for use in [*uses, *told.outside] if use.what == BY_HAND]
    status = memberships.statuses_on(db.session(), [membership], today)[membership_id]
    return render_template(
        "office/benefits/membership.html",
        membership=membership,
        status=status,
        may_agree=viewer.may(P.MEMBERSHIPS_AMEND) and status not in OVER,
        benefits=told,
        today=today,
        agreed=agreeing.of_membership(db.session(), membership_id),
        had=who_had(db.session(), by_hand, viewer=viewer, day=today),
    )


@pages.form("/memberships/<id:membership_id>/benefits/agree", needs=P.MEMBERSHIPS_AMEND)
def agree(membership_id: int) -> ResponseReturnValue:
    """Other numbers than the tier gives."""
    reading = db.session()
    membership = memberships.get(reading, membership_id)
    running = year_on(programme.today(), membership.term)
    form = AgreeForm.of_request(from_year=str(running))
    years = range(1, years_of(membership.term) + 1)
    form.offer(
        [(benefit.id, benefit.name) for benefit in queries.offered(reading)],
        [(n, f"Year {n}, {shown(membership_year(membership.term, n).starts_on)}") for n in years],
    )
    back = url_for("benefits.of_membership", membership_id=membership_id)
    act = Act(
        title="Agree otherwise on a benefit",
        says=(
            "For this term alone, from a year on, whatever its tier gives. What was promised, and "
            "agreed before, stays to be read.",
        ),
        submit="Agree",
        done="It is agreed.",
        url=url_for("benefits.agree", membership_id=membership_id),
        back=back,
        trail=(*_trail(membership.company), ("Benefits", back)),
    )
    return carry_out(
        act,
        form,
        lambda: agreeing.agree(
            reading, membership, form.draft(), by=the_viewer().actor, now=clock.now(),
            today=programme.today(),
        ),
    )  # fmt: skip


@pages.form("/companies/<id:company_id>/benefits/new", needs=P.BENEFITS_RECORD)
def record(company_id: int) -> ResponseReturnValue:
    """Enter a use; more than is left is entered too, and said."""
    reading, today = db.session(), programme.today()
    company = companies.get(reading, company_id)
    year = queries.of_company(reading, company_id, today).on(today)
    form = UseForm.of_request(on=company.archived_on or today, number=1)
    people = who_may_have_had(reading, company_id, viewer=the_viewer(), today=today)
    form.offer(_offered(year), people)
    made: list[Recorded] = []

    def do() -> None:
        made.append(
            operations.record(
                reading, company_id, form.draft(), by=the_viewer().actor, now=clock.now(),
                today=today,
            )
        )  # fmt: skip

    if request.method == "POST" and accepted(form, do):
        [recorded] = made
        _say(recorded)
        return redirect(_page_of(recorded.year))
    page = render_template("office/act.html", act=_act(company, year), form=form)
    return page, 422 if request.method == "POST" else 200


@pages.get("/benefits/uses/<id:benefit_use_id>", needs=P.BENEFITS_READ)
def use(benefit_use_id: int) -> str:
    viewer, today = the_viewer(), programme.today()
    found = queries.get(db.session(), benefit_use_id)
    year = queries.of_company(db.session(), found.company_id, today).on(found.on)
    return render_template(
        "office/benefits/use.html",
        use=found,
        how_many=counted(found.number, found.benefit.unit, found.benefit.units),
        year=year,
        year_url=_page_of(year) if year else "",
        people=who_had(db.session(), [found.id], viewer=viewer, day=today).get(found.id, ()),
    )


@pages.form("/benefits/uses/<id:benefit_use_id>/strike", needs=P.BENEFITS_RECORD)
def strike(benefit_use_id: int) -> ResponseReturnValue:
    found = queries.get(db.session(), benefit_use_id)
    form = StrikeForm.of_request()
    back = url_for("benefits.use", benefit_use_id=benefit_use_id)
    act = Act(
        title="Strike this use",
        says=(
            f"{found.benefit.name}, {shown(found.on)}: it counts for nothing any more and stays on "
            "record, with your reason. Enter the right one anew.",
        ),
        submit="Strike this use",
        done="It is struck.",
        url=url_for("benefits.strike", benefit_use_id=benefit_use_id),
        back=back,
        trail=(*_trail(found.company), (found.benefit.name, back)),
        kind="danger",
    )
    return carry_out(act, form, lambda: _strike(found, form))


def _strike(found: BenefitUse, form: StrikeForm) -> None:
    operations.strike(
        db.session(), found, reason=form.reason.data or "", by=the_viewer().actor, now=clock.now()
    )


def _offered(year: MemberYear | None) -> list[tuple[int, str]]:
    """With what is left of each; those that are retired where the year promised them."""
    lines = {line.benefit_id: line for line in year.lines} if year else {}
    found = []
    for benefit in queries.by_hand(db.session()):
        line = lines.get(benefit.id)
        if line is not None:
            found.append((benefit.id, f"{benefit.name}: {story.left_in_words(line)}"))
        elif benefit.retired_on is None:
            found.append((benefit.id, benefit.name))
    return found


def _act(company: Company, year: MemberYear | None) -> Act:
    says = [NO_YEAR.format(company.name)] if year is None else []
    facts = programme.current().facts
    if year is not None and story.is_suspended(
        db.session(), company.id, viewer=the_viewer(), today=programme.today(), facts=facts
    ):
        says.append(story.SUSPENDED)
    return Act(
        title=f"Record what {company.name} used",
        says=tuple(says),
        submit="Record",
        done="",
        url=url_for("benefits.record", company_id=company.id),
        back=url_for("companies.show", company_id=company.id) + "#membership",
        trail=_trail(company),
    )


def _trail(company: Company) -> tuple[tuple[str, str], ...]:
    page = url_for("companies.show", company_id=company.id)
    return ("Companies", url_for("companies.index")), (company.name, page)


def _page_of(year: MemberYear) -> str:
    page = url_for("benefits.of_membership", membership_id=year.membership_id)
    return f"{page}#y{year.year.number}"


def _say(recorded: Recorded) -> None:
    line = recorded.line
    used = counted(recorded.use.number, line.unit, line.units)
    if line.tally.over:
        flash(
            f"Recorded: {line.name}, {used}. That makes "
            f"{counted(line.tally.over, line.unit, line.units)} more than this year gives.",
            "warning",
        )
    else:
        flash(f"Recorded: {line.name}, {used}; {story.left_in_words(line)}.", "success")
