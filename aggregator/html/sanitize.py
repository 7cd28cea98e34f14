"""The one sanitizer: whatever was written, as HTML that is safe to show and still says the same.

First our own pass (`Rewriter`) chooses elements, attributes and addresses and writes them well-nested; then nh3, which
reads as browsers do, has the last word. What it gives is asked again until nothing changes, so that
`sanitize(sanitize(x)) == sanitize(x)`; markup that never comes to rest is shown as plain text.
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
    """Safe HTML: elements and attributes of the allow-list, every address absolute and of an allowed scheme.

    `base` resolves relative references; without one they lose their attribute and keep their text. At most 512 Ki
    characters and 30,000 elements, the rest cut and marked with "…"; elements below 128 levels are flattened.
    """
    return _merged(_bounded(markup), lambda text: Rewriter(text, base, settings).run(), _FULL)


def sanitize_xhtml(markup: str, *, base: str, settings: ContentSettings) -> str:
    """The same for XHTML, where `<p/>` is whole, without the one div that Atom puts around it (RFC 4287 3.1.1.3)."""
    once = Rewriter(_bounded(markup), base, settings, xml=True).run()
    return sanitize(_without_outer_div(once), base=base, settings=settings)


def sanitize_inline(markup: str) -> str:
    """Phrases on one line: emphasis, code, ruby and the like; what is no HTML element at all stays as text."""

    def rewrite(text: str) -> str:
        return " ".join(Rewriter(text, "", ContentSettings(), inline=True).run().split())

    return _merged(_bounded(markup), rewrite, _INLINE)


def plain(sanitized: str) -> str:
    """The characters of sanitized markup without its tags."""
    return html.unescape(_TAG.sub("", sanitized))


def _bounded(markup: str) -> str:
    markup = legal(markup.replace("\f", " "))
    if "<![CDATA[" in markup:
        markup = markup.replace("]]>", "")
    return markup if len(markup) <= LONGEST else _cut(markup[:LONGEST]) + "…"


def _cut(markup: str) -> str:
    """Without the tag that its end falls into."""
    tag = _OPENING.search(markup, markup.rfind(">") + 1)
    return markup[: tag.start()] if tag else markup


def _merged(markup: str, rewrite: Callable[[str], str], cleaner: nh3.Cleaner) -> str:
    """Rewriting what it wrote changes nothing, so that markup is at rest once nh3 leaves it as it is."""
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
