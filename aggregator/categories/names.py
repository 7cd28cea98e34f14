"""Names of categories: as received, as shown, and as compared."""

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5

from aggregator.model.document import CategoryTerm
from aggregator.text.normalize import INVISIBLE, fold, legal, one_line
from aggregator.text.regex import Linear

LONGEST = 200  # characters; a longer term is a text, not a name
DEEPEST = 20  # levels of one path; each is a category

DECORATION = ' \u2013\u2014\u2015|"“”„«»\u200c\u200d'
_LONGEST_WRITTEN = 2000  # characters, with references and addresses
# Only with a semicolon: `AT&T` and `Sex&notes` are names.
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,31};)|#[0-9]{1,7};|#[xX][0-9A-Fa-f]{1,6};)")
_MARKDOWN_LINK = Linear(
    r"!?\[([^\[\]]*)\]\(\s*<?(?:[A-Za-z][A-Za-z0-9+.-]*:|\.{0,2}/|[#?]|www\.)[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*>?"
    r"""(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)"""
)
# An address, a UUID or a digest: not meant for people.
_OPAQUE = re.compile(r"(?:https?|urn|tag):\S+|[0-9A-Fa-f]{32,64}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


@lru_cache(maxsize=65536)
def fold_term(term: str) -> str:
    """The common form of all spellings of a term: NFKC, case, width, white space, decoration at the ends."""
    if not (term.isascii() and term.isprintable()):
        term = INVISIBLE.sub("", legal(term))
    folded = fold(term).strip(DECORATION)
    return folded.lstrip(f"#{DECORATION}") or folded


@dataclass(frozen=True, slots=True)
class Name:
    """One level of a path: `term` as received, `label` to show; `scheme` is None for our own vocabulary."""

    term: str
    label: str = ""
    scheme: str | None = None

    @property
    def shown(self) -> str:
        return self.label or self.term

    @property
    def is_long(self) -> bool:
        return len(self.shown) > LONGEST


CategoryPath = tuple[Name, ...]


def key_of(path: Iterable[Name | str]) -> tuple[str, ...]:
    """The key of a category: equal for all spellings of its path."""
    return tuple(fold_term(name if isinstance(name, str) else name.shown) for name in path)


def name_of(term: CategoryTerm, *, ours: bool) -> Name:
    """The readable name of a term, without a label that is empty or less readable than the term."""
    written, label = readable(term.term), readable(term.label) if term.label else ""
    if label and (not fold_term(label) or (_OPAQUE.fullmatch(label) and not _OPAQUE.fullmatch(written))):
        label = ""
    return Name(written or label, label, None if ours else term.scheme)


def readable(text: str) -> str:
    """One line with references decoded, even if escaped several times, and Markdown links unwrapped. A text that is
    too long for a name is unchanged."""
    if len(text) > _LONGEST_WRITTEN:
        return text
    text = decoded(text)
    if "](" in text:
        text = _MARKDOWN_LINK.sub(r"\1", text)
    return " ".join(text.split()) if text.isascii() and text.isprintable() else one_line(text)


def split(term: CategoryTerm, separator: str) -> list[CategoryTerm]:
    """Splits a term at the separator from the config of its source. Labels are kept if there are as many."""
    if not separator or not (separator in term.term or separator in term.label):
        return [term]
    is_opaque = _OPAQUE.fullmatch(term.term) is not None
    parts, labels = [term.term] if is_opaque else _parts(term.term, separator), _parts(term.label, separator)
    if not parts or (is_opaque and labels):
        parts, labels = labels, []
    fitting = labels if len(labels) == len(parts) else [""] * len(parts)
    return [CategoryTerm(part, label, term.scheme) for part, label in zip(parts, fitting, strict=True)]


def _parts(text: str, separator: str) -> list[str]:
    return [part for piece in readable(text).split(separator) if (part := piece.strip())]


def decoded(text: str) -> str:
    """Decodes references, even if escaped several times; `AT&T` is no reference."""
    if "&" not in text:
        return text
    for _ in range(3):
        before = text
        text = _REFERENCE.sub(_character, text)
        if text == before:
            break
    return text


def _character(reference: re.Match[str]) -> str:
    """Decodes known names only: `html.unescape` would decode a known prefix of an unknown name."""
    name = reference[1]
    return html.unescape(reference[0]) if not name or name in html5 else reference[0]
