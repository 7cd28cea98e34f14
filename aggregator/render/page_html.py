"""Makes sanitized HTML accessible on a page; feeds carry it unchanged.

Headings are below the page's own, media load lazily, images have an alt and are blocks where they stand alone, lists
contain only items, and wide elements scroll. Every tag is matched with its quoted values, so that nothing in a value is
taken for a tag. What is added contains no quotes, so that it cannot end a value.
"""

import re
from collections.abc import Callable, Container, Mapping

from aggregator.render.tags import INNER, each_tag, ends

_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*+)({INNER})(>)?")
_FEW = re.compile(rf"<(/?)(h[1-6]|img|table|pre|audio|video)(?![a-z0-9])({INNER})(>)?")
_ODD = re.compile(r'="[^"<]*+<')  # perhaps a value that looks like a tag: then every tag is matched
_LEVEL = re.compile(r"<h([1-6])[ >]")
NEAR = 2000  # characters around a picture that are looked at; a link to a picture has a long address
BLOCK_STARTS, BLOCK_ENDS = ("<p>", "<div>", "<figure>"), ("</p>", "</div>", "</figure>", "<figcaption>")
LISTED = frozenset({"ul", "ol", "li"})
_ALT = re.compile(r' alt="[^"]*[^"\s]')


# Quick tests for whether anything must change; links and lists are tracked only where one may need it.
_PLAIN = re.compile(r"<(?:h[1-6]|img|table|pre|audio|video)[ >]")
_LINK = re.compile(rf"<a(?=[ >]){INNER}(?:(>)\s*+(<)?)?")
_LIST = re.compile(rf"<[ou]l(?=[ >]){INNER}(?:(>)\s*+(<li[ >])?)?|</li(>)\s*+(<li[ >]|</[ou]l>)?")
_ODD_LISTS = frozenset({(">", "", "", ""), ("", "", ">", "")})  # a list or item that foreign content follows


def content_html(markup: str, below: int) -> str:
    """`below`: the level of the heading above this text. Heading levels follow it without gaps."""
    wanted: frozenset[str] = PLAIN if _PLAIN.search(markup) else frozenset()
    wanted |= {"a"} if (">", "<") in ends(_LINK, markup) else frozenset()
    wanted |= LISTED if not _ODD_LISTS.isdisjoint(ends(_LIST, markup)) else frozenset()
    if not wanted:
        return markup
    tags = _FEW if wanted == PLAIN and not _ODD.search(markup) else _TAG
    levels = {level: rank for rank, level in enumerate(sorted(set(_LEVEL.findall(markup))), below + 1)}
    return _PageRewriter(levels, below).rewrite(markup, wanted, tags)


class _PageRewriter:
    def __init__(self, levels: Mapping[str, int], last: int) -> None:
        self._levels = levels
        self._last = last
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._link = -1  # the index of an open link without text
        self._shows = False
        self._lists: list[str] = []  # open lists and items; "stray": an item that we added
        self._bare = False  # directly in a list, where only items are allowed
        self._alone = False  # the picture is all that its paragraph holds

    def rewrite(self, markup: str, wanted: Container[str], tags: re.Pattern[str]) -> str:
        end, pieces = 0, self._pieces
        for tag in each_tag(tags, markup, 4):
            name = tag[2]
            if name not in wanted and self._link < 0 and not self._bare:
                continue
            text, closing = markup[end : tag.start()], tag[1]
            end = tag.end()
            if self._link >= 0 and text.strip():
                self._link = -1
            if self._bare and (text.strip() or not (closing or name == "li")):
                self._item()
            pieces.append(text)
            if name in LISTED:
                self._listed(closing, name)
            if name == "img":
                self._alone = _is_alone(markup, tag.start(), end)
            write = WRITERS.get(name)
            pieces.append(write(self, closing or name, tag[3]) if write else tag[0])
        pieces.append(markup[end:])
        return "".join(pieces)

    def _item(self) -> None:
        self._pieces.append("<li>")
        self._lists.append("stray")
        self._bare = False

    def _listed(self, closing: str, name: str) -> None:
        open_ = self._lists
        if open_ and open_[-1] == "stray" and (closing or name == "li"):
            self._pieces.append("</li>")
            open_.pop()
        if not closing:
            open_.append(name)
        elif open_ and open_[-1] == name:
            open_.pop()
        self._bare = bool(open_) and open_[-1] in {"ol", "ul"}

    def heading(self, name: str, rest: str) -> str:
        if name == "/":
            return f"</{self._open.pop() if self._open else f'h{self._last}'}>"
        self._last = min(self._levels.get(name[1], 6), self._last + 1, 6)
        self._open.append(f"h{self._last}")
        return f"<h{self._last}{rest}>"

    def anchor(self, name: str, rest: str) -> str:
        if name != "/":
            self._link, self._shows = len(self._pieces), False
            return f"<a{rest}>"
        if self._link >= 0:  # no text for screen readers: a picture gets a label, an empty link is no link
            opening = self._pieces[self._link]
            self._pieces[self._link] = f"<a aria-label=Picture{opening[2:]}" if self._shows else "<a>"
        self._link = -1
        return "</a>"

    def picture(self, _name: str, rest: str) -> str:
        if _ALT.search(rest):
            self._link = -1
        self._shows = True
        lazy = "" if " loading=" in rest else " loading=lazy"
        return f"<img{' class=alone' if self._alone else ''}{lazy}{'' if ' alt=' in rest else ' alt'}{rest}>"


def _is_alone(markup: str, start: int, end: int) -> bool:
    """Whether the picture there is all that its block holds, perhaps within a link."""
    before, after = markup[max(start - NEAR, 0) : start].rstrip(), markup[end : end + NEAR].lstrip()
    if after.startswith("</a>"):
        opening = before.rpartition("<")[2]
        if not (opening.startswith("a ") and opening.find(">") == len(opening) - 1):
            return False
        before, after = before[: -len(opening) - 1].rstrip(), after[4:].lstrip()
    return before.endswith(BLOCK_STARTS) and after.startswith(BLOCK_ENDS)


Writer = Callable[[_PageRewriter, str, str], str]


def _fixed(opening: str, closing: str) -> Writer:
    """Writes the start of a tag, or the end, always in the same way."""
    return lambda _, name, rest: closing if name == "/" else f"{opening}{rest}>"


WRITERS: dict[str, Writer] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _PageRewriter.heading),
    "a": _PageRewriter.anchor,
    "img": _PageRewriter.picture,
    "audio": _fixed("<audio preload=none", "</audio>"),
    "video": _fixed("<video preload=none", "</video>"),
    "table": _fixed("<div class=wide tabindex=0><table", "</table></div>"),
    "pre": _fixed("<pre tabindex=0", "</pre>"),
}
PLAIN = frozenset(WRITERS) - {"a"}
