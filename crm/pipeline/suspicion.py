"""What makes a form look as if no person with an interest in us sent it. Pure; never a refusal.

Suspected inquiries are stored and thanked like all others; they only wait in another queue, and
no letter leaves until somebody says they are genuine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

QUICKEST = timedelta(seconds=3)
"""Nobody reads and fills in a form faster."""
MANY_AN_HOUR = 10
"""Inquiries of one e-mail address within an hour, before the next one is doubted."""
DOUBTFUL = 3
"""Points of the content from which it is suspected."""

_LINK = re.compile(r"https?://|www\.\w", re.IGNORECASE)
_MARKUP = re.compile(r"</?[a-z]+[^<>]*>|\[/?(?:url|link|img)\b", re.IGNORECASE)
_SCRIPT = re.compile(r"<\s*script|javascript:|\bon(?:error|load|click)\s*=", re.IGNORECASE)
_PHRASES = re.compile(
    r"\b(?:back-?links?|search engine (?:ranking|optimi[sz]ation)|seo|(?:first|top) (?:page|spot) "
    r"(?:of|on|in) (?:google|search)|page one of google|google ranking|money[- ]back|"
    r"rank(?:ing)? higher|guest posts?|domain authority|link building|web traffic|"
    r"increase (?:your )?(?:sales|traffic|leads) by|casino|viagra|cialis|porn|escorts?|"
    r"payday loans?|bitcoin investment|crypto (?:investment|trading|signals?)|forex|"
    r"make money (?:online|fast)|work from home|lottery|you have won|inheritance|"
    r"(?:e-?mail|leads?) (?:list|database) (?:of|for sale)|buy followers|whatsapp marketing|"
    r"no obligation quote|100% (?:free|guaranteed)|act now|limited time offer)\b",
    re.IGNORECASE,
)


def suspicions(
    *,
    age: timedelta,
    trapped: bool,
    lines: Iterable[str | None],
    message: str,
    from_address_lately: int,
) -> list[str]:
    """The reasons to doubt it, in words for whoever looks at the queue; empty if there are none.

    `lines` are the one-line fields, where a link or markup has no business.
    """
    found = []
    if trapped:
        found.append("filled in the field that people do not see")
    if age < QUICKEST:
        found.append("sent within 3 seconds")
    points, reasons = _content([line for line in lines if line], message)
    if points >= DOUBTFUL:
        found += reasons
    if from_address_lately >= MANY_AN_HOUR:
        found.append(f"more than {MANY_AN_HOUR} from this e-mail address within an hour")
    return found


def _content(lines: list[str], message: str) -> tuple[int, list[str]]:
    points, reasons = 0, []
    links = len(_LINK.findall(message))
    if links > 1:
        points += 1 if links < 4 else 3
        reasons.append(f"{links} links in the message")
    if any(_LINK.search(line) for line in lines):
        points += 2
        reasons.append("a link where a name belongs")
    phrases = {match.lower() for match in _PHRASES.findall(message + "\n" + "\n".join(lines))}
    if phrases:
        points += 2 * len(phrases) + (1 if links else 0)
        reasons.append("sales phrases: " + ", ".join(sorted(phrases)))
    if _MARKUP.search(message) or any(_MARKUP.search(line) for line in lines):
        points += 2
        reasons.append("markup in the text")
    if _SCRIPT.search(message) or any(_SCRIPT.search(line) for line in lines):
        points += 3
        reasons.append("script in the text")
    return points, reasons
