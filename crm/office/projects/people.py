"""Who of the university is in a project, and which students."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from crm.accounts import queries as accounts
from crm.accounts.policy import GRANTS
from crm.accounts.policy import Permission as P
from crm.council.accounts import link_person
from crm.kit.days import day_before
from crm.office import appointing
from crm.office.acts import carry_out
from crm.office.projects import scope
from crm.office.projects.forms import EndForm, FacultyForm, StudentForm
from crm.office.projects.views import pages
from crm.office.working_groups.forms import AccountForm
from crm.projects import faculty, part_queries, queries, students
from crm.projects.rules import FacultyRole
from crm.web import programme
from crm.web.database import db
from crm.web.forms import BaseForm
from crm.web.session import the_viewer

CONSENT = (
    "Initials do. A name is kept only where the student has agreed to it, and goes when they take "
    "that back."
)


@pages.form("/<id:project_id>/faculty/new", needs=P.PROJECTS_EDIT)
def add_faculty(project_id: int) -> ResponseReturnValue:
    project = scope.to_edit(project_id)
    today = programme.today()
    led = bool(queries.leads_of(db.session(), [project_id], today))
    role = FacultyRole.MEMBER if led else FacultyRole.LEAD
    form = FacultyForm.of_request(role=role.value, starts_on=today)
    act = scope.act_on(
        project,
        "add_faculty",
        anchor="faculty",
        title="Add somebody of the university",
        says=("Whoever leads a project and has an account may edit it, its budget aside.",),
        submit="Add",
        done="They are in the project.",
        people={"email": "of=university"},
    )

    def add() -> None:
        role, on = FacultyRole(form.role.data), form.starts_on.data
        appointing.appoint(
            db.session(),
            form.email.data,
            viewer=the_viewer(),
            today=programme.today(),
            do=lambda person_id: faculty.take_in(
                db.session(), project, person_id, role, on=on, **scope.edge()
            ),
        )

    return carry_out(act, form, add)


@pages.form("/faculty/<id:faculty_id>/end", needs=P.PROJECTS_EDIT)
def end_faculty(faculty_id: int) -> ResponseReturnValue:
    made = part_queries.get_faculty(db.session(), faculty_id)
    project = scope.to_edit(made.project_id)
    form = EndForm.of_request(on=programme.today())
    act = scope.act_on(
        project,
        "end_faculty",
        args={"faculty_id": faculty_id},
        anchor="faculty",
        title=f"{made.person.name} leaves the project",
        says=(f"{made.role.capitalize()} since {made.starts_on:%Y-%m-%d}. What they did stays.",),
        submit="End it",
        done="They have left the project.",
        kind="danger",
    )
    return carry_out(
        act, form, lambda: faculty.end(db.session(), made, on=form.on.data, **scope.edge())
    )


@pages.form("/faculty/<id:faculty_id>/account", needs=P.COUNCIL_APPROVE)
def link_faculty_account(faculty_id: int) -> ResponseReturnValue:
    """Whose sign-in it is that may edit a project because this person leads it."""
    made = part_queries.get_faculty(db.session(), faculty_id)
    form = AccountForm.of_request(account=str(made.person.user_id or ""))
    form.offer(
        accounts.holders(db.session(), [*GRANTS[P.BALLOTS_VOTE]]),
        but=the_viewer().id,
        held=made.person.user_id,
    )
    act = scope.act_on(
        queries.get(db.session(), made.project_id),
        "link_faculty_account",
        args={"faculty_id": faculty_id},
        anchor="faculty",
        title=f"Account of {made.person.name}",
        says=("With it they may edit the projects they lead, and the groups they chair.",),
        submit="Save",
        done="The account is noted.",
    )
    account = form.account
    return carry_out(
        act,
        form,
        lambda: link_person(
            db.session(),
            made.person,
            int(account.data) if account.data else None,
            today=programme.today(),
            **scope.edge(),
        ),
    )


@pages.form("/<id:project_id>/students/new", needs=P.PROJECTS_EDIT)
def add_student(project_id: int) -> ResponseReturnValue:
    project, today = scope.to_edit(project_id), programme.today()
    form = StudentForm.of_request(starts_on=project.starts_on or today)
    act = scope.act_on(
        project,
        "add_student",
        anchor="students",
        title="Add a student",
        says=(CONSENT,),
        submit="Add student",
        done="The student is in the project.",
    )
    return carry_out(
        act, form, lambda: students.take_in(db.session(), project, form.draft(), today=today)
    )


@pages.form("/students/<id:student_id>/edit", needs=P.PROJECTS_EDIT)
def edit_student(student_id: int) -> ResponseReturnValue:
    student = part_queries.get_student(db.session(), student_id)
    project = scope.to_edit(student.project_id)
    form = StudentForm.of_request(
        initials=student.initials,
        studies=student.studies,
        starts_on=student.starts_on,
        last_day=day_before(student.ends_before),
        name=student.name,
        consented_on=student.consented_on,
        consent_recorded=student.consent_recorded,
        version=student.version,
    )
    act = scope.act_on(
        project,
        "edit_student",
        args={"student_id": student_id},
        anchor="students",
        title=f"Student {student.initials}",
        says=(CONSENT,),
        submit="Save",
        done="Saved.",
    )
    return carry_out(
        act,
        form,
        lambda: students.edit(
            db.session(),
            student,
            form.draft(),
            version=form.version.data or 0,
            today=programme.today(),
        ),
    )


@pages.form("/students/<id:student_id>/withdraw", needs=P.PROJECTS_EDIT)
def withdraw_student_consent(student_id: int) -> ResponseReturnValue:
    student = part_queries.get_student(db.session(), student_id)
    act = scope.act_on(
        scope.to_edit(student.project_id),
        "withdraw_student_consent",
        args={"student_id": student_id},
        anchor="students",
        title=f"{student.initials} takes their consent back",
        says=("The name goes with the consent, for good. The initials stay.",),
        submit="Take the name out",
        done="The consent is withdrawn, and the name is gone.",
        kind="danger",
    )
    return carry_out(
        act,
        BaseForm.of_request(),
        lambda: students.withdraw_consent(db.session(), student, **scope.edge()),
    )
