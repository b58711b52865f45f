from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.accounts.policy import Viewer
from crm.council import queries as council
from crm.council.models import Seat
from crm.council.roster import roster_on
from crm.council.roster_lines import RosterLine
from crm.invoices import queries as invoices
from crm.journal.queries import history_of
from crm.kit.money import Money
from crm.kit.pages import page_of
from crm.memberships import agreements, queries, since
from crm.memberships.models import Membership
from crm.memberships.rules import IN_FORCE, UNSIGNED, Status
from crm.memberships.search import SORTS, MembershipSearch
from crm.office import history
from crm.office.benefits import story as benefits
from crm.office.memberships import amended, dues, story
from crm.office.memberships.band import band
from crm.web import programme, query
from crm.web.access import Pages
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.lately import lately
from crm.web.session import the_viewer

pages = Pages("memberships", __name__, url_prefix="/office")

IN_FORCE_WORD = "in force"
LIST = "/office/memberships"
HEADINGS = (
    "Company", "Tier", "Founding", "Status", "Starts on", "Last day", "Company id", "Membership id",
)  # fmt: skip
MONEY_HEADINGS = ("Fee a year", "Currency")
TILES = (
    (Status.ACTIVE, "Active", ""),
    (Status.GRACE, "In grace", "soon"),
    (Status.AWAITING_SIGNATURE, "Awaiting signature", "soon"),
    (Status.UPCOMING, "Upcoming", ""),
    (Status.DRAFT, "Drafts", ""),
    (Status.LAPSED, "Lapsed", ""),
)


@pages.get("/memberships", needs=P.MEMBERSHIPS_READ)
def index() -> ResponseReturnValue:
    today = programme.today()
    search, asked = _search(today)
    page = page_of(db.session(), search.select(), number=query.page())
    filtered = bool(search.text or asked or search.tier_id or search.as_of != today)
    return render_template(
        "office/memberships/index.html",
        search=search,
        asked_status=asked,
        as_of_is_today=search.as_of == today,
        page=page,
        rows=[_row(row, search.money) for row in page.items],
        columns=_columns(search.money),
        tiles=_tiles(search, queries.counts_on(db.session(), search.as_of), asked, today),
        status_choices=[
            (IN_FORCE_WORD, "In force (active or grace)"),
            *((status.value, status.capitalize()) for status in Status),
        ],
        tier_choices=lately("tiers", _tier_choices),
        clear=url_for("memberships.index") if filtered else "",
        exports=files(LIST),
    )


def _tier_choices() -> list[tuple[int, str]]:
    return [(tier.id, tier.name) for tier in queries.all_tiers(db.session())]


@pages.get("/memberships.csv", needs=P.MEMBERSHIPS_READ)
def index_csv() -> ResponseReturnValue:
    return _export("csv")


@pages.get("/memberships.xlsx", needs=P.MEMBERSHIPS_READ)
def index_xlsx() -> ResponseReturnValue:
    return _export("xlsx")


@pages.get("/memberships/<id:membership_id>", needs=P.MEMBERSHIPS_READ)
def show(membership_id: int) -> ResponseReturnValue:
    viewer, today = the_viewer(), programme.today()
    day = query.day("as_of") or today
    membership = queries.get(db.session(), membership_id)
    return render_template(
        "office/memberships/show.html",
        membership=membership,
        day=day,
        today=today,
        **_story(membership, viewer, today, day),
    )


def _search(today: date) -> tuple[MembershipSearch, str]:
    """What the address bar asks for, and the word it used for the status."""
    asked = query.one_of("status", [IN_FORCE_WORD, *Status]) or ""
    search = MembershipSearch(
        as_of=query.day("as_of") or today,
        text=query.text("q"),
        status=Status(asked) if asked and asked != IN_FORCE_WORD else None,
        in_force=asked == IN_FORCE_WORD,
        tier_id=query.number("tier"),
        sort=query.sort(SORTS, "company"),
        money=the_viewer().may(P.MONEY_READ),
    )
    return search, asked


def _export(ending: str) -> ResponseReturnValue:
    """Every row of the same search, with the columns this viewer sees."""
    search, _ = _search(programme.today())
    respond = {"csv": csv_response, "xlsx": xlsx_response}[ending]
    return respond(
        "memberships",
        [*HEADINGS, *(MONEY_HEADINGS if search.money else ())],
        search.select(),
        viewer=the_viewer(),
        shape=_cells,
    )


def _cells(row: Any) -> tuple[object, ...]:
    id_, company_id, company, tier, founding, status, starts_on, ends_before, *money = row
    last_day = ends_before - timedelta(days=1)
    cells = (company, tier, founding, status, starts_on, last_day, company_id, id_)
    return (*cells, Money(*money), money[1]) if money else cells


