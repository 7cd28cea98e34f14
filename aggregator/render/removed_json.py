"""removed.json: digests of removed entries, which do not reveal their content."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from aggregator.dedup.removal import Kind, RemovalDigest
from aggregator.text.generator import GENERATOR

# The key in the file → the kind of its digests.
LISTS: Mapping[str, Kind] = {"ids": "id", "links": "link", "titles": "title"}


def removed_json(salt: str, groups: Iterable[Sequence[RemovalDigest]]) -> bytes:
    """Sorted, so that the order does not reveal when each was removed."""
    document = {"generator": GENERATOR, "salt": salt, "removed": sorted(map(_group, groups), key=repr)}
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def _group(group: Sequence[RemovalDigest]) -> dict[str, Any]:
    ones = sorted(set(group))
    lists: dict[str, Any] = {key: [one.digest for one in ones if one.kind == kind] for key, kind in LISTS.items()}
    lists["texts"] = [{"length": one.length, "digest": one.digest} for one in ones if one.kind == "text"]
    return {key: some for key, some in lists.items() if some}
