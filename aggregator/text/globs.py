"""Globs in which only `*` is special, matched in time linear in the text."""

from collections.abc import Sequence


def glob_parts(glob: str) -> tuple[str, ...]:
    """The texts between the stars."""
    return tuple(glob.split("*"))


def matches(parts: Sequence[str], text: str) -> bool:
    """Whether the glob with these parts matches the whole text. Each middle part takes its first place, which leaves
    the most text for the next one."""
    first, *others = parts
    if not others:
        return text == first
    *inner, last = others
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return False
    for part in inner:
        found = text.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
