"""What a file is, judged by its content: a name and a browser's word prove nothing."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

LARGEST = 20 * 1024 * 1024
"""Bytes of one file."""
_MOST_MEMBERS = 2_000
_LONGEST_NAME = 120
_UNSAFE = re.compile(r"[^\w.\- ()\u2010-\u2015]+")


@dataclass(frozen=True, kw_only=True)
class FileKind:
    suffix: str
    media_type: str


PDF = FileKind(suffix=".pdf", media_type="application/pdf")
DOCX = FileKind(
    suffix=".docx",
    media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)


def kind_of(content: bytes) -> FileKind | None:
    """PDF or DOCX; None for anything else, and for a Word file that carries macros."""
    if content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]:
        return PDF
    if content.startswith(b"PK\x03\x04"):
        return DOCX if _is_docx(content) else None
    return None


def _is_docx(content: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return (
        len(names) <= _MOST_MEMBERS
        and "[Content_Types].xml" in names
        and "word/document.xml" in names
        and not any(name.endswith("vbaProject.bin") for name in names)
    )


def tidy_name(given: str, kind: FileKind) -> str:
    """The name to keep it under: no path, no odd characters, the ending of what it really is."""
    name = given.replace("\\", "/").rsplit("/", 1)[-1]
    words = _UNSAFE.sub(" ", name.rsplit(".", 1)[0]).split()
    stem = " ".join(words).strip(" .")[:_LONGEST_NAME].rstrip(" .")
    return f"{stem or 'document'}{kind.suffix}"
