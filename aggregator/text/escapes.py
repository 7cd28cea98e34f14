"""Percent-encoding (RFC 3986 2.1) and character references of HTML, decoded one round at a time."""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

ROUNDS = 3  # of decoding: a link inside a link is escaped twice

_HEX = frozenset("0123456789abcdefABCDEF")


def decodings(text: str) -> Iterator[str]:
    """The text, then decoded once, twice and so on."""
    yield text
    for _ in range(ROUNDS):
        after = unquote(html.unescape(text) if "&" in text else text) if "%" in text or "&" in text else text
        if after == text:
            return
        yield (text := after)


@dataclass(frozen=True, slots=True)
class Character:
    """A decoded character; `start` and `end`: its place in the original text."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        lower = self.text.lower()
        return lower if len(lower) == 1 else self.text


def decode_once(characters: list[Character]) -> Iterator[Character]:
    """The characters after one round of decoding, each with its place in the original text."""
    at = 0
    while at < len(characters):
        one = characters[at]
        read = _octets(characters, at) if one.text == "%" else _reference(characters, at) if one.text == "&" else []
        if read:
            yield from read
            at = next(
                i for i in range(at, len(characters) + 1) if i == len(characters) or characters[i].start >= read[-1].end
            )
        else:
            yield one
            at += 1


def _octets(characters: list[Character], at: int) -> list[Character]:
    """A run of encoded bytes, as UTF-8 if valid, else one character each."""
    octets: list[tuple[int, int, int]] = []
    while at + 2 < len(characters) and characters[at].text == "%":
        pair = characters[at + 1].text + characters[at + 2].text
        if not _HEX.issuperset(pair):
            break
        octets.append((int(pair, 16), characters[at].start, characters[at + 2].end))
        at += 3
    try:
        text = bytes(octet for octet, _, _ in octets).decode()
    except UnicodeDecodeError:
        return [Character(chr(octet), start, end) for octet, start, end in octets]
    read, place = [], 0
    for character in text:
        width = len(character.encode())
        read.append(Character(character, octets[place][1], octets[place + width - 1][2]))
        place += width
    return read


def _reference(characters: list[Character], at: int) -> list[Character]:
    some = "".join(one.text for one in characters[at : at + 12])
    end = some.find(";")
    written = some[: end + 1]
    read = html.unescape(written) if end > 0 else written
    if read == written or not read:
        return []
    return [Character(one, characters[at].start, characters[at + end].end) for one in read]
