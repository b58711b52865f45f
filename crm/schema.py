"""Every table, in one import."""

from __future__ import annotations

from crm.accounts import models as accounts
from crm.activities import models as activities
from crm.benefits import models as benefits
from crm.companies import models as companies
from crm.council import ballot_models as ballots
from crm.council import meeting_models as meetings
from crm.council import models as council
from crm.documents import models as documents
from crm.invoices import finance_models as finance
from crm.invoices import instalment_models as instalments
from crm.invoices import models as invoices
from crm.invoices import payment_models as payments
from crm.journal import models as journal
from crm.kit.db import Base
from crm.mail import models as mail
from crm.memberships import benefit_models as promised_benefits
from crm.memberships import models as memberships
from crm.partnerships import area_models as areas
from crm.partnerships import facility_models as facilities
from crm.partnerships import models as partnerships
from crm.partnerships import use_models as contribution_uses
from crm.partnerships import workspace_models as workspaces
from crm.people import models as people
from crm.pipeline import giving_models as contribution_origins
from crm.pipeline import models as pipeline
from crm.programme import models as programme
from crm.projects import models as projects
from crm.projects import people_models as project_people
from crm.retention import models as retention
from crm.search import models as search
from crm.working_groups import models as working_groups

ROOMS = (
    accounts, activities, areas, ballots, benefits, companies, contribution_origins,
    contribution_uses, council, documents, facilities, finance, instalments, invoices, journal,
    mail, meetings, memberships, partnerships, payments, people, pipeline, programme,
    project_people, projects,
    promised_benefits, retention, search, working_groups, workspaces,
)  # fmt: skip
metadata = Base.metadata
