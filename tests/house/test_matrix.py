"""Every route and method, by every role, on what stands, what is over, and what is not there.

Driven from `url_map`: a new route is in it by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from crm.accounts.policy import Permission
from crm.kit.db import Base
from crm.web.access import SAFE
from crm.web.database import db
from tests.cast import Member, Stranger
from tests.databases import TestDatabase
from tests.house import world as worlds
from tests.house.world import World, declared

CAST = ("stranger", "dana", "sam", "fay", "rea", "ada")
VARIANTS = ("standing", "over", "missing", "misnamed")
ITS_OWN = re.compile(
    r"(?i)\s*(insert\s+into|update|delete\s+from)\s+\"?(?!rate_count|user_session)"
)
"""A write that is neither the limiter's nor the session's."""
LAST = ("sign_in.leave", "account.change")
"""Asked at the end: they end the session that asks."""


@pytest.fixture
def world(session: Session, fresh_database: TestDatabase) -> World:
    """Asked for before the cast: whoever stands there already is gone."""
    return worlds.stand(session, fresh_database)


@pytest.fixture(params=CAST)
def who(request: pytest.FixtureRequest, world: World) -> Stranger:
    found: Stranger = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def writes(app: Flask) -> Iterator[list[str]]:
    """Statements that wrote something of the house's."""
    seen: list[str] = []
    with app.app_context():
        engines = list(db.engines.values())

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if ITS_OWN.match(statement):
            seen.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def asked(app: Flask, who: Stranger, world: World) -> Iterator[tuple[str, str, str, bool, int]]:
    """(method, path, variant, whether the policy lets them, status) of every request."""
    for rule, method, access in sorted(declared(app), key=lambda item: item[0].endpoint in LAST):
        open_ = access.needs is Permission.EVERYONE or (
            isinstance(who, Member) and who.viewer.may(access.needs)
        )
        told = rule.arguments - {"ending"}  # a file's ending is part of the address
        words = {name for name in told if not name.endswith("_id")}
        variants = VARIANTS if words else VARIANTS[:3] if told else VARIANTS[:1]
        if not open_:  # refused before anything is looked up: what is missing answers for the rest
            variants = tuple(one for one in variants if one in ("standing", "missing"))
        for variant in variants:
            path = world.address(rule, variant)
            send: Callable[..., Any] = who.client.get if method in SAFE else who.client.post
            data = {} if method in SAFE else {"data": who.sent({})}
            answer = who.ask(send, path, **data)
            answer.close()
            yield method, path, variant, open_, answer.status_code


def test_everybody_gets_what_the_policy_says_and_never_a_fault(world, app, who):
    wrong = []
    for method, path, variant, open_, status in asked(app, who, world):
        if status not in expected(method, path, variant, open_=open_, member=who):
            wrong.append(f"{method} {path} ({variant}, {'open' if open_ else 'closed'}): {status}")
    assert wrong == []


def expected(method: str, path: str, variant: str, *, open_: bool, member: Stranger) -> set[int]:
    """What may be answered. Forbidden and missing may look alike; a fault never may."""
    if not open_ and not isinstance(member, Member):
        return {302} if method in SAFE else {401}
    if not open_:
        return {403, 404}
    if variant in ("missing", "misnamed"):
        return {404}
    fine = {200, 302}
    if method not in SAFE:
        return fine | {400, 404, 409, 422, 429}
    if path.startswith(("/password/link/", "/vote/")):
        return {404}
    of_the_office = isinstance(member, Member) and "director" in member.viewer.roles
    if variant == "over":
        return fine | {404, 409}
    return fine if of_the_office else fine | {403, 404}


@pytest.mark.parametrize("who", CAST[:1] + CAST[3:], indirect=True)
def test_who_is_refused_writes_nothing(world, app, who, writes):
    before = fingerprint(app)
    for rule, method, access in declared(app):
        if access.needs is Permission.EVERYONE:
            continue
        if isinstance(who, Member) and who.viewer.may(access.needs):
            continue
        send = who.client.get if method in SAFE else who.client.post
        data = {} if method in SAFE else {"data": who.sent({})}
        who.ask(send, world.address(rule, "standing"), **data).close()
        assert writes == [], f"{method} {rule.rule}"
    assert fingerprint(app) == before


def test_a_post_without_its_session_token_is_refused(world, app, dana, writes):
    for rule, method, access in declared(app):
        if method in SAFE or access.needs is Permission.EVERYONE:
            continue
        answer = dana.ask(dana.client.post, world.address(rule, "standing"), data={})
        assert answer.status_code == (400 if dana.viewer.may(access.needs) else 403) or (
            answer.status_code == 400
        ), rule.rule
    assert writes == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # an answer's head is HTTP's
@pytest.mark.parametrize("who", CAST[:2], indirect=True)
def test_who_asks_for_the_head_alone_is_answered_as_for_the_page(world, app, who):
    for rule, method, _ in declared(app):
        if method == "GET":
            path = world.address(rule, "standing")
            page, head = (who.ask(ask, path) for ask in (who.client.get, who.client.head))
            page.close()
            head.close()
            assert head.status_code == page.status_code, path


@pytest.mark.parametrize("id_", ["0", "-1", str(2**31), str(2**63), "1e3", "x", "%00", "１"])
def test_an_id_that_is_none_is_not_found(app, dana, id_):
    for rule, method, _ in declared(app):
        if "<id:" not in rule.rule:
            continue
        path = re.sub(r"<(?!id:)[^>]*>", "x", re.sub(r"<id:[^>]*>", id_, rule.rule))
        send = dana.client.get if method in SAFE else dana.client.post
        data = {} if method in SAFE else {"data": dana.sent({})}
        assert dana.ask(send, path, **data).status_code == 404, path


def fingerprint(app: Flask) -> dict[str, str]:
    """A hash over every row of every table, but the session's and the limiter's."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in ("rate_count", "user_session"):
                rows = connection.execute(select(table).order_by(*table.primary_key.columns))
                said = "\n".join(repr(tuple(row)) for row in rows)
                found[table.name] = sha256(said.encode()).hexdigest()
    return found
