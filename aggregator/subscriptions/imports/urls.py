"""Lines of addresses: newsboat's `urls`, or a plain list.

A line is an address and then tags, quoted where they have blanks in them. `~title` names the feed, `!` hides it, and
every other tag is a category. A `#` begins a comment. `query:`, `exec:` and `filter:` are no feeds.
"""

from collections.abc import Iterator

from aggregator.config.url_input import begins_with_host
from aggregator.subscriptions.imports.found import MOST, Found, Remark, Subscription, as_name, sorted_out
from aggregator.subscriptions.imports.ini import lines_of

KIND = "a list of addresses"
_SCHEMES = ("http://", "https://", "feed:")
_NO_FEEDS = {
    "query:": "a search of newsboat, not a feed",
    "exec:": "the output of a program, which is not run here",
    "filter:": "a feed changed by a program, which is not run here",
}
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

Words = list[str]


def read(text: str) -> Found | None:
    """None if fewer than half of its lines begin with an address."""
    if text.lstrip().startswith("<"):
        return None
    lines = list(_lines(text))
    if 2 * sum(_is_known(words[0]) for _, words in lines) < max(len(lines), 1):
        return None
    return sorted_out(KIND, (_one(number, words) for number, words in lines))


def _lines(text: str) -> Iterator[tuple[int, Words]]:
    """The lines that are no comments, with their numbers; one more than are read."""
    count = 0
    for number, line in enumerate(lines_of(text), 1):
        if words := list(split_words(line)):
            yield number, words
            count += 1
        if count > MOST:
            return


def split_words(line: str) -> Iterator[str]:
    r"""The words of a line, up to a comment. In quotes `\"` is a quote, and a quote that is missing ends with the
    line."""
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            return
        else:
            word, at = _quoted(line, at + 1) if line[at] == '"' else _bare(line, at)
            yield word


def _bare(line: str, begin: int) -> tuple[str, int]:
    end = next((at for at in range(begin, len(line)) if line[at].isspace()), len(line))
    return line[begin:end], end


def _quoted(line: str, begin: int) -> tuple[str, int]:
    """The word that begins behind a quote, and where it ends."""
    characters: list[str] = []
    places = iter(range(begin, len(line)))
    for at in places:
        if line[at] == '"':
            return "".join(characters), at + 1
        if line[at] == "\\":
            escaped = line[next(places, at)]
            characters.append(_ESCAPES.get(escaped, escaped))
        else:
            characters.append(line[at])
    return "".join(characters), len(line)


def _is_known(word: str) -> bool:
    return word.lower().startswith((*_SCHEMES, *_NO_FEEDS)) or begins_with_host(word)


def _one(number: int, words: Words) -> Subscription | Remark:
    address, *tags = words
    titles = [as_name(tag[1:]) for tag in tags if tag.startswith("~")]
    title = next(filter(None, titles), "")
    for scheme, reason in _NO_FEEDS.items():
        if address.lower().startswith(scheme):
            return Remark(number, title or as_name(address.split()[0]), reason)  # not the options of a program
    names = [as_name(tag) for tag in tags if not tag.startswith(("~", "!"))]
    categories = tuple((name,) for name in dict.fromkeys(names) if name)
    settings = {"publish": "false"} if any(tag.startswith("!") for tag in tags) else {}
    url = f"https://{address}" if begins_with_host(address) else address
    return Subscription(number, url, title, categories, settings)
