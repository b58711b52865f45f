"""What can go wrong on purpose. No HTTP here: the faces translate."""

from __future__ import annotations


class CRMError(Exception):
    """An anticipated refusal; its message is fit for the person who asked."""


class NotFound(CRMError):
    """The thing asked for does not exist, or not for this person: the two look the same."""


class RuleBroken(CRMError):
    """The request was understood and a rule of the alliance refuses it.

    `field` names the form field the message belongs beside, where there is one.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Stale(CRMError):
    """Someone else changed the record since it was read.

    `theirs` and `yours` map a label to a value, for the page that shows both versions.
    """

    def __init__(self, what: str, *, theirs: dict[str, str], yours: dict[str, str]) -> None:
        super().__init__(f"Someone else changed {what} while you were editing it.")
        self.theirs = theirs
        self.yours = yours
