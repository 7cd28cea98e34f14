"""A file's front matter: read by the strict reader, and by the tolerant one if that refuses it."""

import re
from dataclasses import dataclass, field

from aggregator.errors import PostError
from aggregator.posts.delimiters import SplitFile, decode, split
from aggregator.posts.keys import KNOWN
from aggregator.posts.strict_readers import READERS, MalformedError, Pair, Value
from aggregator.posts.tolerant_reader import read_tolerant


@dataclass(frozen=True, slots=True)
class Field:
    """A key and its value; `line`: in the file, from 1."""

    key: str
    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """`fields`: by lower-case key, the last of repeated ones; `repeated`: the others; `present`: whether the file has
    front matter; `repaired`: what the tolerant reader changed, and how a file was read that is not UTF-8."""

    fields: dict[str, Field]
    body: str
    present: bool = True
    repaired: tuple[str, ...] = ()
    repeated: tuple[Field, ...] = field(default=())


def read_front_matter(data: bytes) -> FrontMatter:
    """Raises PostError, with the line of the file, if neither reader can read it."""
    text, decoding = decode(data)
    if not text.strip():
        raise PostError("front-matter", "the file is empty")
    split_file = split(text)
    if not split_file.format:
        return FrontMatter({}, text, present=False, repaired=_notes(decoding))
    pairs, repaired = _read(split_file)
    fields = [Field(pair.key.strip().lower(), pair.value, _line(split_file, pair)) for pair in pairs]
    by_key = {found.key: found for found in fields}
    repeated = tuple(found for found in fields if by_key[found.key] is not found)
    return FrontMatter(by_key, split_file.body, repaired=_notes(decoding, *repaired), repeated=repeated)


def _notes(*repaired: str) -> tuple[str, ...]:
    return tuple(filter(None, repaired))


def _read(split_file: SplitFile) -> tuple[list[Pair], tuple[str, ...]]:
    try:
        return _read_strict_or_tolerant(split_file)
    except PostError as error:
        line = split_file.line + max(error.line - 1, 0)
        raise PostError(error.kind, error.message, line=line) from error


def _read_strict_or_tolerant(split_file: SplitFile) -> tuple[list[Pair], tuple[str, ...]]:
    try:
        return READERS[split_file.format](split_file.front_matter), ()
    except MalformedError as error:
        try:
            return read_tolerant(split_file.front_matter)
        except MalformedError:
            raise error from None


def _line(split_file: SplitFile, pair: Pair) -> int:
    """The line of a pair. TOML's and JSON's readers give none: it is the first that begins with the key, if known."""
    if pair.line or pair.key.lower() not in KNOWN:
        return split_file.line + max(pair.line - 1, 0)
    key = re.search(rf"^[ \t{{]*[\"']?{re.escape(pair.key)}[\"']?\s*[:=\]]", split_file.front_matter, re.MULTILINE)
    return split_file.line + (split_file.front_matter.count("\n", 0, key.start()) if key else 0)
