"""Repairs the characters of a document before an XML parser sees them.

All before the root element is removed, declaration and DOCTYPE included: a parser never sees an entity declaration,
hence neither an entity bomb nor an external file. Forbidden references and characters are repaired, because a single
one would lose the whole feed.
"""

import html.entities
import re
from dataclasses import dataclass, field

from aggregator.text.normalize import FORBIDDEN

FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel", "entry"})

_REFERENCES = re.compile(r"(?:&#(?:[xX][0-9a-fA-F]+|[0-9]+);?)+")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_SPACE = re.compile(r"[\s\ufeff\x00]*")
_NAME = re.compile(r"<([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_SUBSET = re.compile(r"[\[>]")
_SUBSET_END = re.compile(r"\]\s*>")
_ENTITY = re.compile(r"<!ENTITY\s+([\w.-]+)\s+(?:\"([^\"<&%]{0,1000}|&#\w{1,8};)\"|'([^'<&%]{0,1000}|&#\w{1,8};)')\s*>")
_NAMED = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&([A-Za-z][\w.-]*);", re.DOTALL)
_BARE = re.compile(
    r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))|&(?!(?:lt|gt|amp|quot|apos|#[0-9]+|#[xX][0-9a-fA-F]+);)",
    re.DOTALL,
)
_FEED_START = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:rss|feed|RDF)(?=[\s>])", re.IGNORECASE)
_XML_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos"})


@dataclass(frozen=True, slots=True)
class Page:
    """A document from its root element on. `root` is that element's local name in lower case, "" for none.

    `text` begins with as many empty lines as were removed, so that line numbers stay right. `entities` are those that
    the DOCTYPE defined as plain text.
    """

    root: str
    text: str
    entities: dict[str, str] = field(default_factory=dict)


def repair(text: str) -> Page:
    text = legal(repair_references(text))
    start, entities = _prolog(text)
    root = _NAME.match(text, start)
    name = root[2].lower() if root else ""
    if name not in FEED_ROOTS | {"html", "opml"}:
        # A server's warnings may stand before the feed, or an envelope around it.
        feed = _FEED_START.search(text, 0, 64 * 1024)
        if feed:
            start, name = feed.start(), feed[0].lower().lstrip("<").rpartition(":")[2]
    return Page(name, "\n" * text.count("\n", 0, start) + text[start:], entities)


def legal(text: str) -> str:
    """Without characters that XML 1.0 (section 2.2) cannot carry; lone surrogates become U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return FORBIDDEN.sub(lambda match: "\ufffd" if "\ud800" <= match[0] <= "\udfff" else "", text)


def repair_references(text: str) -> str:
    """Forbidden character references become U+FFFD; two that form a surrogate pair become that character."""
    return _REFERENCES.sub(_repaired, text) if "&#" in text else text


def _repaired(match: re.Match[str]) -> str:
    codes = [_code(hexadecimal, decimal) for hexadecimal, decimal in _REFERENCE.findall(match[0])]
    if all(map(_is_character, codes)):
        return match[0].replace("&#X", "&#x")  # XML 1.0 section 4.1: in lower case alone
    pieces: list[str] = []
    high = 0
    for code in codes:
        if high and 0xDC00 <= code <= 0xDFFF:
            pieces[-1] = f"&#{0x10000 + ((high - 0xD800) << 10) + code - 0xDC00};"
        else:
            pieces.append(f"&#{code};" if _is_character(code) else "\ufffd")
        high = code if 0xD800 <= code <= 0xDBFF else 0
    return "".join(pieces)


def _code(hexadecimal: str, decimal: str) -> int:
    digits = (hexadecimal or decimal).lstrip("0")
    if len(digits) > 7:
        return -1  # `int` is quadratic in the digits, and refuses more than 4,300
    return int(digits or "0", 16 if hexadecimal else 10)


def _is_character(code: int) -> bool:
    """XML 1.0 section 2.2, production Char."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF


def _prolog(text: str) -> tuple[int, dict[str, str]]:
    """Where the first element begins, and the entities that were defined before it."""
    at, entities = 0, {}
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr]  # matches the empty string too
        if text.startswith("<?", at):
            end = text.find(">", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at + 4)
            end = end if end < 0 else end + 2
        elif text.startswith("<!", at):
            end = _declaration_end(text, at)
            entities = _entities(text[at : min(end, at + 64 * 1024)])
        else:
            return at, entities
        if end < 0:
            return at, entities
        at = end + 1


def _declaration_end(text: str, at: int) -> int:
    first = _SUBSET.search(text, at)
    if first and first[0] == "[":
        last = _SUBSET_END.search(text, first.end())
        return last.end() - 1 if last else -1
    return first.start() if first else -1


def _entities(subset: str) -> dict[str, str]:
    return {match[1]: match[2] or match[3] or "" for match in _ENTITY.finditer(subset)}


def expand(page: Page) -> str:
    """The text with named references replaced, HTML's and the document's own; CDATA stays unchanged.

    Of the document's own at most 10,000 are replaced, each at most 1,000 characters long, against bombs.
    """
    own = 10_000

    def value(match: re.Match[str]) -> str:
        nonlocal own
        name = match[1]
        if name is None or name in _XML_NAMES:
            return match[0]
        if own > 0 and name in page.entities:
            own -= 1
            return page.entities[name]
        known = html.entities.html5.get(name + ";")
        return match[0] if known is None else "".join(f"&#{ord(character)};" for character in known)

    return _NAMED.sub(value, page.text)


def escape_bare(text: str) -> str:
    """The text with `&amp;` for every `&` that begins none of XML's own references: `AT&T`, `?a=1&copy=3`."""
    return _BARE.sub(lambda match: match[1] or "&amp;", text)
