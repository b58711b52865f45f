"""A test that asserts nothing proves nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FILES = sorted(Path("tests").rglob("test_*.py"))
CAST = frozenset({"dana", "sam", "fay", "rea", "ada", "stranger", "who", "member"})
"""Their `get` and `post` assert the status they are told to expect."""


def proves(function: ast.AST, helpers: frozenset[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Name) and node.id in helpers:  # called, or handed to a loop
            return True
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name) and called.id == "expect":  # Playwright's
                return True
            if isinstance(called, ast.Attribute) and called.attr.startswith("assert_"):
                return True
            if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
                owner, name = called.value.id, called.attr
                if owner == "pytest" and name in ("raises", "warns", "fail"):
                    return True
                if owner in CAST and name in ("get", "post"):
                    return True
    return False


@pytest.mark.parametrize("path", FILES, ids=str)
def test_every_test_asserts_something(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    helpers: frozenset[str] = frozenset()
    for _ in range(3):  # a helper may ask a helper
        helpers = frozenset(
            f.name for f in functions if not f.name.startswith("test_") and proves(f, helpers)
        )
    idle = [f.name for f in functions if f.name.startswith("test_") and not proves(f, helpers)]
    assert idle == []
