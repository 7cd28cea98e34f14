"""The tolerant reader: front matter that YAML refuses, read key by key.

Generators write `title: '` + text + `'` without escaping. Each key is read alone, so that one broken value loses only
itself; a value that YAML still refuses is taken as written, without its quotes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from textwrap import dedent

from aggregator.posts.commas import at_commas
from aggregator.posts.delimiters import quoted_end
from aggregator.posts.keys import KNOWN
from aggregator.posts.strict_readers import MalformedError, Pair, Value, read_yaml

_KEY = re.compile(r"([A-Za-z_][\w.-]*)[ \t]*[:：](.*)")
_KEY_AND_QUOTE = re.compile(r"""[ \t]*[A-Za-z_][\w.-]*[ \t]*[:：][ \t]*['"]""")
_SPACED = re.compile(r"[A-Za-z_][\w.-]*[ \t]*:(?:\s|$)")
_LOWER = re.compile(r"[a-z][a-z0-9_-]*:")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)")
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_SPACES = re.compile(r"^ +(?![ \t\n]|\Z)", re.MULTILINE)
_MOST_LAYERS = 8


@dataclass(frozen=True, slots=True)
class _Block:
    """One key with all its lines; `rest`: the text after the key on its own line; `line`: from 1."""

    key: str
    rest: str
    lines: tuple[str, ...]
    line: int

    @property
    def source(self) -> str:
        return "\n".join((f"{self.key}: {self.rest}", *self.lines))


def read_tolerant(front_matter: str) -> tuple[list[Pair], tuple[str, ...]]:
    """Pairs, and what was repaired (`key: how`). Raises MalformedError if there is no known key."""
    front_matter = dedent(front_matter)
    blocks = list(_blocks(front_matter))
    if not any(block.key.lower() in KNOWN for block in blocks):
        raise MalformedError("front-matter", "no line reads `key: value`", line=1)
    read = [_read(block) for block in blocks]
    reasons = tuple(reason for pair, reason in read if reason and pair.key.lower() in KNOWN)
    if "".join(front_matter.split("\n")[: blocks[0].line - 1]).strip():
        reasons = ("what stands before the first key is left out", *reasons)
    return [pair for pair, _ in read], reasons or ("read key by key",)


# ── splitting ───────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(front_matter: str) -> Iterator[_Block]:
    """The keys with their lines; lines before the first key are skipped."""
    lines = front_matter.split("\n")
    starts = list(_starts(front_matter, lines))
    for start, end in pairwise([*starts, len(lines)]):
        key = _KEY.match(lines[start].lstrip())
        if key:
            yield _Block(key[1], key[2].strip(), tuple(lines[start + 1 : end]), start + 1)


def _starts(front_matter: str, lines: list[str]) -> Iterator[int]:
    """Numbers, from 0, of the lines on which a key begins; not inside a quoted value."""
    above, offset, closed = "", 0, 0
    for number, line in enumerate(lines):
        if offset >= closed and _begins(line, above):
            above, closed = line, _quoted_until(front_matter, offset)
            yield number
        offset += len(line) + 1


def _begins(line: str, above: str) -> bool:
    """Whether a new key begins on this line. Below a title only sure keys count: its other lines may look like one.
    A key behind a tab is inside the key above, unless that has a value of its own."""
    is_inside = bool(above) and not (line[:1] == "\t" and above.partition(":")[2].strip())
    key = _KEY.match(line if is_inside else line.lstrip())
    if not key:
        return False
    if key[1].lower() in KNOWN:
        return not key[2].startswith("//")
    if not above.lstrip().lower().startswith("title"):
        return bool(_SPACED.match(line))
    return bool(_LOWER.match(line) and _SPACED.match(line)) and not _is_open(above)


def _is_open(line: str) -> bool:
    value = line.partition(":")[2].strip()
    return value[:1] in ("'", '"') and not (len(value) > 1 and value.endswith(value[0]))


def _quoted_until(front_matter: str, offset: int) -> int:
    """Where the quoted value of the key at `offset` ends, 0 if it has none."""
    opens = _KEY_AND_QUOTE.match(front_matter, offset)
    return max(0, quoted_end(front_matter, opens.end() - 1)) if opens else 0


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────────


def _read(block: _Block) -> tuple[Pair, str]:
    source = block.source
    for text, how in ((source, ""), (_without_tabs(source), "tabs at the start of lines read as spaces")):
        if (value := _read_alone(text)) is not None:
            return Pair(block.key, value, block.line), how and f"{block.key.lower()}: {how}"
    value, how = _as_written(block)
    return Pair(block.key, value, block.line), f"{block.key.lower()}: {how}"


def _read_alone(source: str) -> Value | None:
    try:
        pairs = read_yaml(source)
    except MalformedError:
        return None
    return pairs[0].value if len(pairs) == 1 else None


def _without_tabs(source: str) -> str:
    """The lines with spaces for the tabs that they begin with, which YAML forbids (YAML 1.2 6.1): for each as many as
    the smallest indentation has."""
    width = min((len(spaces[0]) for spaces in _SPACES.finditer(source)), default=2)
    return _INDENTATION.sub(lambda found: found[0].replace("\t", " " * width), source)


def _as_written(block: _Block) -> tuple[Value, str]:
    items = _items(block)
    if items is not None:
        return [peel(item) for item in items], "items read as written"
    parts = [part for line in (block.rest, *block.lines) if (part := line.strip())]
    text = " ".join(parts)
    peeled = peel(text)
    done = ["lines joined"] * (len(parts) > 1) + ["quotes peeled"] * (peeled != text)
    return peeled, " and ".join(done) or "read as written"


def _items(block: _Block) -> list[str] | None:
    """The items of a list in either of YAML's two styles; None if this is not a list."""
    lines = [line for line in block.lines if line.strip()]
    if not lines and block.rest.startswith("[") and block.rest.endswith("]"):
        return at_commas(block.rest[1:-1])
    matches = [_ITEM.match(line) for line in lines]
    if block.rest or not matches or not all(matches):
        return None
    return [match[1].strip() for match in matches if match]


def peel(text: str) -> str:
    """The text without the quotes around it, in any number of layers; quotes inside are kept."""
    if not _wrapped(text):
        return text
    quote, text = text[0], text[1:-1]
    text = text.replace("''", "'") if quote == "'" else text.replace('\\"', '"')
    for _ in range(_MOST_LAYERS):
        pile = _pile(text)
        text = text[pile : len(text) - pile]
    return text.strip()


def _pile(text: str) -> int:
    """How many equal quotes surround the text on both sides; 0 if there are some inside, too."""
    quote = text[:1]
    if quote not in ("'", '"') or quote in text.strip(quote):
        return 0
    return min(len(text) - len(text.lstrip(quote)), len(text) - len(text.rstrip(quote)), len(text) // 2)


def _wrapped(text: str) -> bool:
    """Whether the outer quotes are a pair. Not in `'this' and 'that'`, where an inner one closes the first."""
    if len(text) < 2 or text[0] not in "'\"" or text[-1] != text[0]:
        return False
    inner = text[1:-1]
    first = inner.find(text[0])
    closes = 0 < first < len(inner) - 1 and not inner[first - 1].isspace() and inner[first + 1].isspace()
    return not (closes and inner.count(text[0]) % 2 == 0)
