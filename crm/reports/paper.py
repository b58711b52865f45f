"""Papers as PDF: what `printing` sets in its own process, asked for and taken apart again."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from crm.reports import child

_LENGTH = struct.Struct(">Q")


def typeset(template: str, papers: Sequence[Any]) -> list[bytes]:
    """A PDF for each of the papers, set by one process. Raises `child.ReportFailed`."""
    question = json.dumps({"template": template, "papers": papers})
    return list(_apart(child.ask("crm.reports.printing", question.encode())))


def _apart(answer: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(answer):
        (length,) = _LENGTH.unpack_from(answer, at)
        at += _LENGTH.size
        yield answer[at : at + length]
        at += length
