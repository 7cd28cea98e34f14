"""The only sanitizer: any markup as HTML that is safe to show and keeps its content.

Our own pass (`Rewriter`) selects elements, attributes and addresses and writes them well-nested. Then nh3, which parses
as browsers do, removes whatever is still unsafe. Both repeat until nothing changes, so that
`sanitize(sanitize(x)) == sanitize(x)`. Markup that never becomes stable is shown as plain text.
"""

import html
import re
from collections.abc import Callable

import nh3

from aggregator.html.allowlist import ELEMENTS, EVERYWHERE, PHRASES
from aggregator.html.plain_text import addresses
from aggregator.html.rewriter import Rewriter, escaped
from aggregator.html.writer import LONGEST
from aggregator.text.data_pictures import LARGEST, MOST, data_picture, is_data, size
from aggregator.text.normalize import legal
from aggregator.text.urls import READING, ContentSettings

_TAG = re.compile(r"<[^>]*>")
_OPENING = re.compile(r"<[A-Za-z/!?]")
_DATA = re.compile(r"data:[^\"'\s>]*+", re.IGNORECASE)
_ROUNDS = 5
_ADDRESSES = frozenset({"cite", "href", "poster", "src"})


def _cleaner(elements: dict[str, frozenset[str]], *, data: bool = False) -> nh3.Cleaner:
    """`data`: pictures may have `data:` addresses, and nothing else."""
    return nh3.Cleaner(
        tags=set(elements),
        attributes={"*": set(EVERYWHERE)} | {name: set(allowed) for name, allowed in elements.items() if allowed},
        clean_content_tags={"script", "style"},
        link_rel=None,
        url_schemes=set(READING) | ({"data"} if data else set()),
        url_relative="deny",
        attribute_filter=_without_data if data else None,
    )


def _without_data(element: str, attribute: str, value: str) -> str | None:
    is_picture = element == "img" and attribute == "src" and value == data_picture(value)
    return None if attribute in _ADDRESSES and is_data(value) and not is_picture else value


_FULL, _WITH_DATA, _INLINE = _cleaner(ELEMENTS), _cleaner(ELEMENTS, data=True), _cleaner(PHRASES)


def sanitize(markup: str, *, base: str, settings: ContentSettings, room: int = MOST, post: str = "") -> str:
    """Safe HTML: elements and attributes of the allow-list, every address absolute and with an allowed scheme.

    `base` resolves relative references; without it they are removed, and their text stays. The result has at most
    512 Ki characters and 30,000 elements, then "…"; elements deeper than 128 levels are flattened. Pictures in `data:`
    addresses stay while they have together at most `room` bytes. `post`: the path of a post without an address of its
    own; pictures beside it get that of `text.local_pictures`.
    """
    cleaner = _WITH_DATA if "data:" in markup.lower() else _FULL
    return _stable(_bounded(markup), lambda text: Rewriter(text, base, settings, room=room, post=post).run(), cleaner)


def sanitize_xhtml(markup: str, *, base: str, settings: ContentSettings, room: int = MOST) -> str:
    """`sanitize` for XHTML, where `<p/>` is closed, without the outer div of Atom (RFC 4287 3.1.1.3)."""
    once = Rewriter(_bounded(markup), base, settings, xml=True, room=room).run()
    return sanitize(_without_outer_div(once), base=base, settings=settings, room=room)


def sanitize_inline(markup: str) -> str:
    """Phrasing content on one line: emphasis, code, ruby and the like. Unknown elements become text."""

    def rewrite(text: str) -> str:
        return " ".join(Rewriter(text, "", ContentSettings(), inline=True).run().split())

    return _stable(_bounded(markup), rewrite, _INLINE)


def plain(sanitized: str) -> str:
    """The text of sanitized markup."""
    return html.unescape(_TAG.sub("", sanitized))


def inline_bytes(sanitized: str) -> int:
    """The bytes of all pictures in `data:` addresses."""
    return sum(size(one) for one in addresses(sanitized) if is_data(one)) if "data:" in sanitized else 0


def _bounded(markup: str) -> str:
    if len(markup) > LONGEST:
        markup = _without_data_beyond(markup, MOST * 3 // 2)
    markup = legal(markup.replace("\f", " "))
    if "<![CDATA[" in markup:
        markup = markup.replace("]]>", "")
    return markup if len(markup) <= LONGEST else _cut(markup[:LONGEST]) + "…"


def _without_data_beyond(markup: str, room: int) -> str:
    """The markup with at most `room` characters of `data:` addresses, which would take the room of the text."""
    kept, at = [], 0
    for found in _DATA.finditer(markup):
        length = found.end() - found.start()
        if length > min(room, LARGEST * 3 // 2):
            kept.append(markup[at : found.start()])
            at = found.end()
        else:
            room -= length
    return "".join(kept) + markup[at:]


def _cut(markup: str) -> str:
    """The markup without an incomplete tag at its end."""
    tag = _OPENING.search(markup, markup.rfind(">") + 1)
    return markup[: tag.start()] if tag else markup


def _stable(markup: str, rewrite: Callable[[str], str], cleaner: nh3.Cleaner) -> str:
    """Repeats until nh3 changes nothing. `rewrite` is idempotent, so the markup is then stable."""
    for _ in range(_ROUNDS):
        rewritten = rewrite(markup)
        markup = cleaner.clean(rewritten)
        if markup == rewritten:
            return markup
    return cleaner.clean(rewrite(escaped(plain(markup))))


def _without_outer_div(sanitized: str) -> str:
    inner = sanitized.strip()
    if not (inner.startswith("<div") and inner.endswith("</div>")):
        return inner
    body = inner[inner.index(">") + 1 : -len("</div>")]
    depth = 0
    for tag in re.finditer(r"<(/?)div[ >]", body):
        depth += -1 if tag[1] else 1
        if depth < 0:
            return inner
    return body.strip()
