"""Recognizes that a publisher asks not to be republished, in feeds and response headers.

A feed asks by `xhtml:meta` with `noindex` for robots (as FeedBurner wrote it), `itunes:block`, `googleplay:block`,
`podcast:block`, Bloglines' `access:restriction`, or the header `X-Robots-Tag` (its grammar: Google's documentation).
`noindex, follow` in that header does not count: Yoast SEO sends it with feeds so that search engines show the pages
instead. An entry asks by the same elements, and is republished with `itunes:block` for any of them.
"""

from collections.abc import Iterable

from aggregator.model.document import Extension

OURSELVES = "aggregator"
BLOCK = Extension("itunes:block", text="yes")

_YES = frozenset({"yes", "true"})
_NO = frozenset({"noindex", "none"})
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_IN_NAMES = f"{_LETTERS}0123456789._-"
_VALUES = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})


def says_block(text: str) -> bool:
    """Whether the text of a `block` element asks not to be republished."""
    return text.strip().lower() in _YES


def says_noindex(name: str, content: str) -> bool:
    """Whether a `meta` element for robots, or for us, asks not to be republished."""
    return name.strip().lower() in {"robots", OURSELVES} and not _NO.isdisjoint(_words(content))


def header_says(value: str, user_agent: str) -> str:
    """The directive of an X-Robots-Tag that opts out, such as `noindex`; "" where none does. Several such headers are
    one list; the name of a robot applies up to the next name."""
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
    """Whether an entry's own elements opt out."""
    return any(extra.name == BLOCK.name and says_block(extra.text) for extra in extras)


def _is_name(text: str) -> bool:
    """Whether it is the name of a robot, in lower case."""
    return text.startswith(tuple(_LETTERS)) and not text.strip(_IN_NAMES)


def _words(content: str) -> set[str]:
    return set(content.lower().replace(",", " ").replace(";", " ").split())
