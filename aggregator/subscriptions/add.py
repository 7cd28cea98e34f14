"""Adds a discovered feed to the sources in the config."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.codec import pack
from aggregator.config.edit_lists import Append
from aggregator.config.source_ids import named_id
from aggregator.config.validators import check_id, parse_every, split_category
from aggregator.errors import LockedError, UsageError
from aggregator.parse.autodiscovery import Found
from aggregator.store import Store
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.free_names import FreeNames
from aggregator.text.masking import showable
from aggregator.text.slugs import RESERVED

if TYPE_CHECKING:  # `fetch` is slow to load, and `import` does not need it
    from aggregator.fetch import Answer


@dataclass(frozen=True, slots=True)
class AddOptions:
    """The options of `source add`; "" and () if not given."""

    id: str = ""
    categories: tuple[str, ...] = ()
    every: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """`copy` of the old config, None if nothing was written."""

    id: str
    url: str
    title: str
    categories: tuple[str, ...]
    copy: Path | None


def add(config_file: ConfigFile, found: Found, options: AddOptions, *, dry: bool = False) -> Added:
    """Appends the feed to `sources`. Raises UsageError if the config has it already or the id is taken."""
    refuse_known(config_file, found.url)
    if options.id:
        refuse_taken(config_file, options.id, found.url)
    id_ = options.id or Namer(config_file).name(found.url, found.title)
    item: dict[str, str | list[str]] = {"url": found.url, "id": id_}
    if options.categories:
        item["categories"] = list(options.categories)
    if options.every:
        item["every"] = options.every
    copy = config_file.save([Append("sources", [item])], dry=dry)
    return Added(id_, found.url, found.title, options.categories, copy)


def store_first_answer(config_file: ConfigFile, url: str, answer: "Answer", at: datetime) -> None:
    """Stores the answer of a new feed, so that its first pull needs no request. Creates no state: without any sources
    in it, the first run must still see an empty one."""
    store = Store(config_file.config.state_at)
    if not config_file.rows:
        return
    with suppress(LockedError), store.opened(), store.write() as tx:  # else the first pull sends the request again
        tx.first_answers.put(url, at, pack(answer))


def refuse_known(config_file: ConfigFile, url: str) -> None:
    if known := config_file.find_by_url(url):
        raise UsageError(
            f"{known.shown_url} is in the config already: source {known.id} ({config_file.where(known.id)})"
        )


def check_options(options: AddOptions) -> None:
    """Raises UsageError, before any request."""
    for name, values, check in (
        ("--id", [options.id], check_id),
        ("--category", options.categories, split_category),
        ("--every", [options.every], parse_every),
    ):
        for value in filter(None, values):
            try:
                check(value)
            except ValueError as error:
                raise UsageError(f"{name} {value}: {error}") from error
            if "${" in value:
                raise UsageError(f"{name} {value}: ${{…}} would be read as an environment variable")


class Namer:
    """Ids made from titles; where there is none, of host and path, as the config makes them. A source that comes back
    gets its former id, and no other source does."""

    def __init__(self, config_file: ConfigFile) -> None:
        self._former = config_file.former_ids()
        self._free = FreeNames(config_file.ids() | set(config_file.rows) | RESERVED)
        self._key = config_file.key

    def name(self, url: str, title: str) -> str:
        return self._former.pop(self._key(url), "") or self._free.take(named_id(title, url))


def refuse_taken(config_file: ConfigFile, id_: str, url: str) -> None:
    """Raises UsageError if another source has the id, or has entries stored under it."""
    if id_ in config_file.ids():
        raise UsageError(f"{id_} is the id of another source ({config_file.where(id_)}); choose another id")
    owner = config_file.owner(id_)
    if owner and config_file.key(owner.url) != config_file.key(url):
        raise UsageError(
            f"{id_} was the id of {showable(owner.url)}, whose entries are stored under it; choose another id"
        )
