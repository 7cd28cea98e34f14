"""Markdown as HTML: CommonMark with tables, strikethrough, task lists, footnotes, definition lists and links for bare
addresses. Wraps markdown-it-py and mdit-py-plugins.

The HTML has neither ids nor fragments, because entries of many posts stand on one page; so a footnote has its number
and no link. Checkboxes are characters, because feeds let no inputs through.
"""

from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from aggregator.posts.bare_addresses import addresses_in

_DEEPEST = 40
_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


def markdown_html(text: str, *, untitled: bool) -> tuple[str, str]:
    """The HTML, and the text of the first heading or "". `untitled`: a heading that opens the text is not in the HTML,
    because it becomes the title."""
    renderer = _renderer()
    environment: dict[str, object] = {}
    tokens = renderer.parse(text, environment)
    _show_checkboxes(tokens)
    for token in tokens:
        if token.children:
            token.children = list(_linked(token.children))
    at = next((index for index, token in enumerate(tokens) if token.type == "heading_open"), -1)
    heading = _words(tokens[at + 1]) if at >= 0 else ""
    shown = tokens[3:] if untitled and at == 0 and heading else tokens
    return renderer.renderer.render(shown, renderer.options, environment).strip(), heading


@cache
def _renderer() -> MarkdownIt:
    renderer = MarkdownIt("commonmark", {"maxNesting": _DEEPEST, "html": True})
    renderer.enable(["table", "strikethrough"])
    renderer.use(footnote_plugin, inline=False).use(deflist_plugin)
    for name, markup in _FOOTNOTES.items():
        renderer.add_render_rule(name, lambda *_, markup=markup: markup)
    renderer.add_render_rule("footnote_ref", _footnote_number)
    return renderer


_FOOTNOTES = {
    "footnote_block_open": "<hr>\n<section>\n<ol>\n",
    "footnote_block_close": "</ol>\n</section>\n",
    "footnote_open": "<li>",
    "footnote_close": "</li>\n",
    "footnote_anchor": "",
}


def _footnote_number(_: object, tokens: Sequence[Token], index: int, *__: object) -> str:
    return f"<sup>[{int(tokens[index].meta['id']) + 1}]</sup>"


def _show_checkboxes(tokens: Sequence[Token]) -> None:
    """Makes the boxes of task list items characters (GitHub Flavored Markdown 5.3)."""
    for before, paragraph, inline in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == "list_item_open" and paragraph.type == "paragraph_open" and inline.children:
            first = inline.children[0]
            box = _BOXES.get(first.content[:4]) if first.type == "text" else None
            if box:
                first.content = box + first.content[4:]


def _linked(children: Sequence[Token]) -> Iterator[Token]:
    """The tokens of a line, with links around the bare addresses that are in no link yet."""
    depth = 0
    for token in children:
        depth += _opened_links(token)
        yield from _with_links(token) if token.type == "text" and not depth else (token,)


def _opened_links(token: Token) -> int:
    markup = token.content.lower() if token.type == "html_inline" else ""
    opens = token.type == "link_open" or markup.startswith(("<a ", "<a\n", "<a>"))
    return opens - (token.type == "link_close" or markup.startswith("</a"))


def _with_links(token: Token) -> Iterator[Token]:
    text, end = token.content, 0
    for start, stop in addresses_in(text):
        yield Token("text", "", 0, content=text[end:start])
        yield Token("link_open", "a", 1, attrs={"href": _renderer().normalizeLink(text[start:stop])})
        yield Token("text", "", 0, content=text[start:stop])
        yield Token("link_close", "a", -1)
        end = stop
    yield Token("text", "", 0, content=text[end:])


def _words(inline: Token) -> str:
    shown = (child.content if child.type in ("text", "code_inline") else " " * (child.type == "softbreak")
             for child in inline.children or ())  # fmt: skip
    return " ".join("".join(shown).split())
