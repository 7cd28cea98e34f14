"""Which East Asian encoding bytes are in that nothing else names: the one that makes common characters of them.

Two bytes make a character, and each of these encodings has its common characters in rows of their own. Other bytes are
hardly ever valid in them, and where they are, they make rare characters.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

_MOST = 20_000  # characters that are looked at
_CELLS = range(0xA1, 0xFF)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """`common`: the share of its common characters in what is not ASCII; `kana`: the share of kana, which Chinese has
    not; `least`: characters below which a text could be anything."""

    codec: str
    common: float
    least: int
    kana: float = 0.0


# Korean and Chinese share rows: only a longer text without any of Chinese's further rows is Korean.
_CANDIDATES = (
    _Candidate("cp949", common=0.95, least=10),
    _Candidate("euc_jp", common=0.85, least=4, kana=0.2),
    _Candidate("cp932", common=0.85, least=4, kana=0.2),
    _Candidate("gb18030", common=0.75, least=2),
    _Candidate("big5hkscs", common=0.9, least=10),
)


def guess(body: bytes) -> str:
    """A Python codec, or "" if the bytes are in none of these encodings."""
    return next((candidate.codec for candidate in _CANDIDATES if _fits(body, candidate)), "")


def _fits(body: bytes, candidate: _Candidate) -> bool:
    try:
        text = body.decode(candidate.codec)
    except UnicodeDecodeError:
        return False
    foreign = [character for character in text if not character.isascii()][:_MOST]
    common = sum(map(_common(candidate.codec).__contains__, foreign))
    kana = sum("\u3041" <= character <= "\u30fc" for character in foreign)
    return (
        len(foreign) >= candidate.least
        and common >= candidate.common * len(foreign)
        and kana >= candidate.kana * len(foreign)
    )


@cache
def _common(codec: str) -> frozenset[str]:
    """Marks, and the more common half of the characters: level 1 of GB 2312, JIS X 0208 (with kana) or Big5; hangul."""
    if codec == "cp949":
        return _rows("cp949", range(0xA1, 0xA4), range(0xB0, 0xC9))
    if codec == "gb18030":
        return _rows("gb2312", range(0xA1, 0xA4), range(0xB0, 0xD8))
    if codec == "big5hkscs":
        return _rows("big5", range(0xA1, 0xA4), range(0xA4, 0xC7), cells=(*range(0x40, 0x7F), *_CELLS))
    return _rows("euc_jp", range(0xA1, 0xA6), range(0xB0, 0xD0))


def _rows(codec: str, *rows: range, cells: Iterable[int] = _CELLS) -> frozenset[str]:
    pairs = (bytes((row, cell)) for some in rows for row in some for cell in cells)
    return frozenset("".join(pair.decode(codec, "ignore") for pair in pairs))
