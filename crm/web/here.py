"""This page with another question: sorted otherwise, the next page, one filter less."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from flask import request


def here(**changes: object) -> str:
    """The address of the present page with some query arguments changed; None or "" drops one.

    Another order or filter begins at page one: `page` stays only when it is given.
    """
    arguments = {key: values for key, values in request.args.lists() if key != "page"}
    for key, value in changes.items():
        if value is None or value == "":
            arguments.pop(key, None)
        else:
            arguments[key] = [str(value)]
    query = urlencode(arguments, doseq=True)
    return f"{request.path}?{query}" if query else request.path


def files(path: str, stem: str = "") -> list[tuple[str, str]]:
    """Label and address of the files of the list at `path`, asked as this page is."""
    return [
        (label, here().replace(path, f"{path}{stem}.{label.lower()}", 1))
        for label in ("CSV", "XLSX")
    ]


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """First letters of the first and the last word: "Northlake Turbine Works" → "NW"."""
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
