"""How links to choose a password are written."""

from __future__ import annotations

from crm.accounts.access_links import Way
from crm.web import programme
from crm.web.filters import moment
from crm.web.links import absolute


def way() -> Way:
    return Way(absolute("account.choose", "secret"), programme.current().name, moment)
