from __future__ import annotations

import pytest

from crm.people.rules import email_key, name_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Ada Lovelace", "lovelace ada"),
        ("Ludwig van der Rohe", "van der rohe ludwig"),
        ("Jürgen Müller", "muller jurgen"),
        ("Martin Luther King, Jr.", "king martin luther jr."),
        ("Plato", "plato"),
        ("van Gogh", "gogh van"),
        ("\u200d", "\u200d"),
        ("Jr.", "jr."),
    ],
)
def test_people_are_ordered_by_family_name(name, key):
    assert name_key(name) == key


def test_a_long_name_still_fits_its_key():
    assert len(name_key("ﷺ" * 200)) <= 200


def test_addresses_are_compared_without_case():
    assert email_key(" Ada@Acme.Example ") == "ada@acme.example"
