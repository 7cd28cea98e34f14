"""The lines that we add to the text of an entry, and their removal from entries that return.

The footer names the other sources of an entry, the byline its own source. They are recognized in every language. What
stands in a line after its first words are names, so every translation begins with its words.
"""

from html import escape, unescape

from aggregator.translations import in_every_language, msgid

ALSO_BY = msgid("Also published by {names}")
FROM = msgid("From {source}")
START, END = "<p><small>", "</small></p>"


def added_line(words: str) -> str:
    """The line as HTML. `words`: markup."""
    return f"{START}{words}{END}"


def with_mark(line: str, mark: str) -> str:
    """The line with attributes, which only pages have: a line in a feed is recognized by how it begins."""
    return line.replace("<small>", f"<small{mark}>", 1)


def linked_name(title: str, link: str) -> str:
    """The name of a source as HTML. `link`: where it leads, "" for nowhere."""
    return f'<a href="{escape(link)}">{escape(title)}</a>' if link else escape(title)


def without_byline(markup: str, title: str) -> str:
    """Removes the byline of a source with this title. Another first line is the publisher's, and stays."""
    if not (title and markup.startswith(START)):
        return markup
    start, end = next(filter(markup.startswith, _beginnings(FROM)), ""), markup.find(END)
    name = markup[len(start) : end].removesuffix("</a>").rpartition(">")[2]
    return markup[end + len(END) :] if start and end >= 0 and unescape(name) == title else markup


def footer_at(markup: str) -> int:
    """The offset of the footer if it ends the text, else -1."""
    text = markup.rstrip()
    if not text.endswith(END):
        return -1
    at = max(map(text.rfind, _beginnings(ALSO_BY)))
    return at if at >= 0 and text.find(END, at) == len(text) - len(END) else -1


def without_footers(markup: str) -> str:
    """Removes all footers: a planet that republishes a planet adds its own below the other's."""
    while (at := footer_at(markup)) >= 0:
        markup = markup[:at]
    return markup


def _beginnings(line: str) -> list[str]:
    """How the line begins in every language."""
    return [START + words.partition("{")[0] for words in in_every_language(line)]
