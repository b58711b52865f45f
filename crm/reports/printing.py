"""Typesets papers with typst, in a process of its own: JSON in, PDFs out. See `child`.

The data goes to typst as JSON, so that no company's name is ever read as markup. Many papers of
one kind are set by one process: its start costs more than a page.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typst

PRINT = Path(__file__).parent / "print"


def typeset(template: str, papers: Sequence[Any]) -> Iterator[bytes]:
    """Accessible PDFs (PDF/UA); a plain one if a letter is in none of the fonts."""
    compiler = typst.Compiler(
        input=PRINT / f"{template}.typ",
        root=PRINT,
        font_paths=[PRINT / "fonts"],
        ignore_system_fonts=True,
    )
    for paper in papers:
        inputs = {"data": json.dumps(paper)}
        try:
            made = compiler.compile(format="pdf", pdf_standards=["ua-1"], sys_inputs=inputs)
        except typst.TypstError:
            made = compiler.compile(format="pdf", sys_inputs=inputs)
        assert isinstance(made, bytes)
        yield made


if __name__ == "__main__":
    asked = json.load(sys.stdin.buffer)
    for pdf in typeset(asked["template"], asked["papers"]):
        sys.stdout.buffer.write(struct.pack(">Q", len(pdf)) + pdf)
