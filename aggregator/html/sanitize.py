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
from aggregator.html.rewriter import Rewriter, escaped
from aggregator.html.writer import LONGEST
from aggregator.text.normalize import legal
from aggregator.text.urls import READING, ContentSettings

_TAG = re.compile(r"<[^>]*>")
_OPENING = re.compile(r"<[A-Za-z/!?]")
_ROUNDS = 5


def _cleaner(elements: dict[str, frozenset[str]]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(elements),
        attributes={"*": set(EVERYWHERE)} | {name: set(allowed) for name, allowed in elements.items() if allowed},
        clean_content_tags={"script", "style"},
        link_rel=None,
        url_schemes=set(READING),
        url_relative="deny",
    )


_FULL, _INLINE = _cleaner(ELEMENTS), _cleaner(PHRASES)


def sanitize(markup: str, *, base: str, settings: ContentSettings) -> str:
    """Safe HTML: elements and attributes of the allow-list, every address absolute and with an allowed scheme.

    `base` resolves relative references; without it they are removed, and their text stays. The result has at most
    512 Ki characters and 30,000 elements, then "…"; elements deeper than 128 levels are flattened.
    """
    return _stable(_bounded(markup), lambda text: Rewriter(text, base, settings).run(), _FULL)


def sanitize_xhtml(markup: str, *, base: str, settings: ContentSettings) -> str:
    """`sanitize` for XHTML, where `<p/>` is closed, without the outer div of Atom (RFC 4287 3.1.1.3)."""
    once = Rewriter(_bounded(markup), base, settings, xml=True).run()
    return sanitize(_without_outer_div(once), base=base, settings=settings)


def sanitize_inline(markup: str) -> str:
    """Phrasing content on one line: emphasis, code, ruby and the like. Unknown elements become text."""

    def rewrite(text: str) -> str:
        return " ".join(Rewriter(text, "", ContentSettings(), inline=True).run().split())

    return _stable(_bounded(markup), rewrite, _INLINE)


def plain(sanitized: str) -> str:
    """The text of sanitized markup."""
    return html.unescape(_TAG.sub("", sanitized))


def _bounded(markup: str) -> str:
    markup = legal(markup.replace("\f", " "))
    if "<![CDATA[" in markup:
        markup = markup.replace("]]>", "")
    return markup if len(markup) <= LONGEST else _cut(markup[:LONGEST]) + "…"


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
