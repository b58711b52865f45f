"""One of everything, and one of everything that is over: what the house tests walk through.

Sums and confidential words in it are canaries: wherever they show, they came from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from crm.accounts.models import SavedView, UserAccount
from crm.accounts.rules import Role
from crm.activities.models import Clearance, TouchPerson
from crm.activities.rules import Shown
from crm.companies.models import Company
from crm.council import ballots
from crm.council.meeting_models import ActionItem
from crm.council.meeting_rules import Presence
from crm.council.models import Chair, SeatLetter
from crm.council.rules import LetterKind
from crm.invoices.finance_models import FinanceLine, FinanceStatement
from crm.invoices.instalment_models import Instalment
from crm.invoices.models import CreditNote, InvoiceLine
from crm.invoices.payment_models import Allocation, BankImport, Payment
from crm.invoices.rules import CreditKind
from crm.mail.models import OutgoingAttachment
from crm.partnerships import queries as contributions
from crm.partnerships.area_models import AreaFaculty
from crm.partnerships.models import Contribution, ContributionStep
from crm.partnerships.rules import FacilityStage
from crm.partnerships.rules import Stage as ContributionStage
from crm.partnerships.workspace_models import Convening
from crm.partnerships.workspace_rules import Answer as ConvenedAnswer
from crm.partnerships.workspace_rules import Ip, Nda, Result
from crm.people.models import Consent, Person
from crm.pipeline.models import LostReason, OpportunityTask, OpportunityTouch
from crm.projects.rules import Readers as OutputReaders
from crm.projects.rules import Source
from crm.projects.rules import Stage as ProjectStage
from crm.retention.models import Goal, Highlight, Review
from crm.retention.rules import ReviewKind
from crm.web.access import SAFE, Access, rules
from crm.working_groups.models import Deliverable, WorkingGroup
from crm.working_groups.rules import Answer, Readers, Stage
from tests.conftest import NOW, TODAY
from tests.databases import TestDatabase
from tests.factories.accounts import user
from tests.factories.activities import InterestFactory, TaskFactory, TouchFactory
from tests.factories.ballots import BY, BallotFactory, electors
from tests.factories.base import SESSION
from tests.factories.benefits import BenefitUseFactory, promised
from tests.factories.companies import (
    AddressFactory,
    AffiliationFactory,
    CompanyFactory,
    DomainFactory,
    PersonFactory,
)
from tests.factories.council import HoldingFactory, NominationFactory, SeatFactory
from tests.factories.inquiries import InquiryFactory
from tests.factories.invoices import InvoiceFactory
from tests.factories.mail import OutgoingMailFactory
from tests.factories.meetings import (
    AgendaItemFactory,
    AttendeeFactory,
    DecisionFactory,
    MeetingFactory,
    MinutesFactory,
)
from tests.factories.memberships import AgreementFactory, MembershipFactory
from tests.factories.partnerships import (
    ContributionFactory,
    EvidenceFactory,
    FacilityFactory,
    ParticipationFactory,
    ThanksFactory,
    UseFactory,
)
from tests.factories.pipeline import OpportunityFactory
from tests.factories.projects import (
    CallFactory,
    FacultyFactory,
    MilestoneFactory,
    OutputFactory,
    ProjectFactory,
    ProjectFileFactory,
    SeatsFactory,
    StudentFactory,
    TieFactory,
)
from tests.factories.working_groups import (
    AskingFactory,
    DeliverableFactory,
    GroupFileFactory,
    MailingFactory,
    PlaceFactory,
    WorkingGroupFactory,
)
from tests.factories.workspaces import (
    AreaFactory,
    ConvenedFactory,
    HandoffFactory,
    NdaFileFactory,
    PartnershipFactory,
    ScopeFactory,
    ScreeningFactory,
)

FEE, DUES, VALUE, LOST_VALUE = 73_131_700, 73_241_900, 73_352_300, 73_463_900
MONEY = r"(?<![0-9a-zA-Z])73[1-5][,. \xa0]?(317|419|523|639|753)(?![a-zA-Z])"
"""A canary sum, however it is written: 731,317 · 731317.00 · 73131700."""
SECRET_TOUCH, SECRET_NOTE, SECRET_LOST = "canarytouch", "canarynote", "canarylost"
PERSON, PHONE, PERSON_NOTE = "Ida Canaryperson", "+1 617 555 0173", "canaryremark"
SECRET_UPKEEP = "canaryupkeep"
"""Of a contribution: for who may see money."""
SECRETS = "(?i)canarytouch|canarynote|canarylost"
MISSING = 2_147_483_000


@dataclass(frozen=True)
class World:
    """Ids by kind: of what stands, and of what is archived, struck out, ended or done."""

    standing: dict[str, Any]
    over: dict[str, Any]

    def address(self, rule: Rule, variant: str) -> str:
        """The rule's path with its arguments filled; `variant`: standing · over ·
        missing · misnamed (a word that is none, of a record that stands)."""
        values = {name: self._argument(rule, name, variant) for name in rule.arguments}
        _, path = rule.build(values, append_unknown=False) or (None, None)
        assert path is not None, f"{rule.rule}: cannot be filled with {values}"
        return path

    def _argument(self, rule: Rule, name: str, variant: str) -> Any:
        known = self.standing if variant != "over" else self.over
        if name.endswith("_id"):
            if variant == "missing":
                return MISSING
            kind = name.removesuffix("_id")
            kind = BY_PAGE.get((kind, rule.endpoint), kind)
            assert kind in known, f"tests/house/world.py has no {kind} for {rule.rule}"
            return known[kind]
        if variant in ("missing", "misnamed") and name != "ending":
            return "nonsense"
        assert (name, rule.endpoint.split(".")[0]) in WORDS or name in WORDS, (
            f"tests/house/world.py knows no word for <{name}> of {rule.rule}"
        )
        return WORDS.get((name, rule.endpoint.split(".")[0])) or WORDS[name]


NUMBER, SETTLED, CREDIT = "INV-2026-0007", "INV-2026-0006", "CN-2026-0001"
BILLED = 73_575_300
BUDGET = 73_141_900
WORDS: dict[Any, str] = {
    "credit": CREDIT,
    ("key", "challenges"): "digital",
    ("number", "invoices"): NUMBER,
    "ending": "csv",
    ("kind", "ballots"): "invitation",
    "kind": "champion",
    "page": "pipeline",
    "role": "representative",
    "secret": "no-such-secret",
    ("name", "reports"): "membership-roll",
    ("paper", "meetings"): "minutes",
    "way": "join",
    "answer": "accept",
    ("word", "companies"): "verify",
    ("word", "people"): "primary",
}
"""What to put where a path asks for a word."""
BY_PAGE = {
    ("ballot", "ballots.edit"): "draft_ballot",
    ("ballot", "ballots.open_"): "draft_ballot",
    ("invoice", "receivables.reminder"): "overdue",
    ("line", "invoices.drop_line"): "bill_line",
}
"""Where an address asks for one of a kind in a certain state: which."""


def stand(session: Session, database: TestDatabase) -> World:
    """The world in the database, and nothing else: made once, later put back as it was."""
    session.rollback()
    session.expunge_all()
    return database.once("world", lambda: _make(session))


def _make(session: Session) -> World:
    """Fill the database. Commits."""
    una = user(Role.STAFF, name="Una Berg", email="una@office.example")
    nils = user(Role.STAFF, name="Nils Holm", email="nils@office.example", disabled_at=NOW)
    standing = _stand(una)
    over = _pass(nils, standing)
    view = SavedView(
        owner_id=una.id, page="pipeline", name="Mine", query="", shared=True, created_at=NOW
    )
    session.add(view)
    session.flush()
    _put_to_the_vote(standing, over)
    ids = {kind: thing.id for kind, thing in standing.items()} | {"view": view.id}
    ended = ids | {kind: thing.id for kind, thing in over.items()}
    session.commit()
    return World(ids, ended)


def _stand(una: UserAccount) -> dict[str, Any]:
    session = SESSION.get()
    company = CompanyFactory(name="Aldous Mills", owner_id=una.id)
    domain = DomainFactory(company=company, domain="aldous.example")
    person = PersonFactory(name=PERSON, name_key="canaryperson ida", phone=PHONE, note=PERSON_NOTE)
    affiliation = AffiliationFactory(person=person, company=company, champion=True)
    address = AddressFactory(person=person, email="ida@aldous.example", is_primary=True)
    membership = promised(company=company, fee_minor=FEE)
    instalment = Instalment(
        membership_id=membership.id,
        number=1,
        membership_year=1,
        due_on=date(2025, 10, 1),
        amount_minor=DUES,
        currency="USD",
    )
    opportunity = OpportunityFactory(
        company=company, owner_id=una.id, value_minor=VALUE, note=SECRET_NOTE, source="Fair"
    )
    touch = TouchFactory(
        company=company, by=una, text=SECRET_TOUCH, confidential=True, on=date(2026, 6, 10)
    )
    open_touch = TouchFactory(company=company, by=una, text="An open report", shown=Shown.IN_FULL)
    task = TaskFactory(company=company, owner=una)
    clearance = Clearance(
        company_id=company.id,
        granted_by="Corporate relations",
        purpose="Alliance",
        starts_on=date(2026, 1, 1),
        created_at=NOW,
    )
    consent = Consent(
        person_id=person.id,
        purpose="news",
        given_at=NOW,
        notice_version="2026-01",
        source="interest form",
    )
    session.add_all([instalment, clearance, consent])
    session.flush()
    session.add_all(
        [
            OpportunityTouch(opportunity_id=opportunity.id, touch_id=touch.id),
            OpportunityTask(opportunity_id=opportunity.id, task_id=task.id),
            TouchPerson(touch_id=open_touch.id, person_id=person.id),
        ]
    )
    seat = SeatFactory(company=company)
    holding = HoldingFactory(seat=seat, person=person)
    letter = SeatLetter(
        seat_id=seat.id,
        person_id=person.id,
        holding_id=holding.id,
        kind=LetterKind.WELCOME,
        drafted_at=NOW,
    )
    chair = Chair(
        body_id=seat.body_id, person_id=person.id, starts_on=date(2026, 1, 1), created_at=NOW
    )
    session.add_all([letter, chair])
    session.flush()
    invoice = InvoiceFactory(company=company, drafted=True, net_minor=BILLED)
    mail = OutgoingMailFactory(last_error="451 later", attempts=1, failed_at=NOW)
    attachment = OutgoingAttachment(
        mail_id=mail.id,
        file_name="INV-2026-0007.pdf",
        media_type="application/pdf",
        content=b"A paper",
    )
    bank_import = BankImport(file_name="june.csv", imported_on=TODAY, by_name="Sam Okafor")
    statement = FinanceStatement(
        month=date(2026, 5, 1), file_name="may.csv", imported_on=TODAY, by_name="Sam Okafor"
    )
    session.add_all([attachment, bank_import, statement])
    session.flush()
    line = FinanceLine(
        statement_id=statement.id, row=2, finance_number="F-1", amount_minor=BILLED, currency="USD"
    )
    session.add(line)
    goal = Goal(company_id=company.id, text="Two hires a year", set_on=TODAY, owner_id=una.id)
    review = Review(
        membership_id=membership.id,
        kind=ReviewKind.ANNUAL,
        year=1,
        task_id=TaskFactory(company=company, owner=una).id,
    )
    highlight = Highlight(
        company_id=company.id, on=TODAY, text="A cell that sees", by_name="Sam Okafor"
    )
    session.add_all([goal, highlight, review])
    session.flush()
    group = WorkingGroupFactory(name="Lean and resilient plants")
    return {
        "address": address,
        "affiliation": affiliation,
        "asking": AskingFactory(group=group),
        "deliverable": DeliverableFactory(group=group, due_on=TODAY - timedelta(days=9)),
        "group": group,
        "group_file": GroupFileFactory(group_id=group.id),
        "publication": _published(group),
        "mailing": MailingFactory(group_id=group.id),
        "place": PlaceFactory(group=group, company=company, person=person),
        "agreement": AgreementFactory(membership_id=membership.id),
        "benefit_use": BenefitUseFactory(company=company, note=PERSON_NOTE, person_ids=[person.id]),
        "body": seat.body,
        "chair": chair,
        "clearance": clearance,
        "company": company,
        "consent": consent,
        "domain": domain,
        "goal": goal,
        "highlight": highlight,
        "holding": holding,
        "inquiry": InquiryFactory(company_id=company.id, owner_id=una.id),
        "instalment": instalment,
        "interest": InterestFactory(company=company, note=PERSON_NOTE),
        "invoice": invoice,
        "bill_line": session.scalars(
            select(InvoiceLine).where(InvoiceLine.invoice_id == invoice.id)
        ).one(),
        "letter": letter,
        "line": line,
        "nomination": NominationFactory(
            seat=seat, person=AffiliationFactory(company=company).person
        ),
        "attachment": attachment,
        "bank_import": bank_import,
        "mail": mail,
        "membership": membership,
        **_meet(person, company, una),
        **_research(company),
        **_give(person, company),
        **_partner(person, company, una),
        "opportunity": opportunity,
        "overdue": InvoiceFactory(company=company, due_on=TODAY - timedelta(days=40)),
        "payment": _bill(company, BILLED),
        "person": person,
        "review": review,
        "seat": seat,
        "task": task,
        "touch": touch,
        "user": una,
    }


def _published(group: WorkingGroup, **more: Any) -> Deliverable:
    """For everybody, as a file."""
    file = GroupFileFactory(group_id=group.id, title="The roadmap")
    told = {"stage": Stage.PUBLISHED, "readers": Readers.PUBLIC, "file_id": file.id, **more}
    return DeliverableFactory(group=group, **told)


def _meet(person: Person, company: Company, una: UserAccount) -> dict[str, Any]:
    """A meeting ahead, and another one that is held and minuted."""
    meeting = MeetingFactory()
    AttendeeFactory(meeting_id=meeting.id, person=person, company_id=company.id, told=0)
    task = TaskFactory(company=company, owner=una)
    SESSION.get().add(ActionItem(meeting_id=meeting.id, task_id=task.id))
    MinutesFactory(id=meeting.id)
    return {
        "agenda_item": AgendaItemFactory(meeting_id=meeting.id),
        "body": meeting.body,
        "decision": DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id),
        "guest": AttendeeFactory(
            meeting_id=meeting.id, person=None, part=None, guest_name="Gus Guest"
        ),
        "meeting": meeting,
    }


def _research(company: Company) -> dict[str, Any]:
    """A course with seats that runs and has a budget, and a call that is open."""
    call = CallFactory()
    project = ProjectFactory(
        seats=9, stage=ProjectStage.RUNNING, call_id=call.id, source=Source.SPONSORED,
        budget_minor=BUDGET, currency="USD",
    )  # fmt: skip
    own = {"project_id": project.id}
    TieFactory(company=company, **own)
    SeatsFactory(company=company, seats=2, **own)
    return {
        "call": call,
        "faculty": FacultyFactory(**own),
        "milestone": MilestoneFactory(due_on=TODAY - timedelta(days=9), **own),
        "output": OutputFactory(**own),
        "project": project,
        "project_file": ProjectFileFactory(**own),
        "student": StudentFactory(named=True, **own),
    }


def _researched(company: Company) -> dict[str, Any]:
    """What was dropped, proposed to a call that is closed, and was left by whoever led it."""
    call = CallFactory(closed=True)
    project = ProjectFactory(
        stage=ProjectStage.DROPPED, call_id=call.id, source=Source.DUES_POOL,
        budget_minor=BUDGET, currency="USD",
    )  # fmt: skip
    own = {"project_id": project.id}
    TieFactory(company=company, **own)
    return {
        "call": call,
        "faculty": FacultyFactory(ends_before=date(2026, 3, 1), **own),
        "milestone": MilestoneFactory(done_on=TODAY, **own),
        "output": OutputFactory(readers=OutputReaders.OFFICE, **own),
        "project": project,
        "project_file": ProjectFileFactory(**own),
        "student": StudentFactory(ends_before=date(2026, 3, 1), **own),
    }


def _give(person: Person, company: Company) -> dict[str, Any]:
    """A mill on loan, valued, with its evidence and a letter of thanks that waits."""
    facility = FacilityFactory(name="Teaching factory")
    mill = ContributionFactory(
        company=company,
        facility=facility,
        contact=person,
        title="A mill",
        lent=True,
        valued=BILLED,
        upkeep=SECRET_UPKEEP,
        gift_reference="G-17",
        licence_ends_on=TODAY + timedelta(days=60),
        stages=(ContributionStage.ACCEPTED, ContributionStage.DELIVERED),
    )
    return {
        "contribution": mill,
        "evidence": EvidenceFactory(contribution_id=mill.id),
        "facility": facility,
        "participation": ParticipationFactory(facility=facility, company=company),
        "step": _last_step(mill),
        "thanks": ThanksFactory(contribution_id=mill.id),
        "use": UseFactory(contribution_id=mill.id, project_id=ProjectFactory(running=True).id),
    }


def _last_step(mill: Contribution) -> ContributionStep:
    return contributions.steps_of(SESSION.get(), mill.id)[-1]


def _given_back(company: Company) -> dict[str, Any]:
    facility = FacilityFactory(name="Bygone factory", stage=FacilityStage.CLOSED)
    mill = ContributionFactory(
        company=company,
        facility=facility,
        valued=BILLED,
        stages=(ContributionStage.ACCEPTED, ContributionStage.DELIVERED, ContributionStage.ENDED),
    )
    part = {"starts_on": date(2025, 11, 1), "ends_before": date(2026, 1, 5)}
    return {
        "contribution": mill,
        "evidence": EvidenceFactory(contribution_id=mill.id),
        "facility": facility,
        "participation": ParticipationFactory(facility=facility, company=company, **part),
        "step": _last_step(mill),
        "thanks": ThanksFactory(contribution_id=mill.id, released_at=NOW, released_by="Sam Okafor"),
        "use": UseFactory(
            contribution_id=mill.id,
            project_id=ProjectFactory(running=True).id,
            starts_on=date(2026, 1, 19),
            ends_before=date(2026, 1, 26),
        ),
    }


def _partner(person: Person, company: Company, una: UserAccount) -> dict[str, Any]:
    """A workspace with everything in it; its sums and notes are canaries."""
    workspace = PartnershipFactory(
        company=company, title="Batteries", needs_text="Plants that change over", needs_on=TODAY,
        needs_by=person, nda=Nda.SIGNED, nda_signed_on=date(2026, 1, 9),
        nda_expires_on=TODAY + timedelta(days=60), nda_note=SECRET_NOTE, ip=Ip.DISCUSSED,
        ip_on=TODAY, ip_text=SECRET_NOTE, at="scope-estimate",
        pipe={"value_minor": VALUE, "owner_id": una.id},
    )  # fmt: skip
    own = {"partnership_id": workspace.id}
    convened = ConvenedFactory(**own)
    area = AreaFactory(wanted=True, **own)
    convening = TouchFactory(company=company, by=una, text=SECRET_TOUCH, confidential=True)
    SESSION.get().add_all(
        [
            AreaFaculty(area_id=area.id, convened_id=convened.id, **own),
            Convening(touch_id=convening.id, **own),
        ]
    )
    scope = ScopeFactory(estimate_minor=BILLED, **own)
    ScopeFactory(estimate_minor=BUDGET, **own)
    return {
        "area": area,
        "convened": convened,
        "handoff": HandoffFactory(scope_id=scope.id, **own),
        "nda_file": NdaFileFactory(**own),
        "partnership": workspace,
        "screening": ScreeningFactory(company=company, screened_on=TODAY, note=SECRET_NOTE),
    }


def _partnered(company: Company) -> dict[str, Any]:
    """What was won and closed, with a hand-off that was taken back."""
    workspace = PartnershipFactory(
        company=company, title="Doors", closed_on=TODAY, closed_how="Signed", screened=False,
        pipe={"value_minor": LOST_VALUE, "won_on": TODAY},
    )  # fmt: skip
    own = {"partnership_id": workspace.id}
    struck = {"struck_at": NOW, "struck_by": "Sam Okafor", "struck_reason": "By mistake"}
    scope = ScopeFactory(estimate_minor=BILLED, **own)
    return {
        "area": AreaFactory(dropped_on=TODAY, drop_reason="Too small", **own),
        "convened": ConvenedFactory(answer=ConvenedAnswer.DECLINED, **own),
        "handoff": HandoffFactory(scope_id=scope.id, **struck, **own),
        "nda_file": NdaFileFactory(**own),
        "partnership": workspace,
        "screening": ScreeningFactory(company=company, result=Result.POSSIBLE, **struck),
    }


def _minuted(person: Person, company: Company) -> dict[str, Any]:
    """A meeting whose minutes are approved: nothing of it changes any more."""
    meeting = MeetingFactory(held=True)
    found = {
        "agenda_item": AgendaItemFactory(meeting_id=meeting.id),
        "decision": DecisionFactory(meeting_id=meeting.id, body_id=meeting.body_id, number=2),
        "guest": AttendeeFactory(
            meeting_id=meeting.id, person=None, part=None, guest_name="Gia Guest"
        ),
        "meeting": meeting,
    }
    AttendeeFactory(
        meeting_id=meeting.id, person=person, company_id=company.id, presence=Presence.PRESENT
    )
    MinutesFactory(id=meeting.id, approved=True)
    return found


def _put_to_the_vote(standing: dict[str, Any], over: dict[str, Any]) -> None:
    """A draft, an open ballot, and one that was withdrawn."""
    session = SESSION.get()
    opened, gone = BallotFactory(opened=True), BallotFactory(opened=True)
    ballots.withdraw(session, gone, reason="Wrong figures", by=BY, now=NOW)
    standing |= {
        "ballot": opened,
        "draft_ballot": BallotFactory(),
        "elector": electors(opened)[0],
    }
    over |= {"ballot": gone, "elector": electors(gone)[0]}


def _bill(company: Company, minor: int) -> Payment:
    """An invoice of which a part is credited, one that is paid, and the payment."""
    session = SESSION.get()
    partly = InvoiceFactory(company=company, number=NUMBER, net_minor=minor)
    paid = InvoiceFactory(company=company, number=SETTLED, net_minor=minor)
    by, day = "Sam Okafor", date(2026, 6, 10)
    session.add(
        CreditNote(
            number=CREDIT, invoice_id=partly.id, kind=CreditKind.CREDIT, amount_minor=100,
            reason="Agreed", issued_on=day, by_name=by,
        )
    )  # fmt: skip
    payment = Payment(
        company_id=company.id, received_on=day, amount_minor=2 * minor, currency="USD",
        allocated_minor=minor, by_name=by, created_at=NOW,
    )  # fmt: skip
    partly.credited_minor, paid.paid_minor = 100, minor
    session.add(payment)
    session.flush()
    session.add(
        Allocation(
            payment_id=payment.id, invoice_id=paid.id, amount_minor=minor, allocated_on=day,
            by_name=by,
        )
    )  # fmt: skip
    session.flush()
    return payment


def _pass(nils: UserAccount, standing: dict[str, Any]) -> dict[str, Any]:
    company = CompanyFactory(name="Bygone Works", archived_on=TODAY)
    reason = SESSION.get().scalars(select(LostReason).limit(1)).one()
    group = WorkingGroupFactory(name="Bygone group", closed_on=TODAY, close_reason="Done")
    past = {"starts_on": date(2025, 11, 1), "ends_before": date(2026, 3, 1)}
    return {
        **_minuted(standing["person"], standing["company"]),
        **_researched(company),
        **_given_back(company),
        **_partnered(company),
        "affiliation": AffiliationFactory(company=company, left=True),
        "benefit_use": BenefitUseFactory(company=company, struck=True),
        "company": company,
        "asking": AskingFactory(group=group, answer=Answer.ACCEPTED, answered_on=TODAY),
        "deliverable": DeliverableFactory(group=group, stage=Stage.DROPPED),
        "publication": _published(group, readers=Readers.MEMBERS),
        "group": group,
        "mailing": MailingFactory(
            group_id=group.id, released_at=NOW, released_by="Sam Okafor", recipients=1
        ),
        "place": PlaceFactory(group=group, **past),
        "interest": InterestFactory(company=company, over=True),
        "holding": HoldingFactory(
            seat=standing["seat"],
            person=standing["person"],
            starts_on=date(2025, 1, 1),
            ends_before=date(2025, 10, 1),
        ),
        "mail": OutgoingMailFactory(sent_at=NOW),
        "nomination": NominationFactory(
            seat=standing["seat"], person=standing["person"], alternate=True, declined=True
        ),
        "membership": MembershipFactory(
            company=company,
            fee_minor=FEE,
            starts_on=date(2024, 1, 1),
            terminated_on=date(2025, 1, 1),
            occupied_before=date(2025, 1, 1),
            termination_reason="Sold",
        ),
        "opportunity": OpportunityFactory(
            company=company,
            value_minor=LOST_VALUE,
            lost_on=TODAY,
            lost_reason_id=reason.id,
            lost_note=SECRET_LOST,
        ),
        "person": PersonFactory(archived_on=TODAY),
        "task": TaskFactory(company=company, done=True),
        "touch": TouchFactory(company=company, struck=True),
        "user": nils,
    }


def declared(app: Flask) -> list[tuple[Rule, str, Access]]:
    """Every (rule, method) of the app with its access rule, in the order of the addresses."""
    found = [
        (rule, method, rules(app)[rule.endpoint, method])
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if rule.endpoint != "static"
    ]
    return sorted(found, key=lambda item: (item[1] not in SAFE, item[0].rule))