def _story(membership: Membership, viewer: Viewer, today: date, day: date) -> dict[str, Any]:
    """What the page tells, as far as this viewer may know it."""
    reading = db.session()
    siblings = queries.of_company(reading, membership.company_id)
    statuses = queries.statuses_on(reading, siblings, today)
    status = statuses[membership.id]
    terms = story.terms_of(siblings, statuses)
    seat = council.seat_of_company(reading, membership.company_id)
    lines = roster_on(reading, today, company_id=membership.company_id)
    line = next((line for line in lines if line.membership_id == membership.id), None)
    url = url_for("memberships.show", membership_id=membership.id)
    says, says_kind = story.what_now(
        membership, status, today, terms=terms, reasons=viewer.may(P.HISTORY_READ)
    )
    money = viewer.may(P.MONEY_READ)
    amendments = queries.amendments_of(reading, membership.id)
    agreed = queries.agreed_fees(reading, membership) if money else []
    tier = amended.tier_on(membership, amendments, today)
    versions = agreements.of_membership(reading, membership.id)
    renewed = any(
        term.predecessor_id == membership.id and term.occupied_before > term.starts_on
        for term in siblings
    )
    return {
        "status": status,
        "tier": tier,
        "founding": queries.is_founding(reading, membership.id, today),
        "status_on_day": status
        if day == today
        else queries.statuses_on(reading, [membership], day)[membership.id],
        "tier_on_day": amended.tier_on(membership, amendments, day),
        "fee_on_day": amended.fee_on(membership, agreed, amendments, day) if money else None,
        "member_since": since.of_membership(reading, membership.id, today)
        if status in IN_FORCE
        else None,
        "says": says,
        "says_kind": says_kind,
        "facts": story.term_facts(membership, tier, status, today),
        "agreement": story.agreement_facts(membership, agreed),
        "agreements": versions if viewer.may(P.AGREEMENTS_READ) else [],
        "paper": story.paper_facts(membership) if money else [],
        "changes": amended.changes_of(
            membership,
            queries.extensions_of(reading, membership.id),
            amendments,
            money=money,
        ),
        "benefits": benefits.of_membership(
            reading, membership, viewer=viewer, today=today, facts=programme.current().facts
        )
        if viewer.may(P.BENEFITS_READ)
        else None,
        "band": band(membership.company.name, url, terms, today),
        "other_terms": [term for term in terms if term.id != membership.id],
        "dues": dues.of_term(
            membership,
            invoices.schedule_of(reading, membership.id),
            queries.fees_of(reading, membership),
        )
        if money
        else None,
        "bills": viewer.may(P.INVOICES_ISSUE) and status not in UNSIGNED | {Status.WITHDRAWN},
        "acts": story.acts(
            membership,
            status,
            viewer,
            today=today,
            renewed=renewed,
            filed=any(version.signed for version in versions),
        ),
        "seat": line,
        "seat_facts": story.seat_facts(line) if line else [],
        "seat_url": _seat_url(line, seat),
        "no_seat": story.why_no_seat(membership, status),
        "history": _history(membership, viewer, seat.id if seat else None),
    }


def _seat_url(line: RosterLine | None, seat: Seat | None) -> str:
    """Of the seat that speaks for the company today, else of its own."""
    seat_id = line.seat_id if line is not None else seat.id if seat is not None else None
    return url_for("council.seat", seat_id=seat_id) if seat_id is not None else ""


def _history(
    membership: Membership, viewer: Viewer, seat_id: int | None
) -> list[history.Told] | None:
    """None for those who may not read it."""
    if not viewer.may(P.HISTORY_READ):
        return None
    records = [("membership", membership.id)]
    if seat_id is not None:
        records.append(("seat", seat_id))
    lines = history_of(db.session(), records, confidential=viewer.may(P.CONFIDENTIAL_READ))
    return history.told(lines, history.names_of(db.session(), lines), membership.currency)


def _row(row: Any, money: bool) -> dict[str, Any]:
    return {
        "url": f"{LIST}/{row.id}",
        "company": row.company,
        "tier": row.tier,
        "founding": row.founding,
        "status": row.status,
        "starts_on": row.starts_on,
        "last_day": row.ends_before - timedelta(days=1),
        "fee": Money(row.fee_minor, row.currency) if money else None,
    }


def _columns(money: bool) -> list[tuple[str, str | None, str]]:
    columns: list[tuple[str, str | None, str]] = [
        ("Company", "company", ""),
        ("Tier", "tier", ""),
        ("Status", "status", ""),
        ("Starts on", "starts", ""),
        ("Last day", "ends", ""),
    ]
    return [*columns, ("Fee a year", None, "n")] if money else columns


def _tiles(
    search: MembershipSearch, counted: dict[Status, int], asked: str, today: date
) -> list[tuple[str, int, str, str, str]]:
    as_of = None if search.as_of == today else search.as_of.isoformat()
    return [
        (
            label,
            counted[status],
            url_for("memberships.index", status=status.value, as_of=as_of),
            "",
            state if counted[status] else "",
        )
        for status, label, state in TILES
    ]
