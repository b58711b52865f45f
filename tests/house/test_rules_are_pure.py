"""What a room decides by itself it decides without a database, a clock or another room."""

from __future__ import annotations

import sys

import grimp
import pytest

HOUSE = grimp.build_graph("crm", include_external_packages=True, cache_dir=None)
RULES = sorted(module for module in HOUSE.modules if module.endswith(".rules"))
KIT_THAT_KNOWS_THE_DATABASE = {"crm.kit.db", "crm.kit.pages", "crm.kit.reference"}


@pytest.mark.parametrize("rules", RULES)
def test_rules_import_kit_alone(rules: str) -> None:
    ours = {found for found in HOUSE.find_modules_directly_imported_by(rules) if "." in found}
    own_room = rules.removesuffix("rules")
    strangers = {
        found for found in ours if not found.startswith(("crm.kit.", own_room))
    } | ours & KIT_THAT_KNOWS_THE_DATABASE
    assert strangers == set()


@pytest.mark.parametrize("rules", RULES)
def test_rules_need_no_library(rules: str) -> None:
    imported = {found.split(".")[0] for found in HOUSE.find_modules_directly_imported_by(rules)}
    assert imported - {"crm"} <= sys.stdlib_module_names
