"""Markdown as HTML that is safe to show: what is written between < and > is text, not markup."""

from __future__ import annotations

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def render(text: str) -> Markup:
    """Headings begin at the third level: a page has its own above them. Pictures are left out."""
    tokens = _READER.parse(text)
    for token in tokens:
        if token.tag in ("h1", "h2", "h3", "h4"):
            token.tag = f"h{int(token.tag[1]) + 2}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    safe = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}
    )
    return Markup(safe)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["markdown"] = render
