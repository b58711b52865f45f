"""A factory makes the ordinary; a trait names the special."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import factory
from sqlalchemy.orm import Session

SESSION: ContextVar[Session] = ContextVar("session")


class Factory(factory.Factory):
    """Adds to the test's own session and flushes; the test commits."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type, *args: Any, **kwargs: Any) -> Any:
        made = model_class(*args, **kwargs)
        session = SESSION.get()
        session.add(made)
        session.flush()
        return made
