"""Ids for posts folders and sources without one in the config."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aggregator.text.free_names import FreeNames
from aggregator.text.slugs import readable_slug, slugify
from aggregator.text.urls import split


def has_id(item: Any) -> bool:
    return isinstance(item, dict) and item.get("id") is not None


def with_ids(data: Mapping[str, Any]) -> dict[str, list[Any]]:
    """`posts` and `sources` of a config, each item with an id. They are given in the order of the file; those
    that stand in the file are taken, wherever they stand."""
    listed = {key: data[key] for key in ("posts", "sources") if isinstance(data.get(key), list)}
    free = FreeNames(str(item["id"]) for items in listed.values() for item in items if has_id(item))
    return {key: [_with_id(item, key, free) for item in items] for key, items in listed.items()}


def _with_id(item: Any, key: str, free: FreeNames) -> Any:
    if not isinstance(item, dict) or has_id(item):
        return item
    base = "posts" if key == "posts" else source_id(str(item.get("url") or item.get("opml") or ""))
    return item | {"id": free.take(base)}


def named_id(title: str, url: str) -> str:
    """An id for a source whose title is known: made from the title, unless that has no words or is an address."""
    return (readable_slug(title) if "://" not in title else "") or source_id(url)


def source_id(url: str) -> str:
    """An id made from host and path: [a-z0-9-], at most 60 characters."""
    try:
        parts = split(url)
        host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    except ValueError:
        return slugify(url)
    return slugify(f"{host} {unquote(parts.path)}" if host else Path(url).name.replace(".", " "))
