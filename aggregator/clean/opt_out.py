"""A publisher who asks not to be republished: how feeds and servers say so.

For a feed: `xhtml:meta` with `noindex` for robots (what FeedBurner wrote), `itunes:block`, `googleplay:block` and
`podcast:block`, Bloglines' `access:restriction`, and `X-Robots-Tag` (Google's documentation of it has the grammar).
`noindex, follow` in that header is no such wish: Yoast SEO sends it with feeds so that search engines show pages in
their place. An entry says it in the same elements; whichever it was, we carry `itunes:block`.
"""

from collections.abc import Iterable

from aggregator.model.entry import Extension

OURSELVES = "aggregator"
BLOCK = Extension("itunes:block", text="yes")

_YES = frozenset({"yes", "true"})
_NO = frozenset({"noindex", "none"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_IN_NAMES = f"{_LETTERS}0123456789._-"
_VALUES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def says_block(text: str) -> bool:
    """The text of a `block` element."""
    return text.strip().lower() in _YES


def says_noindex(name: str, content: str) -> bool:
    """A `meta` element for robots, or for us."""
    return name.strip().lower() in {"robots", OURSELVES} and not _NO.isdisjoint(_words(content))


def header_says(value: str, user_agent: str) -> str:
    """What of an X-Robots-Tag concerns us, such as `noindex`; "" where it asks for nothing. Several such headers are
    one list, in which a name counts as far as the next."""
    ours = {OURSELVES, user_agent.partition("/")[0].strip().lower()}
    everybody: set[str] = set()
    us: set[str] = set()
    words = everybody
    for part in value.lower().split(","):
        word = part.strip()
        name, colon, rest = word.partition(":")
        if colon and _is_name(name := name.rstrip()) and name not in _VALUES:
            words = us if name in ours else set()
            word = rest.lstrip()
        words.add(word)
    if us & _NO:
        return f"{OURSELVES}: {min(us & _NO)}"
    return min(everybody & _NO) if everybody & _NO and "follow" not in everybody else ""


def blocks(extras: Iterable[Extension]) -> bool:
    """Whether an entry's own elements ask so."""
    return any(extra.name == BLOCK.name and says_block(extra.text) for extra in extras)


def _is_name(text: str) -> bool:
    """Of a robot, in lower case."""
    return text.startswith(tuple(_LETTERS)) and not text.strip(_IN_NAMES)


def _words(content: str) -> set[str]:
    return set(content.lower().replace(",", " ").replace(";", " ").split())
