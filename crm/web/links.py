"""Absolute addresses for letters, under BASE_URL and never from the Host header."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app


def absolute(endpoint: str, argument: str) -> Callable[[int | str], str]:
    """A function from an id to the page of that record, to hand down to an operation."""

    def link(value: int | str) -> str:
        path = current_app.url_map.bind("").build(endpoint, {argument: value})
        return f"{current_app.config['BASE_URL']}{path}"

    return link


def page(endpoint: str) -> str:
    """The absolute address of a page that needs no id."""
    return f"{current_app.config['BASE_URL']}{current_app.url_map.bind('').build(endpoint)}"


def under_base(path: str) -> str:
    """The absolute address of a page whose path is known, for papers that leave the house."""
    return f"{current_app.config['BASE_URL']}{path}"
