from __future__ import annotations

import pytest

from crm.kit.countries import code_of, name_of, names


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no", "NO"),
        ("Norway", "NO"),
        ("USA", "US"),
        ("Türkiye", "TR"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_a_country_is_known_by_code_and_by_name(text, code):
    assert code_of(text) == code


def test_every_country_has_two_letters_and_a_name():
    assert len(names()) > 240
    assert name_of("NO") == "Norway"
    assert name_of("QQ") == "QQ"
    assert name_of(None) == ""
