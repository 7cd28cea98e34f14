"""Finds tags in HTML in linear time, even in broken HTML.

The last group of a tag pattern matches the `>`. If that group is empty, the tag has no end and the pattern has read all
of the text. The rest is then searched with the known positions of the last possible tag ends.
"""

import re
from collections.abc import Iterator

# The rest of a tag after its name: characters, and values in quotes, the last of which may be unclosed.
INNER = r"(?:[^\">]++|\"[^\"]*+\"?+)*+"


def each_tag(pattern: re.Pattern[str], markup: str, end: int) -> Iterator[re.Match[str]]:
    """The matches of `pattern` that have an end. `end`: the group of a tag's end; the group after it is that of a
    comment's end."""
    for found in pattern.finditer(markup):
        if (found.lastindex or 0) < end:
            yield from _ended(pattern, markup, found.start())
            return
        yield found


def ends(pattern: re.Pattern[str], markup: str) -> list[tuple[str, ...]]:
    """The groups of each match of `pattern` that has an end; the end must be the first group that matched."""
    found: list[tuple[str, ...]] = pattern.findall(markup)
    if found and not any(found[-1]):
        return [tag.groups("") for tag in each_tag(pattern, markup, 1)]
    return found


def _ended(pattern: re.Pattern[str], markup: str, at: int) -> Iterator[re.Match[str]]:
    """The matches from `at` on, tried only where an end follows: a `>` after an even number of quotes, or `-->`."""
    closing, comments_end = _closing(markup, at), markup.rfind("-->")
    quotes, counted = 0, at
    while (at := markup.find("<", at)) >= 0:
        quotes += markup.count('"', counted, at)
        counted = at
        last = comments_end - 3 if markup.startswith("<!--", at) else closing[quotes % 2]
        found = pattern.match(markup, at) if last > at else None
        if found:
            yield found
        at = found.end() if found else at + 1


def _closing(markup: str, at: int) -> list[int]:
    """The position of the last `>` after an even number of quotes, counted from `at`, and after an odd one."""
    last = [-1, -1]
    for number, part in enumerate(markup[at:].split('"')):
        if (place := part.rfind(">")) >= 0:
            last[number % 2] = at + place
        at += len(part) + 1
    return last
