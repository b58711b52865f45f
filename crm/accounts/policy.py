"""Who may do what: one table, read top to bottom.

Columns are the roles of `rules.Role`. What a permission opens is said by its name; where a
page shows some people less than others, the narrower permission has a line of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from crm.accounts.rules import Role
from crm.kit.actors import Actor

D, S, F, R, A = Role.DIRECTOR, Role.STAFF, Role.FACULTY, Role.READER, Role.ADMINISTRATOR


class Permission(StrEnum):
    EVERYONE = "everyone"
    SIGNED_IN = "signed in"
    COMPANIES_READ = "companies.read"
    COMPANIES_EDIT = "companies.edit"
    PEOPLE_READ = "people.read"
    PEOPLE_READ_ALL = "people.read_all"
    PEOPLE_EDIT = "people.edit"
    TOUCHES_LOG = "touches.log"
    CONFIDENTIAL_READ = "confidential.read"
    MONEY_READ = "money.read"
    TASKS_EDIT = "tasks.edit"
    INQUIRIES_READ = "inquiries.read"
    INQUIRIES_TRIAGE = "inquiries.triage"
    PIPELINE_READ = "pipeline.read"
    PIPELINE_EDIT = "pipeline.edit"
    MEMBERSHIPS_READ = "memberships.read"
    MEMBERSHIPS_EDIT = "memberships.edit"
    MEMBERSHIPS_APPROVE = "memberships.approve"
    MEMBERSHIPS_AMEND = "memberships.amend"
    MEMBERSHIPS_TERMINATE = "memberships.terminate"
    BENEFITS_READ = "benefits.read"
    BENEFITS_RECORD = "benefits.record"
    AGREEMENTS_READ = "agreements.read"
    INVOICES_READ = "invoices.read"
    INVOICES_ISSUE = "invoices.issue"
    INVOICES_CREDIT = "invoices.credit"
    PAYMENTS_RECORD = "payments.record"
    COUNCIL_READ = "council.read"
    COUNCIL_EDIT = "council.edit"
    COUNCIL_APPROVE = "council.approve"
    GROUPS_EDIT = "groups.edit"
    BALLOTS_VOTE = "ballots.vote"
    BALLOTS_READ_ALL = "ballots.read_all"
    PROJECTS_READ = "projects.read"
    PROJECTS_READ_ALL = "projects.read_all"
    PROJECTS_EDIT = "projects.edit"
    PROJECTS_MANAGE = "projects.manage"
    ENGAGEMENTS_READ = "engagements.read"
    ENGAGEMENTS_EDIT = "engagements.edit"
    REPORTS_READ = "reports.read"
    MAIL_READ = "mail.read"
    MAIL_BODIES = "mail.bodies"
    MAIL_RELEASE = "mail.release"
    HISTORY_READ = "history.read"
    JOURNAL_READ = "journal.read"
    JOURNAL_ALL = "journal.all"
    USERS_READ = "users.read"
    USERS_EDIT = "users.edit"
    SETTINGS_READ = "settings.read"
    VIEWS_SAVE = "views.save"


P = Permission
GRANTS: dict[Permission, frozenset[Role]] = {
    P.COMPANIES_READ: frozenset({D, S, F, R}),
    P.COMPANIES_EDIT: frozenset({D, S}),
    P.PEOPLE_READ: frozenset({D, S, F, R}),  # faculty: those they are linked to
    P.PEOPLE_READ_ALL: frozenset({D, S, R}),
    P.PEOPLE_EDIT: frozenset({D, S}),
    P.TOUCHES_LOG: frozenset({D, S, F}),
    P.CONFIDENTIAL_READ: frozenset({D, S}),
    P.MONEY_READ: frozenset({D, S, R}),
    P.TASKS_EDIT: frozenset({D, S}),
    P.INQUIRIES_READ: frozenset({D, S, R}),  # and whoever gets inquiry notices
    P.INQUIRIES_TRIAGE: frozenset({D, S}),
    P.PIPELINE_READ: frozenset({D, S, R}),
    P.PIPELINE_EDIT: frozenset({D, S}),
    P.MEMBERSHIPS_READ: frozenset({D, S, F, R}),  # without MONEY_READ: standing and dates
    P.MEMBERSHIPS_EDIT: frozenset({D, S}),
    P.MEMBERSHIPS_APPROVE: frozenset({D}),
    P.MEMBERSHIPS_AMEND: frozenset({D}),  # extend, or change tier and fee of what is signed
    P.MEMBERSHIPS_TERMINATE: frozenset({D}),
    P.BENEFITS_READ: frozenset({D, S, F, R}),  # what was given and used: no sum is in it
    P.BENEFITS_RECORD: frozenset({D, S}),
    P.AGREEMENTS_READ: frozenset({D, S, R}),  # the files: they name sums
    P.INVOICES_READ: frozenset({D, S, R}),
    P.INVOICES_ISSUE: frozenset({D, S}),
    P.INVOICES_CREDIT: frozenset({D}),  # void, credit, write off
    P.PAYMENTS_RECORD: frozenset({D, S}),  # of one's own invoice: invoices.payments.SameHands
    P.COUNCIL_READ: frozenset({D, S, F, R}),
    P.COUNCIL_EDIT: frozenset({D, S}),
    P.COUNCIL_APPROVE: frozenset({D}),  # minutes, ballots
    P.GROUPS_EDIT: frozenset({D, S, F}),  # faculty: those they chair
    P.BALLOTS_VOTE: frozenset({D, S, F}),  # for themselves
    P.BALLOTS_READ_ALL: frozenset({D, S, R}),  # who has voted; results shown to the office only
    P.PROJECTS_READ: frozenset({D, S, F, R}),  # without MONEY_READ: no budget
    P.PROJECTS_READ_ALL: frozenset({D, S, R}),  # outputs for the office alone; faculty: their own
    P.PROJECTS_EDIT: frozenset({D, S, F}),  # faculty: those they lead
    P.PROJECTS_MANAGE: frozenset({D, S}),  # calls, selection, stages, budgets
    P.ENGAGEMENTS_READ: frozenset({D, S, F, R}),  # without MONEY_READ: what and when, no value
    P.ENGAGEMENTS_EDIT: frozenset({D, S}),
    P.REPORTS_READ: frozenset({D, S, F, R}),  # without MONEY_READ: no column of sums
    P.MAIL_READ: frozenset({D, S, R, A}),
    P.MAIL_BODIES: frozenset({D, S, R}),
    P.MAIL_RELEASE: frozenset({D, S}),
    P.HISTORY_READ: frozenset({D, S, R}),  # a record's own history, with before and after
    P.JOURNAL_READ: frozenset({D, S, R, A}),  # without JOURNAL_ALL: one's own acts
    P.JOURNAL_ALL: frozenset({D, A}),
    P.USERS_READ: frozenset({D, A}),
    P.USERS_EDIT: frozenset({D, A}),  # whom and to what: accounts.operations
    P.SETTINGS_READ: frozenset({D, S, R, A}),
    P.VIEWS_SAVE: frozenset({D, S, F}),  # a reader changes nothing, not even a list of links
}


@dataclass(frozen=True)
class Viewer:
    """Whoever looks, as read from the database at this request. Frozen: it decides nothing anew."""

    id: int
    name: str
    email: str
    roles: frozenset[Role]
    inquiry_notices: bool = False
    permissions: frozenset[Permission] = field(init=False)

    def __post_init__(self) -> None:
        granted = {p for p, roles in GRANTS.items() if roles & self.roles}
        if self.inquiry_notices:
            granted.add(P.INQUIRIES_READ)
        granted |= {P.EVERYONE, P.SIGNED_IN}
        object.__setattr__(self, "permissions", frozenset(granted))

    def may(self, permission: Permission | str) -> bool:
        """Raises ValueError for a permission the table does not know: a typo must not hide."""
        return Permission(permission) in self.permissions

    @property
    def actor(self) -> Actor:
        return Actor(self.id, self.name)
