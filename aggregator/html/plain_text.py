"""The text and the addresses of sanitized markup, even if it is cut off. All functions take linear time."""

import html
import re
from itertools import islice

from aggregator.html.writer import BLOCKS, TABLE_PARTS
from aggregator.text.normalize import unspaced

LEAST_WORDS = 40
LEAST_CHARACTERS = 80

# An unclosed tag matches to the end of the text, so that no text is searched twice.
_PIECE = re.compile(r"<(/?[a-z0-9]++)([^>]*+)(>?)|([^<]+)")
_TAG = re.compile(r"<[^>]*+>?")
_APART = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS | TABLE_PARTS | {'br'}))})(?=[\s>])[^>]*+>?")
_LINK = re.compile(r"<a(?![a-z0-9])([^>]*+)")
_ADDRESS = re.compile(r' (?:href|src|alt|cite)="([^"]*)"')


def plain_text(markup: str) -> str:
    """The plain text of sanitized markup; blocks and line breaks separate words, emphasis does not."""
    end = markup.rfind(">") + 1
    return html.unescape(untagged(_APART.sub(" ", markup[:end]) + markup[end:]))


def passages(markup: str) -> list[str]:
    """The parts of the markup between blocks and line breaks, with their inline markup."""
    end = markup.rfind(">") + 1
    parts = _APART.split(markup[:end])
    parts[-1] += markup[end:]
    return parts


def untagged(markup: str) -> str:
    """The markup without tags; references stay. A `<` without a later `>` is no tag."""
    if "<" not in markup:
        return markup
    end = markup.rfind(">") + 1
    return _TAG.sub("", markup[:end]) + markup[end:]


def pieces(markup: str) -> list[tuple[str, str, str, str]]:
    """Tags as (name, attributes, ">", ""), the name of an end tag with its `/`; texts as ("", "", "", text)."""
    found: list[tuple[str, str, str, str]] = _PIECE.findall(markup)
    if found and found[-1][0] and not found[-1][2]:  # not a tag: texts between `<`
        name, attributes, *_ = found.pop()
        found += [("", "", "", part) for part in f"{name}{attributes}".split("<") if part]
    return found


def addresses_in(attributes: str) -> list[str]:
    """The links, sources and alternative texts in the attributes of a tag."""
    return list(map(html.unescape, _ADDRESS.findall(attributes)))


def addresses(markup: str) -> list[str]:
    """The links, sources and alternative texts of sanitized markup, in order."""
    return [address for _, attributes, _, _ in pieces(markup) for address in addresses_in(attributes)]


def linked_addresses(markup: str, most: int) -> list[str]:
    """The addresses of the first links of sanitized markup."""
    end = markup.rfind(">") + 1
    return [address for link in islice(_LINK.finditer(markup, 0, end), most) for address in addresses_in(link[1])]


def is_long_enough(text: str) -> bool:
    """Whether a folded text is long enough to identify an entry: 40 words, or 80 characters of a script without
    spaces."""
    return len(text.split(maxsplit=LEAST_WORDS - 1)) >= LEAST_WORDS or unspaced(text) >= LEAST_CHARACTERS
