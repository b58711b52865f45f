from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.kit.text import company_key, fold, mail_domain, web_domain

names = st.text(max_size=40)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Müller   GmbH\n", "muller gmbh"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ørsted A/S", "orsted a/s"),
        ("ŁÓDŹ", "lodz"),
        ("ＡＣＭＥ\u3000Works", "acme works"),
        ("İstanbul Diyarbakır", "istanbul diyarbakir"),
        ("Zero\u200bwidth", "zerowidth"),
        ("東京 精密", "東京 精密"),
        ("", ""),
    ],
)
def test_folding_takes_off_case_accents_and_space(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(names)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(names)
def test_case_never_matters(text: str) -> None:
    assert fold(text.upper().lower()) == fold(text.upper())


@pytest.mark.parametrize(
    "spelling",
    [
        "Halvorsen Bearings AS",
        "HALVORSEN BEARINGS, A.S.",
        "Halvorsen Bearings",
        "Hálvørsen  Bearings Inc.",
        "Halvorsen Bearings Co., Ltd.",
    ],
)
def test_spellings_of_one_company_meet(spelling: str) -> None:
    assert company_key(spelling) == "halvorsen bearings"


def test_an_ampersand_is_an_and() -> None:
    assert company_key("Morrow & Pike Motors") == company_key("Morrow and Pike Motors, LLC")


def test_different_companies_stay_apart() -> None:
    assert company_key("Halvorsen Bearings") != company_key("Halvorsen Gears")


@pytest.mark.parametrize(("name", "key"), [("Inc.", "inc"), ("S.A.", "sa"), ("!!!", "!!!")])
def test_a_name_of_nothing_but_a_legal_form_keeps_it(name: str, key: str) -> None:
    assert company_key(name) == key


@given(names)
def test_a_key_is_its_own_fold(name: str) -> None:
    assert fold(company_key(name)) == company_key(name)


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("acme.example", "acme.example"),
        ("https://www.Acme.example/about?x=1#y", "acme.example"),
        ("HTTP://ACME.EXAMPLE:8080", "acme.example"),
        ("//acme.example/", "acme.example"),
        ("  www.acme.example.  ", "acme.example"),
        ("eu.acme.example", "eu.acme.example"),
        ("https://bücher.example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("www2.acme.example", "www2.acme.example"),
    ],
)
def test_web_addresses_become_domains(address: str, domain: str) -> None:
    assert web_domain(address) == domain


@pytest.mark.parametrize(
    "address",
    [
        "",
        "acme",
        "localhost",
        "10.0.0.1",
        "http://[::1]/",
        "http://[broken",
        "ask Jane about it",
        "n/a",
        "-acme.example",
        "acme-.example",
        "acme..example",
        "ftp://acme.example",
        "javascript:alert(1)",
        "jane@acme.example",
        "https://user:secret@acme.example",
        "acme.example:port",
        "acme\x00.example",
        "x" * 64 + ".example",
        ".".join(["abcdefgh"] * 40) + ".example",
        "💥.example\u202e",
    ],
)
def test_what_is_no_domain_is_none(address: str) -> None:
    assert web_domain(address) is None


@given(st.text(max_size=80))
def test_any_text_is_a_domain_or_none_and_a_domain_stays_itself(address: str) -> None:
    domain = web_domain(address)
    assert domain is None or web_domain(domain) in {domain, domain.removeprefix("www.")}


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("jane@Acme.example", "acme.example"),
        (" jane.o'neil+x@mail.acme.example ", "mail.acme.example"),
        ('"a@b"@acme.example', "acme.example"),
        ("jane@bücher.example", "xn--bcher-kva.example"),
        ("jane@www.acme.example", "www.acme.example"),
        ("@acme.example", None),
        ("jane@", None),
        ("jane", None),
        ("jane doe@acme.example", None),
        ("jane@acme", None),
        ("jane@10.0.0.1", None),
    ],
)
def test_the_domain_of_a_mail_address(email: str, domain: str | None) -> None:
    assert mail_domain(email) == domain
