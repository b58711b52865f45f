from __future__ import annotations

import pytest

from tests.stewardship.importing import Importer


@pytest.fixture
def imports(session, dana):
    return Importer(session, dana.actor)
