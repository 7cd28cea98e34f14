"""What sanitized markup says and points at, in time that grows with its length alone: whole or broken."""

import html
import re

from aggregator.html.writer import BLOCKS, TABLE_PARTS
from aggregator.text.normalize import unspaced

LEAST_WORDS = 40
LEAST_CHARACTERS = 80

# A tag that nothing ends is read to the end of the text, as if it were one: so no search begins twice in the same text.
_PIECE = re.compile(r"<(/?[a-z0-9]++)([^>]*+)(>?)|([^<]+)")
_TAG = re.compile(r"<[^>]*+>?")
_APART = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS | TABLE_PARTS | {'br'}))})(?=[\s>])[^>]*+>?")
_ADDRESS = re.compile(r' (?:href|src|alt|cite)="([^"]*)"')


def spoken(markup: str) -> str:
    """The plain text of sanitized markup; blocks and line breaks part words, emphasis does not."""
    end = markup.rfind(">") + 1
    return html.unescape(untagged(_APART.sub(" ", markup[:end]) + markup[end:]))


def passages(markup: str) -> list[str]:
    """What stands between two breaks of any kind, with what is left of its markup."""
    end = markup.rfind(">") + 1
    parts = _APART.split(markup[:end])
    parts[-1] += markup[end:]
    return parts


def untagged(markup: str) -> str:
    """Without its tags; references stay. A `<` that no `>` follows is no tag."""
    end = markup.rfind(">") + 1
    return _TAG.sub("", markup[:end]) + markup[end:]


def pieces(markup: str) -> list[tuple[str, str, str, str]]:
    """Tags as (name, attributes, ">", ""), with the `/` of a closing one, and texts as ("", "", "", text)."""
    found: list[tuple[str, str, str, str]] = _PIECE.findall(markup)
    if found and found[-1][0] and not found[-1][2]:  # no tag: texts between signs
        name, attributes, *_ = found.pop()
        found += [("", "", "", part) for part in f"{name}{attributes}".split("<") if part]
    return found


def addresses_in(attributes: str) -> list[str]:
    """What the attributes of a tag point at and show."""
    return list(map(html.unescape, _ADDRESS.findall(attributes)))


def addresses(markup: str) -> list[str]:
    """What sanitized markup points at and shows, as it is written."""
    return [address for _, attributes, _, _ in pieces(markup) for address in addresses_in(attributes)]


def says_enough(text: str) -> bool:
    """Whether a folded text is long enough to be told from others by itself: 40 words, or 80 characters of a script
    without spaces."""
    return len(text.split()) >= LEAST_WORDS or unspaced(text) >= LEAST_CHARACTERS
