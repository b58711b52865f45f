"""Who may open what: declared with each route, per method, and checked before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from flask import Blueprint, Flask, abort
from flask.blueprints import BlueprintSetupState
from flask.sansio.app import App
from flask.typing import ResponseReturnValue

from crm.accounts.policy import Permission
from crm.documents.rules import LARGEST

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
UPLOAD = LARGEST + 1024 * 1024
"""Bytes of a request that brings a file along with a form."""


@dataclass(frozen=True)
class Access:
    """What one method of one route needs, and whether it writes.

    `takes`: bytes of its request, if more than is usual.
    """

    needs: Permission
    writes: bool
    takes: int | None = None


class Undeclared(RuntimeError):
    """A route without an access rule: the start stops here."""


class Pages(Blueprint):
    """A blueprint whose every route says who may open it. `route` itself is closed."""

    def get(self, rule: str, *, needs: Permission, writes: bool = False) -> Callable[[View], View]:  # type: ignore[override]
        return self._declare(rule, {"GET": Access(needs, writes)})

    def post(self, rule: str, *, needs: Permission, writes: bool = True) -> Callable[[View], View]:  # type: ignore[override]
        return self._declare(rule, {"POST": Access(needs, writes)})

    def form(
        self,
        rule: str,
        *,
        needs: Permission,
        reads: Permission | None = None,
        takes: int | None = None,
    ) -> Callable[[View], View]:
        """A page with a form: GET shows it (`reads`, else `needs`), POST writes."""
        shown = Access(reads or needs, writes=False)
        posted = Access(needs, writes=True, takes=takes)
        return self._declare(rule, {"GET": shown, "POST": posted})

    def route(self, rule: str, **options: Any) -> NoReturn:
        raise Undeclared(f"{rule}: use get, post or form, which name a permission")

    def _declare(self, rule: str, methods: dict[str, Access]) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            endpoint = view.__name__
            self.add_url_rule(
                rule, endpoint, view, methods=list(methods), provide_automatic_options=False
            )

            def declare(state: BlueprintSetupState) -> None:
                for method, access in methods.items():
                    rules(state.app)[f"{self.name}.{endpoint}", method] = access

            self.record(declare)
            return view

        return decorate


def rules(app: App) -> dict[tuple[str, str], Access]:
    """Every declared (endpoint, method) of the app."""
    found: dict[tuple[str, str], Access] = app.extensions.setdefault("access", {})
    return found


def access_of(app: Flask, endpoint: str | None, method: str) -> Access:
    """The rule of this route and method; an endpoint nobody declared is not there."""
    asked = "GET" if method == "HEAD" else method
    declared = rules(app).get((endpoint or "", asked))
    if declared is None:
        abort(404)
    return declared


def check_all_declared(app: Flask) -> None:
    """Raise `Undeclared` if any (rule, method) of the app has no access rule."""
    rules(app)["static", "GET"] = Access(Permission.EVERYONE, writes=False)
    undeclared = [
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if (rule.endpoint, method) not in rules(app)
    ]
    if undeclared:
        raise Undeclared(", ".join(sorted(undeclared)))
