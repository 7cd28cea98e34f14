"""Links in the headers of an answer (RFC 8288 3). Read by hand, in one pass: the text is foreign."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

MOST = 100  # links of one header


@dataclass(frozen=True, slots=True)
class HeaderLink:
    """`target`: as written; `rels`: its relations, in lower case."""

    target: str
    rels: tuple[str, ...]


def feed_links(own: str, hub: str) -> str:
    """The links of a feed: to its own address, and to its hub if it has one (WebSub 4)."""
    both = [f'<{_uri(own)}>; rel="self"', *([f'<{_uri(hub)}>; rel="hub"'] if hub else [])]
    return ", ".join(both)


def _uri(address: str) -> str:
    return quote(address, safe=":/?#[]@!$&'()*+,;=%~")


def read_links(value: str) -> list[HeaderLink]:
    """The links of a Link header, several of which are joined by commas. Those about another resource (`anchor`, RFC
    8288 3.2) are left out; so is what cannot be read."""
    found: list[HeaderLink] = []
    at = 0
    while len(found) < MOST and (start := value.find("<", at)) >= 0 and (end := value.find(">", start)) >= 0:
        parameters, at = _parameters(value, end + 1)
        if "anchor" not in parameters:
            found.append(HeaderLink(value[start + 1 : end].strip(), tuple(parameters.get("rel", "").lower().split())))
    return found


def _parameters(value: str, start: int) -> tuple[dict[str, str], int]:
    """The parameters of one link, the first of each name (RFC 8288 3.3), and the position behind the link."""
    found: dict[str, str] = {}
    end = start
    for parameter, end in _pieces(value, start):  # noqa: B007 - the last position is returned
        name, _, text = parameter.partition("=")
        found.setdefault(name.strip().lower(), _unquoted(text.strip()))
    return found, end


def _pieces(value: str, at: int) -> Iterator[tuple[str, int]]:
    """What stands between semicolons, up to a comma; separators in quotes are none."""
    start, is_quoted = at, False
    while at < len(value) and (is_quoted or value[at] != ","):
        if value[at] == "\\" and is_quoted:
            at += 1
        elif value[at] == '"':
            is_quoted = not is_quoted
        elif value[at] == ";" and not is_quoted:
            yield value[start:at], at
            start = at + 1
        at += 1
    yield value[start:at], at + 1


def _unquoted(text: str) -> str:
    if len(text) < 2 or text[0] != '"' or text[-1] != '"':
        return text
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
