"""A source of the config paused, resumed, renamed, moved or taken out. Its entries' ids stay whatever is done."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.edit_aliases import EditError
from aggregator.config.edit_lists import Append, Edit, Put, Remove
from aggregator.config.types import check_id
from aggregator.config.yaml_lines import Keys
from aggregator.errors import ConfigError, UsageError
from aggregator.model.problems import Finding
from aggregator.polling import Move, refuse
from aggregator.subscriptions.add import refuse_taken
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.masking import showable


@dataclass(frozen=True, slots=True)
class Change:
    """`copy` of the old config, None where it says so already, and nothing was written there; `noted`: but the state
    was told."""

    id: str
    url: str
    copy: Path | None
    noted: bool = False


def remove(register: ConfigFile, id_: str) -> Change:
    """Raises ConfigError where the config names the source elsewhere: a feed of chosen sources without any would be one
    of all."""
    keys, source = register.keys(id_), register.source(id_)
    if named := list(_references(register, id_)):
        message = f"names {id_}; take it out here first"
        raise ConfigError([_finding(register, one, message) for one in named])
    copy = register.save([Remove("sources", int(keys[1])), *register.pins(keys)])
    return Change(id_, source.shown_url, copy)


def pause(register: ConfigFile, id_: str) -> Change:
    keys, source = register.keys(id_), register.source(id_)
    return Change(id_, source.shown_url, register.save([] if source.paused else [Put((*keys, "paused"), "true")]))


def resume(register: ConfigFile, id_: str) -> Change:
    keys, source = register.keys(id_), register.source(id_)
    if not source.paused:
        return Change(id_, source.shown_url, None, noted=_revive(register, id_))
    try:
        copy = register.save([Put((*keys, "paused"), None)])
    except EditError:  # it comes from elsewhere, by an alias
        copy = register.save([Put((*keys, "paused"), "false")])
    return Change(id_, source.shown_url, copy)


def rename(register: ConfigFile, old: str, new: str) -> Change:
    """Everywhere the config names it. What is known under the old id is known under the new one from the next run on:
    an address that stands there under another id is a rename."""
    keys = register.keys(old, posts=True)
    address = register.address(keys)
    if old == new:
        return Change(new, register.shown_address(keys), None)
    _check_id(new)
    refuse_taken(register, new, address)
    row = register.rows.get(old)
    if row and row.url != address:
        raise UsageError(f"{old} was moved, which the next run takes up; rename it after that")
    edits: list[Edit] = [*_named(register, keys, new), *(Put(one, new) for one in _references(register, old))]
    return Change(new, register.shown_address(keys), register.save([*edits, *register.pins(keys)]))


def move(register: ConfigFile, id_: str, url: str) -> Change:
    """The address changes, the id stays, written down where it was made of the address. To where it is already: what
    the source has moved to by itself counts no more, and is not followed there again."""
    keys, source = register.keys(id_), register.source(id_)
    if source.url == url:
        return Change(id_, showable(url), None, noted=_call_back(register, id_))
    known = register.listed(url)
    if known and known.id != id_:
        raise UsageError(f"{showable(url)} is there already: the source {known.id} ({register.where(known.id)})")
    former = register.former_ids().get(register.key(source.url))
    if former and id_ not in register.rows:
        raise UsageError(f"{id_} is known as {former} until the next run has taken up its new id; move it after that")
    edits: list[Edit] = [Put((*keys, "opml" if source.opml else "url"), url), Put((*keys, "id"), id_)]
    return Change(id_, showable(url), register.save([*edits, *register.pins(keys)]))


def _revive(register: ConfigFile, id_: str) -> bool:
    """One that is gone is asked once more."""
    row = register.rows.get(id_)
    if row is None or row.state != "gone":
        return False
    register.note(id_, state="failing", due_at=None, next_poll_at=None)
    return True


def _call_back(register: ConfigFile, id_: str) -> bool:
    row = register.rows.get(id_)
    if row is None or not (row.moved_url or row.move_target):
        return False
    back = refuse(Move(row.moved_url, row.move_target))
    values = {"moved_url": "", "move_target": "", "move_since": None, "move_answers": 0, "move_refused": back.refused}
    register.note(id_, **values, **({"etag": "", "last_modified": ""} if row.moved_url else {}))
    return True


def _named(register: ConfigFile, keys: Keys, new: str) -> Iterator[Edit]:
    """The default folder of posts stands in no file."""
    if register.data().get(str(keys[0])):
        yield Put((*keys, "id"), new)
    else:
        yield Append("posts", [{"path": register.config.posts[0].path, "id": new}])


def _references(register: ConfigFile, id_: str) -> Iterator[Keys]:
    for i, extra in enumerate(register.config.feeds.extra):
        yield from (("feeds", "extra", i, "sources", n) for n, one in enumerate(extra.sources) if one == id_)
    prefer = register.config.duplicates.prefer
    if isinstance(prefer, tuple):
        yield from (("duplicates", "prefer", n) for n, one in enumerate(prefer) if one == id_)


def _check_id(new: str) -> None:
    try:
        check_id(new)
    except ValueError as error:
        raise UsageError(f"{new} is no id: {error}") from error


def _finding(register: ConfigFile, keys: Keys, message: str) -> Finding:
    file, _, line = register.config.where(*keys).rpartition(":")
    return Finding(file, int(line), ".".join(map(str, keys)), message)
