"""Bare http(s) addresses in a line of text, as GitHub Flavored Markdown 6.9 finds them.

An address ends before a character beyond ASCII, because Chinese and Japanese follow it without a space; a word beyond
ASCII belongs to it where it stands alone in the path or the query (`/wiki/路径`).
"""

import re
from collections.abc import Iterator

_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])https?://[A-Za-z0-9\[](?:[!#-;=?-_a-z|~]|(?<=[A-Za-z0-9][/=#_-])[^\W\x00-\x7f]++)*+"
)
_PUNCTUATION = frozenset("?!.,:*_~'\";|")


def addresses_in(text: str) -> Iterator[tuple[int, int]]:
    """Where each address begins and ends, without the punctuation and the brackets of the sentence around it."""
    for found in _ADDRESS.finditer(text):
        yield found.start(), found.start() + _length(found[0])


def _length(address: str) -> int:
    unopened = {closing: address.count(closing) - address.count(opening) for opening, closing in ("()", "[]")}
    end = len(address)
    while address[end - 1] in _PUNCTUATION or unopened.get(address[end - 1], 0) > 0:
        end -= 1
        if address[end] in unopened:
            unopened[address[end]] -= 1
    return end
