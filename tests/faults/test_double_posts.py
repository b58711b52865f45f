"""Fifty people, or one impatient one, send the same form at the same moment."""

from __future__ import annotations

import http.client
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from bs4 import BeautifulSoup
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.mail.models import OutgoingMail
from crm.pipeline.models import Inquiry
from tests.databases import TestDatabase
from tests.servers import web_server

POSTS = 50
TOO_SOON = 3.2
"""Seconds after which a form is no longer taken for a machine's."""


def ask(port: int, method: str, path: str, body: str = "") -> tuple[int, str, str]:
    """Status, where it leads, and the page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    form = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    try:
        connection.request(method, path, body or None, form)
        answer = connection.getresponse()
        return answer.status, answer.headers["Location"] or "", answer.read().decode()
    finally:
        connection.close()


def test_fifty_posts_of_one_form_are_one_inquiry(
    session: Session, database: TestDatabase, tmp_path
) -> None:
    with web_server(database.url, tmp_path) as port:
        page = BeautifulSoup(ask(port, "GET", "/join")[2], "html.parser")
        hidden = {str(f["name"]): str(f["value"]) for f in page.select("input[type=hidden]")}
        body = urlencode(
            {
                **hidden,
                "company": "Northlake Turbine Works",
                "name": "Ines Calloway",
                "email": "ines@northlake.example",
                "message": "Is founding still open?",
            }
        )
        time.sleep(TOO_SOON)
        with ThreadPoolExecutor(POSTS) as people:
            answers = list(people.map(lambda _: ask(port, "POST", "/join", body), range(POSTS)))
        assert {(status, location) for status, location, _ in answers} == {answers[0][:2]}
        assert answers[0][0] in (302, 303)
        assert ask(port, "GET", answers[0][1])[0] == 200
    assert session.scalar(select(func.count(Inquiry.id))) == 1
    to_sender = OutgoingMail.to == "ines@northlake.example"
    assert session.scalar(select(func.count(OutgoingMail.id)).where(to_sender)) == 1
