"""Typesets a report with typst, in a process of its own: JSON in, PDF out. See `child`.

The data goes to typst as JSON, so that no company's name is ever read as markup.
"""

from __future__ import annotations

import sys
from pathlib import Path

import typst

PRINT = Path(__file__).parent / "print"


def typeset(data: str) -> bytes:
    """An accessible PDF (PDF/UA); a plain one if a letter is in none of the fonts."""
    compiler = typst.Compiler(
        input=PRINT / "report.typ",
        root=PRINT,
        font_paths=[PRINT / "fonts"],
        sys_inputs={"data": data},
    )
    try:
        made = compiler.compile(format="pdf", pdf_standards=["ua-1"])
    except typst.TypstError:
        made = compiler.compile(format="pdf")
    assert isinstance(made, bytes)
    return made


if __name__ == "__main__":
    sys.stdout.buffer.write(typeset(sys.stdin.buffer.read().decode("utf-8")))
