"""The users page: who may let whom in, and who takes over."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm.accounts.models import AccountToken, UserAccount, UserRole, UserSession
from crm.accounts.rules import Role
from crm.activities.models import Task
from crm.companies.models import Company
from crm.journal.models import JournalEntry
from crm.mail.models import OutgoingMail
from tests.conftest import NOW, TODAY
from tests.factories.accounts import user
from tests.factories.companies import CompanyFactory


def roles_of(session, id_):
    session.rollback()
    found = set(session.scalars(select(UserRole.role).where(UserRole.user_id == id_)))
    session.rollback()
    return found


def edit(who, id_, status=302, **changes):
    page = who.get(f"/office/users/{id_}/edit")
    shown = {
        "name": page.html.find("input", id="name")["value"],
        "email": page.html.find("input", id="email")["value"],
        "roles": [
            box["value"]
            for box in page.html.find_all("input", attrs={"name": "roles"})
            if box.has_attr("checked")
        ],
        **page.hidden(),
    }
    shown.pop("csrf_token")
    return who.post(f"/office/users/{id_}/edit", {**shown, **changes}, status=status)


def invite(who, status=302, **changes):
    asked = {"name": "Nils Holm", "email": "nils@office.example", "roles": ["staff"], **changes}
    return who.post("/office/users/new", asked, status=status)


def test_a_director_invites_staff_by_letter(dana, session):
    page = invite(dana)
    nils = session.scalars(select(UserAccount).where(UserAccount.name == "Nils Holm")).one()
    letter = session.scalars(select(OutgoingMail)).one()
    assert (letter.to, letter.private) == ("nils@office.example", True)
    assert session.scalar(select(AccountToken.user_id)) == nils.id
    session.rollback()
    shown = dana.get(page.location)
    assert "No mail server is set. Pass this link on" in shown.words
    assert "Invited" in shown.words
    assert "Invited" in dana.get("/office/users").words


@pytest.mark.parametrize("role", ["director", "reader", "administrator"])
def test_a_director_grants_staff_and_faculty_only(dana, session, role):
    assert role.capitalize() not in dana.get("/office/users/new").words
    assert invite(dana, status=422, roles=[role]).words
    assert session.scalar(select(func.count()).select_from(UserAccount)) == 1


def test_an_administrator_grants_all(ada, session):
    for role in Role:
        invite(ada, email=f"{role}@office.example", roles=[role.value])
    assert session.scalar(select(func.count()).select_from(UserRole)) == 6


def test_a_director_does_not_touch_an_administrator(dana, ada, session):
    assert "administrator" in edit(dana, ada.user_id, 422, name="Owned").words
    page = dana.post(f"/office/users/{ada.user_id}/disable", {}, status=422)
    assert "administrator" in page.words
    assert session.get(UserAccount, ada.user_id).name == "Ada Brandt"


def test_nobody_grants_themselves_a_role(ada, session):
    user(Role.ADMINISTRATOR)
    session.commit()
    page = edit(ada, ada.user_id, 422, roles=["administrator", "staff"])
    assert "Nobody grants themselves" in page.words
    page = edit(ada, ada.user_id, 422, inquiry_notices="y")
    assert "nobody grants themselves that" in page.words
    assert roles_of(session, ada.user_id) == {Role.ADMINISTRATOR}


def test_the_last_administrator_stays(ada, session):
    session.get(UserAccount, ada.user_id).password_hash = "set"
    session.commit()
    assert "last administrator" in edit(ada, ada.user_id, 422, roles=["administrator"][:0]).words
    other = user(Role.ADMINISTRATOR)
    session.commit()
    edit(ada, ada.user_id, roles=[])
    assert roles_of(session, ada.user_id) == set()
    assert roles_of(session, other.id) == {Role.ADMINISTRATOR}


def test_nobody_disables_themselves(ada, session):
    page = ada.post(f"/office/users/{ada.user_id}/disable", {}, status=422)
    assert "cannot disable yourself" in page.words


def test_a_role_given_or_taken_works_at_the_next_click(ada, sam, session):
    sam.get("/office/users", status=403)
    edit(ada, sam.user_id, roles=["director"])
    sam.get("/office/users")
    edit(ada, sam.user_id, roles=[])
    sam.get("/office/users", status=403)


def test_a_changed_address_is_told_to_the_old_one(ada, sam, session):
    edit(ada, sam.user_id, email="samuel@office.example")
    letter = session.scalars(select(OutgoingMail)).one()
    assert letter.to == "sam@cast.example"
    assert "samuel@office.example" in letter.body


def test_two_who_change_one_account_do_not_overwrite_each_other(ada, sam):
    page = edit(ada, sam.user_id, 409, version="0", name="Samuel")
    assert "Someone else changed this account" in page.words
    assert "Samuel" in page.words


def test_one_address_one_account(ada, sam):
    page = invite(ada, status=422, email="SAM@cast.example")
    assert "already" in page.words
    assert page.html.find("input", id="name")["value"] == "Nils Holm"


def test_disabling_hands_the_work_over(dana, sam, session):
    nils = user(Role.STAFF, name="Nils Holm")
    mill = CompanyFactory(owner_id=sam.user_id)
    session.add(
        Task(title="Call", due_on=TODAY, owner_id=sam.user_id, created_at=NOW, company_id=mill.id)
    )
    nils_id = nils.id
    session.commit()
    page = dana.get(f"/office/users/{sam.user_id}/disable")
    assert "1 company, 1 open task" in page.words
    refused = dana.post(f"/office/users/{sam.user_id}/disable", {}, status=422)
    assert "Say who takes over" in refused.words
    dana.post(f"/office/users/{sam.user_id}/disable", {"successor": str(nils_id)})
    session.rollback()
    assert session.scalars(select(Company.owner_id)).all() == [nils_id]
    assert session.scalars(select(Task.owner_id)).all() == [nils_id]
    assert session.scalars(select(UserSession.user_id)).all() == [dana.user_id]
    changed = select(JournalEntry.changes).where(
        JournalEntry.kind == "company", JournalEntry.act == "changed"
    )
    assert session.scalars(changed).all() == [{"owner_id": [sam.user_id, nils_id]}]
    session.rollback()
    sam.get("/office/", status=302)
    shown = dana.get(f"/office/users/{sam.user_id}").words
    assert "handed over: 1 company, 1 open task to Nils Holm" in shown


def test_the_successor_is_an_active_colleague_of_the_staff(dana, sam, rea, session):
    CompanyFactory(owner_id=sam.user_id)
    session.commit()
    dana.post(f"/office/users/{sam.user_id}/disable", {"successor": str(rea.user_id)}, status=422)
    dana.post(f"/office/users/{sam.user_id}/disable", {"successor": "x"}, status=422)
    session.rollback()
    assert session.get(UserAccount, sam.user_id).disabled_at is None


def test_a_disabled_account_opens_again(dana, sam, session):
    dana.post(f"/office/users/{sam.user_id}/disable", {})
    dana.post(f"/office/users/{sam.user_id}/enable")
    session.rollback()
    assert session.get(UserAccount, sam.user_id).disabled_at is None
    session.rollback()
    dana.post(f"/office/users/{sam.user_id}/enable", status=409)


def test_an_invitation_can_be_sent_again(dana, session):
    page = invite(dana)
    dana.post(f"{page.location}/invite")
    used = session.scalars(select(AccountToken.used_at)).all()
    assert sorted(at is None for at in used) == [False, True]


def test_staff_and_others_have_no_users_page(sam, fay, rea):
    for who in (sam, fay, rea):
        who.get("/office/users", status=403)
        who.post("/office/users/new", {}, status=403)


def test_the_list_is_searched_and_filtered(ada, dana, sam):
    names = [row[0] for row in ada.get("/office/users?q=dan").rows()[1:]]
    assert [name.split(" dana@")[0].removeprefix("DW ") for name in names] == ["Dana Whitfield"]
    assert len(ada.get("/office/users?role=staff").rows()) == 2
    ada.get("/office/users?role=king", status=400)
    assert "Nobody found" in ada.get("/office/users?q=%25").words


def test_the_list_needs_few_statements(ada, session, statements):
    for _ in range(30):
        user()
    session.commit()
    statements.clear()
    ada.get("/office/users")
    assert len(statements) <= 6


def test_two_who_change_the_roles_of_one_account_do_not_overwrite_each_other(ada, dana, session):
    nils = user(email="nils@office.example", name="Nils Holm").id
    session.commit()
    seen = ada.get(f"/office/users/{nils}/edit").hidden()["version"]
    edit(dana, nils, roles=["staff", "faculty"])
    page = edit(ada, nils, status=409, roles=["reader"], version=seen)
    assert "faculty, staff" in page.words
    assert roles_of(session, nils) == {Role.STAFF, Role.FACULTY}
