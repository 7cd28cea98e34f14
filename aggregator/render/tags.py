"""Tags of HTML, found in time that grows with its length alone, whole or broken.

The last group of a pattern of tags holds the `>`. Where it took no part, nothing ended the tag and the pattern has read
all the text that there is: that text is then looked at with the knowledge of where tags can end.
"""

import re
from collections.abc import Iterator

# What stands in a tag behind its name: signs, and values in quotes, the last of which may have no end.
INNER = r"(?:[^\">]++|\"[^\"]*+\"?+)*+"


def each_tag(pattern: re.Pattern[str], markup: str, end: int) -> Iterator[re.Match[str]]:
    """What `pattern` finds, but what nothing ends. `end`: the group that holds the end of a tag, with that of a comment
    behind it."""
    for found in pattern.finditer(markup):
        if (found.lastindex or 0) < end:
            yield from _ended(pattern, markup, found.start())
            return
        yield found


def ends(pattern: re.Pattern[str], markup: str) -> list[tuple[str, ...]]:
    """What the groups of `pattern` hold, in what something ends; the first group that takes part holds that."""
    found: list[tuple[str, ...]] = pattern.findall(markup)
    if found and not any(found[-1]):
        return [tag.groups("") for tag in each_tag(pattern, markup, 1)]
    return found


def _ended(pattern: re.Pattern[str], markup: str, at: int) -> Iterator[re.Match[str]]:
    """The same from `at` on, looking only where something ends it: a `>` behind an even number of quotes, or `-->`."""
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
    """Where the last `>` stands behind an even number of quotes, counted from `at`, and where behind an odd one."""
    last = [-1, -1]
    for number, part in enumerate(markup[at:].split('"')):
        if (place := part.rfind(">")) >= 0:
            last[number % 2] = at + place
        at += len(part) + 1
    return last
