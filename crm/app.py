"""Puts the house together. The only module that knows every room."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click import Command
from flask import Flask
from flask_migrate import Migrate
from jinja2 import FileSystemBytecodeCache, StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import schema  # noqa: F401  (every mapper, before the first query)
from crm.cli import check, demo, mail, programme, reports, site, users, worker
from crm.cli import companies as company_commands
from crm.cli import invoices as invoice_commands
from crm.cli import memberships as membership_commands
from crm.cli import opportunities as opportunity_commands
from crm.cli import payments as payment_commands
from crm.cli import people as people_commands
from crm.cli import touches as touch_commands
from crm.companies import indexing as company_index
from crm.council import indexing as council_index
from crm.memberships import indexing as membership_index
from crm.office.account import views as account
from crm.office.activities import asking_first as asking_pages  # noqa: F401  (their routes)
from crm.office.activities import interests as interest_pages  # noqa: F401  (their routes)
from crm.office.activities import mine as my_pages  # noqa: F401  (their routes)
from crm.office.activities import views as activity_pages
from crm.office.ballots import acts as ballot_acts  # noqa: F401  (their routes)
from crm.office.ballots import views as ballot_pages
from crm.office.benefits import views as benefits
from crm.office.challenges import views as challenges
from crm.office.companies import views as company_pages
from crm.office.council import chairing, letters, nominations, passing  # noqa: F401  (their routes)
from crm.office.council import views as council
from crm.office.dossier import views as dossier_pages
from crm.office.engagements import contribution_stages as stage_pages  # noqa: F401  (their routes)
from crm.office.engagements import contributions as contribution_pages  # noqa: F401  (their routes)
from crm.office.engagements import facilities as facility_pages  # noqa: F401  (their routes)
from crm.office.engagements import ledger as contributions_ledger  # noqa: F401  (their routes)
from crm.office.engagements import letters as thanks_pages  # noqa: F401  (their routes)
from crm.office.engagements import partnership_terms as partnership_acts  # noqa: F401  (its routes)
from crm.office.engagements import partnership_work as partnership_steps  # noqa: F401  (its routes)
from crm.office.engagements import partnerships as partnership_pages  # noqa: F401  (their routes)
from crm.office.engagements import uses as use_pages  # noqa: F401  (their routes)
from crm.office.engagements import views as engagements
from crm.office.engagements import workspace as partnership_page  # noqa: F401  (its route)
from crm.office.home import views as home
from crm.office.inquiries import views as inquiries
from crm.office.invoices import billing as invoice_billing  # noqa: F401  (its routes)
from crm.office.invoices import company as invoice_company  # noqa: F401  (its routes)
from crm.office.invoices import reconciling as invoice_reconciling  # noqa: F401  (its routes)
from crm.office.invoices import taking_back as invoice_taking_back  # noqa: F401  (its routes)
from crm.office.invoices import views as invoices
from crm.office.journal import views as journal_pages
from crm.office.mail import views as mail_pages
from crm.office.meetings import agenda as meeting_agenda  # noqa: F401  (its routes)
from crm.office.meetings import minutes as meeting_minutes  # noqa: F401  (their routes)
from crm.office.meetings import people as meeting_people  # noqa: F401  (their routes)
from crm.office.meetings import views as meetings
from crm.office.memberships import acts as membership_acts  # noqa: F401  (their routes)
from crm.office.memberships import agreements as membership_agreements  # noqa: F401  (its routes)
from crm.office.memberships import changes as membership_changes  # noqa: F401  (their routes)
from crm.office.memberships import drafts as membership_drafts  # noqa: F401  (their routes)
from crm.office.memberships import quote as membership_quote  # noqa: F401  (its route)
from crm.office.memberships import stewardship  # noqa: F401  (its routes)
from crm.office.memberships import views as memberships
from crm.office.payments import acts as payment_acts  # noqa: F401  (their routes)
from crm.office.payments import bank as payment_bank  # noqa: F401  (its routes)
from crm.office.payments import views as payments
from crm.office.people import account as account_pages  # noqa: F401  (their routes)
from crm.office.people import jobs as job_pages  # noqa: F401  (their routes)
from crm.office.people import profile as profile_pages  # noqa: F401  (their routes)
from crm.office.people import views as people_pages
from crm.office.pipeline import acts as pipeline_acts  # noqa: F401  (their routes)
from crm.office.pipeline import export as pipeline_export  # noqa: F401  (its route)
from crm.office.pipeline import opportunity as opportunities
from crm.office.pipeline import views as pipeline
from crm.office.projects import calls as project_calls  # noqa: F401  (their routes)
from crm.office.projects import companies as project_companies  # noqa: F401  (their routes)
from crm.office.projects import files as project_files  # noqa: F401  (their routes)
from crm.office.projects import following as project_following  # noqa: F401  (their routes)
from crm.office.projects import listing as project_listing  # noqa: F401  (their routes)
from crm.office.projects import people as project_people  # noqa: F401  (their routes)
from crm.office.projects import views as projects
from crm.office.projects import writing as project_writing  # noqa: F401  (their routes)
from crm.office.receivables import reminders as reminder_pages  # noqa: F401  (their routes)
from crm.office.receivables import views as receivables
from crm.office.renewals import panel as renewal_panel  # noqa: F401  (its routes)
from crm.office.renewals import views as renewals
from crm.office.reports import views as report_pages
from crm.office.saved_views import views as saved_views
from crm.office.search import views as search_pages
from crm.office.self_check import views as self_check
from crm.office.settings import views as settings_pages
from crm.office.sign_in import views as sign_in
from crm.office.users import views as user_pages
from crm.office.working_groups import deliverables as group_deliverables  # noqa: F401  (their routes)
from crm.office.working_groups import files as group_files  # noqa: F401  (their routes)
from crm.office.working_groups import mailings as group_mailings  # noqa: F401  (their routes)
from crm.office.working_groups import members as group_members  # noqa: F401  (their routes)
from crm.office.working_groups import places as group_places  # noqa: F401  (their routes)
from crm.office.working_groups import views as working_groups
from crm.partnerships import indexing as engagement_index
from crm.pipeline import indexing as opportunity_index
from crm.projects import indexing as project_index
from crm.public.ballots import views as voting
from crm.public.groups import views as public_groups
from crm.public.health import views as health
from crm.public.inquiries import views as inquiry
from crm.public.programme import views as public_programme
from crm.public.projects import views as public_projects
from crm.search import operations as search
from crm.web import (
    access,
    context,
    database,
    errors,
    filters,
    headers,
    limits,
    logs,
    postman,
    session,
)  # fmt: skip
from crm.web.application import Application
from crm.web.converters import IdConverter, QuotedConverter
from crm.working_groups import indexing as working_group_index

ROOT = Path(__file__).parent.parent
BLUEPRINTS = (
    account.pages,
    council.pages,
    activity_pages.pages,
    ballot_pages.pages,
    benefits.pages,
    company_pages.pages,
    dossier_pages.pages,
    engagements.pages,
    people_pages.pages,
    search_pages.pages,
    health.pages,
    home.pages,
    inquiries.pages,
    inquiry.pages,
    invoices.pages,
    journal_pages.pages,
    mail_pages.pages,
    meetings.pages,
    memberships.pages,
    opportunities.pages,
    payments.pages,
    pipeline.pages,
    projects.pages,
    challenges.pages,
    public_groups.pages,
    public_programme.pages,
    public_projects.pages,
    receivables.pages,
    renewals.pages,
    report_pages.pages,
    saved_views.pages,
    self_check.pages,
    settings_pages.pages,
    sign_in.pages,
    user_pages.pages,
    voting.pages,
    working_groups.pages,
)  # fmt: skip
COMMANDS: tuple[Command, ...] = (
    check.check,
    company_commands.companies,
    demo.demo,
    invoice_commands.invoices,
    mail.mail,
    membership_commands.memberships,
    opportunity_commands.opportunities,
    payment_commands.payments,
    people_commands.people,
    programme.programme,
    reports.reports,
    site.site,
    touch_commands.touches,
    users.users,
    worker.worker,
)  # fmt: skip

search.register(
    *company_index.SOURCES,
    *engagement_index.SOURCES,
    *membership_index.SOURCES,
    *opportunity_index.SOURCES,
    *council_index.SOURCES,
    *project_index.SOURCES,
    *working_group_index.SOURCES,
)


def compiled_templates(data_dir: Path) -> FileSystemBytecodeCache:
    """Kept between starts: compiling them all takes most of a second. `flask site prepare` does."""
    folder = data_dir / "compiled-templates"
    folder.mkdir(parents=True, exist_ok=True)
    return FileSystemBytecodeCache(str(folder))


def create_app(settings: Mapping[str, Any]) -> Flask:
    """The application. Opens no connection."""
    app = Application(
        "crm", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config.from_mapping(settings)
    app.jinja_options["undefined"] = StrictUndefined
    app.jinja_options["bytecode_cache"] = compiled_templates(app.config["DATA_DIR"])
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.strict_slashes = False
    app.url_map.converters |= {"id": IdConverter, "quoted": QuotedConverter}
    if app.config["PROXY_HOPS"]:
        hops = app.config["PROXY_HOPS"]
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    database.init_app(app)
    Migrate(app, database.db, directory=str(ROOT / "migrations"))
    for part in (session, errors, headers, filters, context, limits, logs, postman):
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    access.check_all_declared(app)
    return app
