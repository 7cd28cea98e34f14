"""Writes OPML 2.0."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from aggregator.opml.outline import Outline
from aggregator.text.normalize import legal

_ESCAPED = str.maketrans({"%": "%25", ",": "%2C", "/": "%2F"})


@dataclass(slots=True)
class _Node:
    name: str
    inner: "dict[str, _Node]" = field(default_factory=dict)
    feeds: list[Outline] = field(default_factory=list)


def outlines_xml(title: str, outlines: Sequence[Outline], *, about: str = "", **head: str) -> str:
    """OPML 2.0: each subscription once, in the folder of its first category; its other categories become `category`.
    `about` is a comment; `head`: more elements of the head, such as dateModified."""
    root = _Node("")
    for outline in outlines:
        node = root
        for name in outline.categories[0] if outline.categories else ():
            node = node.inner.setdefault(name, _Node(name))
        node.feeds.append(outline)
    elements = {"title": title} | head
    lines = "".join(f"    <{name}>{escape(legal(text))}</{name}>\n" for name, text in elements.items())
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n'
    start += f"  <!-- {about} -->\n" if about else ""
    body = "".join(_lines(root, "    "))
    return f"{start}  <head>\n{lines}  </head>\n  <body>\n{body}  </body>\n</opml>\n"


def _lines(node: _Node, indent: str) -> Iterator[str]:
    for feed in node.feeds:
        yield f"{indent}<outline {_attributes(feed)}/>\n"
    for inner in node.inner.values():
        yield f"{indent}<outline text={_quoted(inner.name)}>\n"
        yield from _lines(inner, f"{indent}  ")
        yield f"{indent}</outline>\n"


def _attributes(feed: Outline) -> str:
    others = ",".join("/" + "/".join(name.translate(_ESCAPED) for name in path) for path in feed.categories[1:])
    written = {"type": "rss", "text": feed.text, "title": feed.title, "xmlUrl": feed.url}
    written |= {name: value for name, value in (("htmlUrl", feed.site), ("category", others)) if value}
    return " ".join(f"{name}={_quoted(value)}" for name, value in written.items())


def _quoted(value: str) -> str:
    return quoteattr(legal(value), {"\n": "&#10;", "\t": "&#9;"})
