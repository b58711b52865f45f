"""Templates: every one compiles, says its title and is used; no macro is drawn by nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from crm.mail import operations as mail

ROOT = Path("templates")
PAGES = sorted(
    path
    for path in ROOT.rglob("*.html")
    if path.relative_to(ROOT).parts[0] not in ("layout", "macros")
)
ALL = sorted(ROOT.rglob("*.html"))
LETTERS = sorted(path.parent for path in (ROOT / "mail").rglob("subject.txt"))
CODE = "\n".join(path.read_text(encoding="utf-8") for path in Path("crm").rglob("*.py"))
DRAWN = "\n".join(path.read_text(encoding="utf-8") for path in ALL)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_compiles(the_app, path):
    assert the_app.jinja_env.get_template(name_of(path)) is not None


@pytest.mark.parametrize("path", LETTERS, ids=name_of)
def test_a_letter_compiles_and_is_written_by_somebody(path):
    for part in ("subject.txt", "body.txt"):
        assert mail._templates.get_template(f"{path.name}/{part}") is not None
    assert f'"{path.name}"' in CODE


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_says_its_title(the_app, path):
    tree = the_app.jinja_env.parse(path.read_text(encoding="utf-8"))
    whole = any(
        isinstance(parent.template, nodes.Const)
        and str(parent.template.value).startswith("layout/")
        for parent in tree.find_all(nodes.Extends)
    )
    titled = any(block.name == "title" for block in tree.find_all(nodes.Block))
    assert titled or not whole


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_is_used(path):
    assert f'"{name_of(path)}"' in CODE + DRAWN


MACROS = [
    (name_of(path), name)
    for path in sorted((ROOT / "macros").glob("*.html"))
    for name in re.findall(r"{%-?\s*macro\s+(\w+)", path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("file", "name"), MACROS, ids=lambda value: str(value))
def test_a_macro_is_used(file, name):
    """By the name it has, or the one it is imported under."""
    if name.startswith("_"):
        assert len(re.findall(rf"\b{name}\(", (ROOT / file).read_text(encoding="utf-8"))) > 1
        return
    imported = re.findall(
        rf'{{%-?\s*from\s+"{file}"\s+import\s+([^%]*?\b{name}\b(?:\s+as\s+(\w+))?[^%]*?)%}}', DRAWN
    )
    known_as = {alias or name for _, alias in imported} or {name}
    calls = sum(len(re.findall(rf"\b{known}\(", DRAWN)) for known in known_as)
    assert calls > (1 if name in known_as else 0), f"{file}: nobody draws {name}"


def test_the_sentences_of_letters_begin_with_capitals():
    """Those after the salutation, too, as letters in English have it."""
    bodies = sorted((ROOT / "mail").glob("*/body.txt"))
    assert bodies
    small = [body.parent.name for body in bodies if re.search("^[a-z]", body.read_text(), re.M)]
    assert small == []


IMPORT = re.compile(r'{%-?\s*from\s+"[^"]+"\s+import\s+([^%]*?)(?:\s+with context)?\s*-?%}')
INCLUDED = re.compile(r'{%-?\s*include\s+"([^"]+)"')


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_a_template_uses_what_it_imports(path):
    """Itself, or in what it includes, which sees its names."""
    text = path.read_text(encoding="utf-8")
    body = IMPORT.sub("", text)
    body += "".join((ROOT / name).read_text(encoding="utf-8") for name in INCLUDED.findall(text))
    names = [
        one.split(" as ")[-1].strip() for found in IMPORT.findall(text) for one in found.split(",")
    ]
    assert not [name for name in names if not re.search(rf"\b{name}\(", body)]
