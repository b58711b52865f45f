"""Markdown that people write, as HTML in which nothing runs."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

HIGHEST = 3
"""A page has its title and its sections: headings in a text stand below them."""
TAGS = {
    "a", "blockquote", "br", "code", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}

# Pictures would be fetched from wherever the text says: they stay their description.
_reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


def markdown(text: str | None) -> Markup:
    """CommonMark with tables; HTML in it is shown as it was typed, never read as HTML.

    Its headings, whatever their levels, begin with h3 and leave none out.
    """
    tokens = _reader.parse(text or "")
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    levels = sorted({token.tag for token in headings})
    for token in headings:
        token.tag = f"h{min(6, HIGHEST + levels.index(token.tag))}"
    html = _reader.renderer.render(tokens, _reader.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Markup(clean)  # nh3 has made it harmless
