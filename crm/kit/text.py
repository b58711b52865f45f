"""Names and addresses as they are compared: folded text, company keys, domains."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

import idna
from cleanco.clean import prepare_default_terms

#: Letters that Unicode does not take apart, as a person without them on the keyboard types them.
_PLAIN_LETTERS = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)
_WITHOUT_PUNCTUATION = str.maketrans(
    {char: None for char in map(chr, range(128)) if not char.isalnum() and not char.isspace()}
    | {"&": " and "}
)
_UNSEEN = frozenset({"Mn", "Me", "Cf"})  # accents, enclosing marks, joiners and direction marks
_LEGAL_FORMS = frozenset(tuple(words) for _, words in prepare_default_terms())
#: How many words the legal forms have that end in a word, the longest first.
_SIZES: dict[str, list[int]] = {}
for _size, _last in sorted({(len(words), words[-1]) for words in _LEGAL_FORMS}, reverse=True):
    _SIZES.setdefault(_last, []).append(_size)
_HOST_ALONE = re.compile(r"[A-Za-z0-9.-]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]{1,59}(?<!-)")
_LONGEST_DOMAIN = 253
LONGEST_ADDRESS = 300


def fold(text: str) -> str:
    """The text without case, accents and superfluous space: `muller` finds `Müller`."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = text
    while True:  # taking apart may lay bare a capital, and lower case something to take apart
        apart = unicodedata.normalize("NFKD", plain.casefold()).translate(_PLAIN_LETTERS)
        seen = "".join(char for char in apart if unicodedata.category(char) not in _UNSEEN)
        again = unicodedata.normalize("NFC", seen)
        if again == plain:
            return " ".join(plain.split())
        plain = again


def one_line(text: str) -> str:
    """The text on one line, for subjects and labels: every run of white space is one space."""
    return " ".join(text.split())


def company_key(name: str) -> str:
    """The name by which two spellings of one company meet: no legal form, no punctuation."""
    folded = fold(name)
    if folded.isascii():
        words = folded.translate(_WITHOUT_PUNCTUATION).split()
    else:
        words = [bare for word in folded.replace("&", " and ").split() if (bare := _bare(word))]
    while (shorter := _without_legal_form(words)) != words:
        words = shorter
    return " ".join(words) or folded


def mail_domain(email: str) -> str | None:
    """The domain an e-mail address belongs to, or None if it is no address."""
    local, at, domain = email.strip().rpartition("@")
    if not at or not local or any(char.isspace() for char in local):
        return None
    return _domain(domain)


def web_domain(address: str) -> str | None:
    """The domain of a web address as typed (`https://www.Acme.example/about`, `acme.example`).

    Lower case, without `www.`, in the form the domain system uses (IDNA). None for what names no
    registered domain: a single word, an IP address, a sentence, an e-mail address.
    """
    text = address.strip()
    scheme, mark, rest = text.partition("://")
    if mark and scheme.lower() not in {"http", "https"}:
        return None
    if not mark:
        rest = text.removeprefix("//")
    if _HOST_ALONE.fullmatch(rest):  # most are, and need no taking apart
        return _domain(rest.lower().removeprefix("www."))
    try:
        parts = urlsplit("//" + rest)
        host = parts.hostname or ""
        _ = parts.port  # raises when it is no number
    except ValueError:
        return None
    if "@" in parts.netloc:
        return None
    return _domain(host.removeprefix("www."))


def web_address(typed: str) -> str | None:
    """What was typed as a link may carry it: `acme.example` → `https://acme.example`.

    None for what is no web address or too long to be kept. A `javascript:` link would run on our
    own page.
    """
    address = typed if "://" in typed else f"https://{typed}"
    return None if web_domain(typed) is None or len(address) > LONGEST_ADDRESS else address


def _bare(word: str) -> str:
    return "".join(char for char in word if char.isalnum())


def _without_legal_form(words: list[str]) -> list[str]:
    for size in _SIZES.get(words[-1], ()) if words else ():
        if size < len(words) and tuple(words[-size:]) in _LEGAL_FORMS:
            return words[:-size]
    return words


def _domain(host: str) -> str | None:
    name = host.lower().removesuffix(".")
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True, std3_rules=True).decode("ascii")
        except idna.IDNAError:
            return None
    labels = name.split(".")
    if len(labels) < 2 or len(name) > _LONGEST_DOMAIN or not _TOP_LABEL.fullmatch(labels[-1]):
        return None
    return name if all(_LABEL.fullmatch(label) for label in labels[:-1]) else None
