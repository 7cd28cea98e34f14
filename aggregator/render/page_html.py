"""Sanitized HTML as a page shows it, to people who see, hear or type.

Headings stand below the page's own, pictures come late and have a name, lists hold items, what is wide scrolls. Feeds
carry the text as it is; this is for pages alone. Every tag is read with its quoted values, so that nothing in a value
is taken for a tag; and what is added needs no quotes, so that it could not end a value either.
"""

import re
from collections.abc import Callable, Container, Mapping

from aggregator.render.tags import INNER, each_tag, ends

_TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*+)({INNER})(>)?")
_FEW = re.compile(rf"<(/?)(h[1-6]|img|table|pre|audio|video)(?![a-z0-9])({INNER})(>)?")
_ODD = re.compile(r'="[^"<]*+<')  # what may be a value that looks like a tag: then every tag is read
_LEVEL = re.compile(r"<h([1-6])[ >]")
LISTED = frozenset({"ul", "ol", "li"})
_ALT = re.compile(r' alt="[^"]*[^"\s]')


# Where there may be something to do; links and lists are only followed where one of them may want it.
_PLAIN = re.compile(r"<(?:h[1-6]|img|table|pre|audio|video)[ >]")
_LINK = re.compile(rf"<a(?=[ >]){INNER}(?:(>)\s*+(<)?)?")
_LIST = re.compile(rf"<[ou]l(?=[ >]){INNER}(?:(>)\s*+(<li[ >])?)?|</li(>)\s*+(<li[ >]|</[ou]l>)?")
_ODD_LISTS = frozenset({(">", "", "", ""), ("", "", ">", "")})  # a list or an item that something else follows


def content_html(markup: str, below: int) -> str:
    """`below`: the level of the heading that this text stands under; no level is skipped on the way down."""
    wanted: frozenset[str] = PLAIN if _PLAIN.search(markup) else frozenset()
    wanted |= {"a"} if (">", "<") in ends(_LINK, markup) else frozenset()
    wanted |= LISTED if not _ODD_LISTS.isdisjoint(ends(_LIST, markup)) else frozenset()
    if not wanted:
        return markup
    found = sorted(set(_LEVEL.findall(markup)))
    tags = _FEW if wanted == PLAIN and not _ODD.search(markup) else _TAG
    return _Reading({level: rank for rank, level in enumerate(found, below + 1)}, below).read(markup, wanted, tags)


class _Reading:
    def __init__(self, levels: Mapping[str, int], last: int) -> None:
        self._levels = levels
        self._last = last
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._link = -1  # the place of the link that has said nothing yet
        self._shows = False
        self._lists: list[str] = []  # open lists and items, "stray" for an item of ours
        self._bare = False  # right in a list, where only items may stand

    def read(self, markup: str, wanted: Container[str], tags: re.Pattern[str]) -> str:
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
        if self._link >= 0:  # nothing in it can be read aloud: it is called what it is, or it is no link
            opening = self._pieces[self._link]
            self._pieces[self._link] = f"<a aria-label=Picture{opening[2:]}" if self._shows else "<a>"
        self._link = -1
        return "</a>"

    def picture(self, _name: str, rest: str) -> str:
        if _ALT.search(rest):
            self._link = -1
        self._shows = True
        lazy = "" if " loading=" in rest else " loading=lazy"
        return f"<img{lazy}{'' if ' alt=' in rest else ' alt'}{rest}>"

    def audio(self, name: str, rest: str) -> str:
        return "</audio>" if name == "/" else f"<audio preload=none{rest}>"

    def video(self, name: str, rest: str) -> str:
        return "</video>" if name == "/" else f"<video preload=none{rest}>"

    def table(self, name: str, rest: str) -> str:
        return "</table></div>" if name == "/" else f"<div class=wide tabindex=0><table{rest}>"

    def pre(self, name: str, rest: str) -> str:
        return "</pre>" if name == "/" else f"<pre tabindex=0{rest}>"


WRITERS: dict[str, Callable[[_Reading, str, str], str]] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _Reading.heading),
    "a": _Reading.anchor,
    "img": _Reading.picture,
    "audio": _Reading.audio,
    "video": _Reading.video,
    "table": _Reading.table,
    "pre": _Reading.pre,
}
PLAIN = frozenset(WRITERS) - {"a"}
