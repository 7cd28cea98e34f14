"""A file's front matter: the strict reader first, the tolerant one where a person or a generator slipped."""

import re
from dataclasses import dataclass, field

from aggregator.errors import PostError
from aggregator.posts.delimiters import Fenced, decode, split
from aggregator.posts.keys import KNOWN
from aggregator.posts.strict_readers import READERS, MalformedError, Pair, Value
from aggregator.posts.tolerant_reader import reread


@dataclass(frozen=True, slots=True)
class Field:
    """What one key holds; `line` is that of the file, from 1."""

    key: str
    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`fields` by lower-case key, the last one of repeated ones; `present` = the file has front matter at all."""

    fields: dict[str, Field]
    body: str
    present: bool = True
    repaired: tuple[str, ...] = ()
    repeated: tuple[Field, ...] = field(default=())


def read_matter(data: bytes) -> FrontMatter:
    """Raises PostError, with the line of the file, where neither reader understands it."""
    text = decode(data)
    if not text.strip():
        raise PostError("front-matter", "the file is empty")
    fenced = split(text)
    if not fenced.format:
        return FrontMatter({}, text, present=False)
    pairs, repaired = _read(fenced)
    fields = [Field(pair.key.strip().lower(), pair.value, _line(fenced, pair)) for pair in pairs]
    by_key = {found.key: found for found in fields}
    repeated = tuple(found for found in fields if by_key[found.key] is not found)
    return FrontMatter(by_key, fenced.body, repaired=repaired, repeated=repeated)


def _read(fenced: Fenced) -> tuple[list[Pair], tuple[str, ...]]:
    try:
        return _strictly_or_again(fenced)
    except PostError as error:
        line = fenced.line + max(error.line - 1, 0)
        raise PostError(error.kind, error.message, line=line) from error


def _strictly_or_again(fenced: Fenced) -> tuple[list[Pair], tuple[str, ...]]:
    try:
        return READERS[fenced.format](fenced.matter), ()
    except MalformedError as error:
        try:
            return reread(fenced.matter)
        except MalformedError:
            raise error from None


def _line(fenced: Fenced, pair: Pair) -> int:
    """TOML's and JSON's readers tell no lines: the first that begins with this key, if it is one of ours."""
    if pair.line or pair.key.lower() not in KNOWN:
        return fenced.line + max(pair.line - 1, 0)
    key = re.search(rf"^[ \t{{]*[\"']?{re.escape(pair.key)}[\"']?\s*[:=\]]", fenced.matter, re.MULTILINE)
    return fenced.line + (fenced.matter.count("\n", 0, key.start()) if key else 0)
