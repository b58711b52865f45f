"""Every template compiles, has a title and is used; every macro is used."""

from __future__ import annotations

import re
from pathlib import Path

from jinja2 import nodes

ROOT = Path("templates")
PAGES = sorted(path for path in ROOT.rglob("*.html") if path.parent.name != "macros")
MACROS = sorted((ROOT / "macros").glob("*.html"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def sources() -> str:
    """All text in which a template may be named: the program and the templates themselves."""
    return "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*Path("crm").rglob("*.py"), *ROOT.rglob("*.html"), *ROOT.rglob("*.txt")]
    )


def test_every_template_compiles(the_app):
    for path in [*PAGES, *MACROS]:
        assert the_app.jinja_env.get_template(name_of(path)).name == name_of(path)


def test_what_stands_on_a_layout_has_a_title(the_app):
    untitled = []
    for path in PAGES:
        tree = the_app.jinja_env.parse(path.read_text(encoding="utf-8"))
        layouts = [node.template.value for node in tree.find_all(nodes.Extends)]
        blocks = {node.name for node in tree.find_all(nodes.Block)}
        stands_on_one = any(name.startswith("layout/") for name in layouts)
        if stands_on_one and path.parent.name != "layout" and "title" not in blocks:
            untitled.append(name_of(path))
    assert untitled == []


def test_every_template_is_used():
    text = sources()
    named = set(re.findall(r"\"([\w./-]+\.html)\"", text))
    composed = set(re.findall(r"f\"([\w./-]+/){\w+}\.html\"", text))  # one of a folder
    unused = [
        name_of(path)
        for path in PAGES
        if name_of(path) not in named and f"{name_of(path.parent)}/" not in composed
    ]
    assert unused == []


def test_every_macro_is_used():
    imported = re.findall(r"{%-?\s*from\s+\"([^\"]+)\"\s+import\s+([^%]+?)\s*-?%}", sources())
    used = {
        (file, name.split(" as ")[0].strip())
        for file, names in imported
        for name in names.removesuffix("with context").split(",")
    }
    unused = []
    for path in MACROS:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"{%-?\s*macro\s+(\w+)", text):
            within = len(re.findall(rf"\b{name}\(", text)) > 1
            if (name_of(path), name) not in used and not within:
                unused.append(f"{name_of(path)}: {name}")
    assert unused == []
