"""What a role must not see stands nowhere: on no page, in no search, in no file."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from flask import Flask
from pypdf import PdfReader
from werkzeug.test import TestResponse

from crm.reports import registry
from crm.web.access import SAFE
from crm.web.database import db
from tests.cast import Member
from tests.house import world as worlds
from tests.house.world import (
    MONEY,
    PERSON,
    PERSON_NOTE,
    PHONE,
    SECRET_NOTE,
    SECRET_TOUCH,
    SECRET_UPKEEP,
    SECRETS,
    World,
    declared,
)

SEARCHES = ("Aldous", "canary", "canarynote", "canarytouch", "canarylost", "731317", "Ida")
FILES = {"sqlite": ("csv", "xlsx", "pdf"), "postgresql": ("csv",)}
"""Every kind of a report's file has the same rows, and is drawn from them alike on both."""


@pytest.fixture
def world(session, fresh_database) -> World:
    """Asked for before the cast: whoever stands there already is gone."""
    return worlds.stand(session, fresh_database)


def everything_read(app: Flask, who: Member, world: World) -> Iterator[tuple[str, str]]:
    """(address, text) of whatever this member can get."""
    with app.app_context():
        dialect = db.engine.dialect.name
    for rule, method, access in declared(app):
        if method not in SAFE or not who.viewer.may(access.needs):
            continue
        for variant in ("standing", "over") if rule.arguments else ("standing",):
            path = world.address(rule, variant)
            paths = [path]
            if "ending" in rule.arguments:
                paths = [
                    path.replace("membership-roll", name).removesuffix("csv") + ending
                    for name in registry.REPORTS
                    for ending in FILES[dialect]
                ]
            elif not rule.arguments:
                paths += [f"{path}?q={words}" for words in SEARCHES]
                paths += [f"{path}?view=table", f"{path}?show=all"]
            for asked in paths:
                answer = who.ask(who.client.get, asked)
                yield asked, text_of(answer)


def text_of(answer: TestResponse) -> str:
    """The text of a page, of every part of a workbook, of a PDF; the headers too."""
    body = answer.get_data()
    answer.close()
    headers = str(answer.headers)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            inside = [parts.read(name).decode(errors="replace") for name in parts.namelist()]
        return headers + "\n".join(inside)
    if body.startswith(b"%PDF"):
        return headers + "\n".join(
            page.extract_text() for page in PdfReader(io.BytesIO(body)).pages
        )
    return headers + body.decode(errors="replace")


def shown(app: Flask, who: Member, world: World, *canaries: str) -> Iterator[tuple[str, str]]:
    """Where which canary sings, but for the words of the search itself."""
    for path, text in everything_read(app, who, world):
        for canary in canaries:
            if found := re.search(canary, without_the_question(path, text)):
                yield path, found.group()


def without_the_question(path: str, text: str) -> str:
    """A search page repeats what was searched for; that is no answer."""
    asked = path.partition("?q=")[2]
    return text.replace(asked, "") if asked else text


def test_a_director_sees_all_of_it(world, app, dana):
    """Else the other tests would prove nothing. It reads until it has found one of each."""
    silent = {MONEY, SECRET_TOUCH, SECRET_NOTE, PERSON}
    for _, canary in shown(app, dana, world, MONEY, SECRETS, PERSON):
        silent -= {MONEY if canary.startswith("73") else canary}
        if not silent:
            break
    assert not silent


def test_the_faculty_see_no_sums_nothing_confidential_and_no_phone(world, app, fay):
    kept = (MONEY, SECRETS, SECRET_UPKEEP, re.escape(PHONE), PERSON_NOTE)
    assert not list(shown(app, fay, world, *kept))


def test_a_reader_sees_nothing_confidential(world, app, rea):
    assert not list(shown(app, rea, world, SECRETS))


def test_an_administrator_sees_no_personal_data_and_no_business(world, app, ada):
    business = (PERSON, "ida@aldous", re.escape(PHONE), PERSON_NOTE, "Aldous Mills")
    assert not list(shown(app, ada, world, MONEY, SECRETS, *business))


def test_faculty_files_have_no_column_of_sums(world, app, fay):
    for name in registry.REPORTS:
        answer = fay.ask(fay.client.get, f"/office/reports/{name}.csv")
        text = answer.get_data(as_text=True)
        answer.close()
        if answer.status_code == 200:
            heading = text.splitlines()[0].casefold()
            assert not re.search("fee|value|currency|amount|weighted|usd", heading), name
