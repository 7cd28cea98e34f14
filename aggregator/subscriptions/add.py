"""A feed that was found becomes a source of the config."""

from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.codec import pack
from aggregator.config.edit_lists import Append
from aggregator.config.source_ids import source_id
from aggregator.config.types import check_id, parse_every, split_category
from aggregator.errors import LockedError, UsageError
from aggregator.parse.autodiscovery import Found
from aggregator.store import Store
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.masking import showable

if TYPE_CHECKING:  # what asks is slow to load, and `import` asks nobody
    from aggregator.fetch import Answer


@dataclass(frozen=True, slots=True)
class AddOptions:
    """What a person said of the source: "" and () where nothing was said."""

    id: str = ""
    categories: tuple[str, ...] = ()
    every: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """`copy` of the old config, None where nothing was written."""

    id: str
    url: str
    title: str
    categories: tuple[str, ...]
    copy: Path | None


def add(register: ConfigFile, found: Found, wish: AddOptions, *, dry: bool = False) -> Added:
    """Writes it at the end of `sources`. Raises UsageError where it is there already or the wish cannot be granted."""
    refuse_known(register, found.url)
    if wish.id:
        refuse_taken(register, wish.id, found.url)
    id_ = wish.id or Namer(register).name(found.url)
    item: dict[str, str | list[str]] = {"url": found.url, "id": id_}
    if wish.categories:
        item["categories"] = list(wish.categories)
    if wish.every:
        item["every"] = wish.every
    copy = register.save([Append("sources", [item])], dry=dry)
    return Added(id_, found.url, found.title, wish.categories, copy)


def keep(register: ConfigFile, url: str, answer: "Answer", at: datetime) -> None:
    """What a feed that was added has answered is its first pull, which then need not ask. Only beside what is known
    already: a state that holds nothing else would be none, and is not begun by this."""
    store = Store(register.config.root / register.config.state)
    if not register.rows:
        return
    with closing(store), suppress(LockedError):  # who is in a hurry asks again
        store.open()
        with store.write() as tx:
            tx.first_answers.put(url, at, pack(answer))


def refuse_known(register: ConfigFile, url: str) -> None:
    if known := register.listed(url):
        raise UsageError(f"{showable(url)} is there already: the source {known.id} ({register.where(known.id)})")


def check_wish(wish: AddOptions) -> None:
    """Raises UsageError, before anybody is asked."""
    for name, values, check in (
        ("--id", [wish.id], check_id),
        ("--category", wish.categories, split_category),
        ("--every", [wish.every], parse_every),
    ):
        for value in filter(None, values):
            try:
                check(value)
            except ValueError as error:
                raise UsageError(f"{name} {value}: {error}") from error
            if "${" in value:
                raise UsageError(f"{name} {value}: ${{…}} would stand for a variable of the environment")


class Namer:
    """Ids as the config makes them, of host and path; a source that comes back gets its own, and nobody else's."""

    def __init__(self, register: ConfigFile) -> None:
        self._former = register.former_ids()
        self._taken = register.ids() | set(register.rows)
        self._last: dict[str, int] = {}
        self._key = register.key

    def name(self, url: str) -> str:
        if former := self._former.pop(self._key(url), ""):
            return former
        base = source_id(url)
        number = self._last.get(base, 1)
        while (id_ := base if number == 1 else f"{base}-{number}") in self._taken:
            number += 1
        self._last[base] = number
        self._taken.add(id_)
        return id_


def refuse_taken(register: ConfigFile, id_: str, url: str) -> None:
    """An id that entries are kept under is not given to another source."""
    if id_ in register.ids():
        raise UsageError(f"{id_} is the id of another source ({register.where(id_)}); choose another one")
    owner = register.owner(id_)
    if owner and register.key(owner.url) != register.key(url):
        raise UsageError(
            f"{id_} was the id of {showable(owner.url)}, and its entries are kept under it; choose another one"
        )
