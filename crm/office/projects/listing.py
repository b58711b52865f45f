"""The list of projects: filtered, sorted, and taken along as it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, render_template
from sqlalchemy import Row

from crm.accounts.policy import Permission as P
from crm.companies import queries as companies
from crm.kit.days import day_before
from crm.kit.pages import page_of
from crm.office.challenges.filter import choices
from crm.office.projects.views import KINDS, pages
from crm.projects import part_queries, queries
from crm.projects.models import Project
from crm.projects.rules import ProjectKind
from crm.projects.search import SHOWN, SORTS, ProjectSearch
from crm.web import programme, query
from crm.web.database import db
from crm.web.exports import csv_response, xlsx_response
from crm.web.here import files
from crm.web.session import the_viewer

LIST = "/office/projects"
HEADINGS = (
    "Project", "Kind", "Stage", "Led by", "Companies", "Starts on", "Last day", "Paid from",
    "Seats offered", "Seats taken", "Milestones overdue", "Project id",
)  # fmt: skip
MOST_NAMED = 3


def _search() -> ProjectSearch:
    kind = query.one_of("kind", [kind.value for kind in ProjectKind])
    as_of = query.day("as_of")
    return ProjectSearch(
        day=as_of or programme.today(),
        as_of=as_of,
        q=query.text("q"),
        kind=ProjectKind(kind) if kind else None,
        challenge_id=query.number("challenge"),
        company_id=query.number("company"),
        show=query.one_of("show", tuple(SHOWN)) or "current",
        sort=query.sort(SORTS, "title"),
    )


@pages.get("", needs=P.PROJECTS_READ)
def index() -> str:
    session, search = db.session(), _search()
    page = page_of(session, search.select(), number=query.page())
    ids = [row.id for row in page.items]
    involved = part_queries.involved_in(session, ids)
    return render_template(
        "office/projects/index.html",
        search=search,
        page=page,
        leads=queries.leads_of(session, ids, search.day),
        involved={id_: found[:MOST_NAMED] for id_, found in involved.items()},
        more={id_: len(found) - MOST_NAMED for id_, found in involved.items()},
        company=companies.get(session, search.company_id) if search.company_id else None,
        kinds=KINDS,
        challenges=choices(search.challenge_id),
        shown=[(word, word.capitalize()) for word in SHOWN],
        calls=queries.open_calls(session, programme.today()),
        filtered=search != ProjectSearch(day=search.day, sort=search.sort),
        files=files(LIST, "/list"),
    )


@pages.get("/list.csv", needs=P.PROJECTS_READ)
def export() -> Response:
    return _export(csv_response)


@pages.get("/list.xlsx", needs=P.PROJECTS_READ)
def export_xlsx() -> Response:
    return _export(xlsx_response)


def _export(respond: Callable[..., Response]) -> Response:
    """Without sums: a project's budget stands on its page."""
    session, search = db.session(), _search()
    ids = list(session.scalars(search.select().with_only_columns(Project.id)))
    leads = queries.leads_of(session, ids, search.day)
    involved = part_queries.involved_in(session, ids)

    def cells(row: Row[Any]) -> Sequence[object]:
        return (
            row.title,
            row.kind,
            row.stage,
            ", ".join(leads.get(row.id, ())),
            ", ".join(f"{one.name} ({one.part})" for one in involved.get(row.id, ())),
            row.starts_on,
            day_before(row.ends_before),
            row.source,
            row.seats_offered,
            row.seats_taken if row.seats_offered else None,
            row.late,
            row.id,
        )

    return respond("projects", HEADINGS, search.select(), viewer=the_viewer(), shape=cells)
