"""What the path of a post's file says: its date and its name. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

_DIGITS = "0123456789"
_SEPARATORS = ("-", "_", " ")
_COMPACT_YEARS = range(1990, 2100)  # eight digits that begin otherwise are a number


@dataclass(frozen=True, slots=True)
class PostName:
    """`day`: as 2026-03-13, "" where the path has no date. `stem`: the name of the file without its suffix; of a bundle
    (Hugo's and Zola's `name/index.md`), the name of the folder. `name`: the stem without its date, perhaps ""."""

    day: str
    stem: str
    name: str


def post_name(path: str) -> PostName:
    """Reads `2026-3-13-name.md` and `20260314-name.md` (Jekyll, Eleventy), and `2026/03/15/name.md`. `path`: below the
    folder of posts, with `/`."""
    *folders, file = path.split("/")
    stem = file.rpartition(".")[0] or file
    if stem.lower() == "index" and folders:
        stem = folders.pop()
    day, name = _dated(stem)
    return PostName(day or _day(folders[-3:]), stem, name)


def _dated(stem: str) -> tuple[str, str]:
    """The date that the stem begins with, and what follows it; "" and the stem where there is none."""
    head = _leading_digits(stem)
    if len(head) == 8 and int(head[:4]) in _COMPACT_YEARS and (stem == head or stem[8] in _SEPARATORS):
        day, rest = _day([head[:4], head[4:6], head[6:]]), stem[8:]
    else:
        year, _, after = stem.partition("-")
        month, _, after = after.partition("-")
        digits = _leading_digits(after)
        day, rest = _day([year, month, digits]), after[len(digits) :]
    return (day, rest[1:] if rest.startswith(_SEPARATORS) else rest) if day else ("", stem)


def _leading_digits(text: str) -> str:
    return text[: len(text) - len(text.lstrip(_DIGITS))]


def _day(parts: Sequence[str]) -> str:
    """The date of a year with four digits, a month and a day; "" where they are not one that exists."""
    if [len(part) for part in parts] not in ([4, 1, 1], [4, 1, 2], [4, 2, 1], [4, 2, 2]):
        return ""
    if not all(part.isascii() and part.isdecimal() for part in parts):
        return ""
    try:
        return date(*map(int, parts)).isoformat()
    except ValueError:
        return ""
