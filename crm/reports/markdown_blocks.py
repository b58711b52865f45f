"""Markdown taken apart into blocks that the typesetter draws; none of it is ever read as markup."""

from __future__ import annotations

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

Block = dict[str, Any]
Run = tuple[str, bool, bool]
"""A text, whether it is bold, whether it is slanted."""
_READER = MarkdownIt("commonmark", {"html": False})


def blocks(text: str) -> list[Block]:
    """In their order: `kind` is heading, paragraph, item, quote, code or rule; `depth` how far in
    it stands; `mark` what an item begins with."""
    found: list[Block] = []
    lists: list[int | None] = []
    quotes, kind, mark = 0, "paragraph", ""
    for token in _READER.parse(text):
        match token.type:
            case "bullet_list_open":
                lists.append(None)
            case "ordered_list_open":
                lists.append(int(token.attrGet("start") or 1))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                number = lists[-1]
                mark = "•" if number is None else f"{number}."
                lists[-1] = None if number is None else number + 1
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "heading_open":
                kind = "heading"
            case "heading_close":
                kind = "paragraph"
            case "hr":
                found.append(_block("rule", [], 0, ""))
            case "fence" | "code_block":
                found.append(_block("code", [(token.content.rstrip(), False, False)], 0, ""))
            case "inline":
                shown = "item" if lists else "quote" if quotes else kind
                found.append(_block(shown, _runs(token), len(lists), mark))
                mark = ""
    return found


def _block(kind: str, runs: list[Run], depth: int, mark: str) -> Block:
    return {"kind": kind, "runs": runs, "depth": depth, "mark": mark}


def _runs(inline: Token) -> list[Run]:
    found: list[Run] = []
    bold = slanted = 0
    for token in inline.children or ():
        match token.type:
            case "strong_open":
                bold += 1
            case "strong_close":
                bold -= 1
            case "em_open":
                slanted += 1
            case "em_close":
                slanted -= 1
            case "softbreak" | "hardbreak":
                found.append(("\n" if token.type == "hardbreak" else " ", False, False))
            case _:
                if token.content:
                    found.append((token.content, bold > 0, slanted > 0))
    return found
