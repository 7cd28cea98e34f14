"""Ids for posts folders and sources without one in the config."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aggregator.text.slugs import slugify
from aggregator.text.urls import split


def has_id(item: Any) -> bool:
    return isinstance(item, dict) and item.get("id") is not None


@dataclass(slots=True)
class _IdAllocator:
    """Gives ids in the order of the file; ids in the file are taken, wherever they stand."""

    taken: set[str]
    last: dict[str, int] = field(default_factory=dict)

    def with_id(self, item: Any, key: str) -> Any:
        if not isinstance(item, dict) or has_id(item):
            return item
        return item | {
            "id": self._free("posts" if key == "posts" else source_id(str(item.get("url") or item.get("opml") or "")))
        }

    def _free(self, base: str) -> str:
        number = self.last.get(base, 1)
        while (candidate := base if number == 1 else f"{base}-{number}") in self.taken:
            number += 1
        self.last[base] = number
        self.taken.add(candidate)
        return candidate


def with_ids(data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`posts` and `sources` of a config, each item with an id."""
    listed = {key: data[key] for key in ("posts", "sources") if isinstance(data.get(key), list)}
    allocator = _IdAllocator({str(item["id"]) for items in listed.values() for item in items if has_id(item)})
    return {key: [allocator.with_id(item, key) for item in items] for key, items in listed.items()}


def source_id(url: str) -> str:
    """An id made from host and path: [a-z0-9-], at most 60 characters."""
    try:
        parts = split(url)
        host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    except ValueError:
        return slugify(url)
    return slugify(f"{host} {unquote(parts.path)}" if host else Path(url).name.replace(".", " "))
