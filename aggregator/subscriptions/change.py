"""Pauses, resumes, renames, moves or removes a source of the config. Its entries always keep their ids."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.config.edit_lists import Append, Edit, Put, Remove
from aggregator.config.validators import check_id
from aggregator.config.yaml_edits import EditError
from aggregator.config.yaml_lines import Keys
from aggregator.errors import ConfigError, UsageError
from aggregator.model.problems import Finding
from aggregator.polling import Move, refuse
from aggregator.subscriptions.add import refuse_taken
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.text.masking import showable


@dataclass(frozen=True, slots=True)
class Change:
    """`copy` of the old config, None if the config needed no change. `state_changed`: whether the state was changed
    instead."""

    id: str
    url: str
    copy: Path | None
    state_changed: bool = False


def remove(config_file: ConfigFile, id_: str) -> Change:
    """Raises ConfigError if another key names the source: `sources` of an extra feed must not become empty, which would
    mean all sources."""
    keys, source = config_file.keys(id_), config_file.source(id_)
    if named := list(_references(config_file, id_)):
        message = f"names {id_}; remove it here first"
        raise ConfigError([_finding(config_file, one, message) for one in named])
    copy = config_file.save([Remove("sources", int(keys[1])), *config_file.pins(keys)])
    return Change(id_, source.shown_url, copy)


def pause(config_file: ConfigFile, id_: str) -> Change:
    keys, source = config_file.keys(id_), config_file.source(id_)
    return Change(id_, source.shown_url, config_file.save([] if source.paused else [Put((*keys, "paused"), "true")]))


def resume(config_file: ConfigFile, id_: str) -> Change:
    keys, source = config_file.keys(id_), config_file.source(id_)
    if not source.paused:
        return Change(id_, source.shown_url, None, state_changed=_retry_gone(config_file, id_))
    try:
        copy = config_file.save([Put((*keys, "paused"), None)])
    except EditError:  # the value comes from elsewhere, by a YAML alias
        copy = config_file.save([Put((*keys, "paused"), "false")])
    return Change(id_, source.shown_url, copy)


def rename(config_file: ConfigFile, old: str, new: str) -> Change:
    """Changes the id everywhere in the config. The next run recognizes the URL under the new id, and renames the source
    in the state, too."""
    keys = config_file.keys(old, posts=True)
    address = config_file.address(keys)
    if old == new:
        return Change(new, config_file.shown_address(keys), None)
    _check_id(new)
    refuse_taken(config_file, new, address)
    row = config_file.rows.get(old)
    if row and row.url != address:
        raise UsageError(f"{old} has a new URL that no run has read yet; rename it after the next run")
    edits: list[Edit] = [*_id_edits(config_file, keys, new), *(Put(one, new) for one in _references(config_file, old))]
    return Change(new, config_file.shown_address(keys), config_file.save([*edits, *config_file.pins(keys)]))


def move(config_file: ConfigFile, id_: str, url: str) -> Change:
    """Changes the URL and keeps the id, which is written down if it was made of the URL. With the URL that the config
    has already, a permanent redirect of the source is forgotten and not followed again."""
    keys, source = config_file.keys(id_), config_file.source(id_)
    if source.url == url:
        return Change(id_, showable(url), None, state_changed=_undo_move(config_file, id_))
    known = config_file.find_by_url(url)
    if known and known.id != id_:
        raise UsageError(f"{showable(url)} is in the config already: source {known.id} ({config_file.where(known.id)})")
    former = config_file.former_ids().get(config_file.key(source.url))
    if former and id_ not in config_file.rows:
        raise UsageError(f"{id_} is still stored as {former} until the next run; move it after that run")
    edits: list[Edit] = [Put((*keys, "opml" if source.opml else "url"), url), Put((*keys, "id"), id_)]
    return Change(id_, showable(url), config_file.save([*edits, *config_file.pins(keys)]))


def _retry_gone(config_file: ConfigFile, id_: str) -> bool:
    """Makes a source that is gone due once more; returns whether it was gone."""
    row = config_file.rows.get(id_)
    if row is None or row.state != "gone":
        return False
    config_file.update_row(id_, state="failing", due_at=None, next_poll_at=None)
    return True


def _undo_move(config_file: ConfigFile, id_: str) -> bool:
    row = config_file.rows.get(id_)
    if row is None or not (row.moved_url or row.move_target):
        return False
    back = refuse(Move(row.moved_url, row.move_target))
    values = {"moved_url": "", "move_target": "", "move_since": None, "move_answers": 0, "move_refused": back.refused}
    config_file.update_row(id_, **values, **({"etag": "", "last_modified": ""} if row.moved_url else {}))
    return True


def _id_edits(config_file: ConfigFile, keys: Keys, new: str) -> Iterator[Edit]:
    """The default folder of posts is in no config file, so it is added there."""
    if config_file.data().get(str(keys[0])):
        yield Put((*keys, "id"), new)
    else:
        yield Append("posts", [{"path": config_file.config.posts[0].path, "id": new}])


def _references(config_file: ConfigFile, id_: str) -> Iterator[Keys]:
    for i, extra in enumerate(config_file.config.feeds.extra):
        yield from (("feeds", "extra", i, "sources", n) for n, one in enumerate(extra.sources) if one == id_)
    prefer = config_file.config.duplicates.prefer
    if isinstance(prefer, tuple):
        yield from (("duplicates", "prefer", n) for n, one in enumerate(prefer) if one == id_)


def _check_id(new: str) -> None:
    try:
        check_id(new)
    except ValueError as error:
        raise UsageError(f"{new} is not an id: {error}") from error


def _finding(config_file: ConfigFile, keys: Keys, message: str) -> Finding:
    file, _, line = config_file.config.where(*keys).rpartition(":")
    return Finding(file, int(line), ".".join(map(str, keys)), message)
