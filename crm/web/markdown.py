"""Markdown as HTML that is safe to show: what is written between < and > is text, not markup."""

from __future__ import annotations

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = MarkdownIt("commonmark", {"html": False}).enable("table")
_TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p",
    "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def render(text: str) -> Markup:
    """The highest headings become the third level, for a page has its own above them, and none
    skips a level. Pictures are left out."""
    tokens = _READER.parse(text)
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    shown = 2
    for token in tokens:
        if token.type == "heading_open":
            shown = min(3 + levels.index(token.tag), shown + 1, 6)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{shown}"
    html = _READER.renderer.render(tokens, _READER.options, {})
    safe = nh3.clean(
        html, tags=_TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"}
    )
    return Markup(safe)


def init_app(app: Flask) -> None:
    app.jinja_env.filters["markdown"] = render
