"""Reads removed.json of a published tree. It may have been edited: invalid rows are left out."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.dedup.removal import SIZE, RemovalDigest
from aggregator.model.problems import Problem
from aggregator.publish.output_tree import Tree
from aggregator.render.removed_json import LISTS
from aggregator.text.counts import count_of
from aggregator.text.generator import REMOVED, is_marked
from aggregator.text.json_values import or_empty

LONGEST_SALT = 1000

DAMAGED = (
    "is damaged, so removed entries may come back: restore the file and recover again, or remove the entries again when"
    " they come back"
)
FOREIGN = "was not written by this program and blocks the next removal"


@dataclass(frozen=True, slots=True)
class RemovedFile:
    salt: str = ""
    groups: tuple[tuple[RemovalDigest, ...], ...] = ()
    problems: tuple[Problem, ...] = ()


def read_removed(tree: Tree) -> RemovedFile:
    """An empty RemovedFile where there is no file."""
    data = tree.read(REMOVED)
    if data is None:
        return RemovedFile()
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return RemovedFile(problems=(Problem(REMOVED, "parse", DAMAGED),))
    if not is_marked(REMOVED, data):
        return RemovedFile(problems=(Problem(REMOVED, "parse", FOREIGN),))
    salt, rows = document.get("salt"), document.get("removed")
    if not isinstance(salt, str) or not isinstance(rows, list) or len(salt) > LONGEST_SALT:
        return RemovedFile(problems=(Problem(REMOVED, "parse", DAMAGED),))
    groups = [tuple(_digests(row)) if isinstance(row, dict) else () for row in rows]
    lost = sum(not group for group in groups)
    unread = count_of(lost, "removal cannot be read and is left out", "removals cannot be read and are left out")
    problems = [Problem(REMOVED, "parse", unread)] if lost else []
    return RemovedFile(salt, tuple(group for group in groups if group), tuple(problems))


def _digests(row: Mapping[str, Any]) -> Iterator[RemovalDigest]:
    for key, kind in LISTS.items():
        yield from (RemovalDigest(kind, one) for one in or_empty(list, row.get(key)) if _is_digest(one))
    for text in or_empty(list, row.get("texts")):
        if isinstance(text, dict) and _is_digest(text.get("digest")) and _is_length(text.get("length")):
            yield RemovalDigest("text", text["digest"], text["length"])


def _is_digest(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 2 * SIZE and not set(value) - set("0123456789abcdef")


def _is_length(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9
