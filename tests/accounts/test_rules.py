from __future__ import annotations

import pytest

from crm.accounts import passwords
from crm.accounts.rules import password_fault


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"),
        ("x" * 501, "at most 500"),
        ("abababababab", "four different"),
        ("dana.whitfield1", "name or address"),
        ("Dana-Whitfield-99", "name or address"),
    ],
)
def test_a_password_others_could_guess_is_refused(password, said):
    fault = password_fault(password, email="dana.whitfield@office.example", name="Dana Whitfield")
    assert fault is not None
    assert said in fault


@pytest.mark.parametrize(
    "password", ["seven small turbines", "短い駅の名前は七つあります。", "dana likes turbines"]
)
def test_words_in_a_row_will_do(password):
    assert password_fault(password, email="dana@office.example", name="Dana Whitfield") is None


def test_the_same_word_composed_otherwise_is_the_same_password():
    kept = passwords.hashed("Café am Münster")
    assert passwords.matches("Café am Münster", kept)
    assert not passwords.matches("Cafe am Munster", kept)


def test_nothing_matches_an_account_without_a_password():
    assert not passwords.matches("", None)


def test_hashes_are_argon2id_of_todays_cost():
    assert passwords.hashed("anything").startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.is_outdated(passwords.hashed("anything"))
