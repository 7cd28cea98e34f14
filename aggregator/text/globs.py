"""Globs of which `*` alone is special, in time that grows with the text, whatever the glob."""

from collections.abc import Sequence


def parts(glob: str) -> tuple[str, ...]:
    """What stands between the stars: two or more where there is one."""
    return tuple(glob.split("*"))


def fits(parts: Sequence[str], text: str) -> bool:
    """Whether the glob of these parts is `text` as a whole. The first place for a part in the middle is as good as any:
    a later one leaves less for what follows."""
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
