"""Who leads a body: named from a day on, and given up."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission as P
from crm.council import chairs, queries
from crm.council.models import Body
from crm.council.rules import COUNCIL
from crm.office.acts import Act, carry_out
from crm.office.council.forms import EndChairForm, NameForm
from crm.office.council.passing import edge
from crm.office.council.views import pages
from crm.web import programme
from crm.web.database import db


@pages.form("/bodies/<id:body_id>/chair", needs=P.COUNCIL_EDIT)
def name_chair(body_id: int) -> ResponseReturnValue:
    body = queries.get_body(db.session(), body_id)
    today = programme.today()
    sitting = chairs.sitting_on(db.session(), body, today)
    form = NameForm.of_request(starts_on=today)
    form.offer([(sitter.person_id, sitter.name, None) for sitter in sitting])
    nobody = () if sitting else ("Nobody sits on it yet: name who holds its seats first.",)
    act = Act(
        title="Name the chair",
        says=(
            f"Who leads the {body.name}. Whoever does now gives it up on the same day.",
            *nobody,
        ),
        submit="Name the chair",
        done="The chair is named.",
        url=url_for("council.name_chair", body_id=body_id),
        back=_roster(body),
        trail=((body.name, _roster(body)),),
    )
    return carry_out(
        act,
        form,
        lambda: chairs.name_chair(
            db.session(), body, int(form.person.data), on=form.starts_on.data, **edge()
        ),
    )


@pages.form("/chairs/<id:chair_id>/end", needs=P.COUNCIL_EDIT)
def end_chair(chair_id: int) -> ResponseReturnValue:
    chair = queries.get_chair(db.session(), chair_id)
    body = queries.get_body(db.session(), chair.body_id)
    form = EndChairForm.of_request(ends_before=programme.today())
    act = Act(
        title=f"{chair.person.name} gives up the chair",
        says=(f"The {body.name} then has no chair until one is named.",),
        submit="Give up the chair",
        done="The chair is given up.",
        url=url_for("council.end_chair", chair_id=chair_id),
        back=_roster(body),
        trail=((body.name, _roster(body)),),
        kind="danger",
    )
    return carry_out(
        act,
        form,
        lambda: chairs.end_chair(db.session(), chair, on=form.ends_before.data, **edge()),
    )


def _roster(body: Body) -> str:
    return url_for("council.index", body=None if body.key == COUNCIL else body.key)
