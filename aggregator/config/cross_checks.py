"""Checks between keys of config.yaml: ids, references, folders, aliases."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from aggregator.config.alias_conflicts import Issue, alias_conflicts
from aggregator.config.backups import FOLDER as BACKUPS
from aggregator.config.model import Config
from aggregator.config.state_address import is_server
from aggregator.config.yaml_lines import Keys


def cross_check(config: Config, file: Path) -> Iterator[Issue]:
    """Keys that conflict with other keys, and why. `file` is the config itself."""
    yield from _ids(config)
    yield from _archive_formats(config)
    yield from _references(config)
    yield from _folders(config, file)
    yield from _hubs(config)
    yield from alias_conflicts(config)


def _ids(config: Config) -> Iterator[Issue]:
    sources = [("posts", i, folder.id) for i, folder in enumerate(config.posts)]
    sources += [("sources", i, source.id) for i, source in enumerate(config.sources)]
    seen: set[str] = set()
    for key, i, id_ in sources:
        if id_ in seen:
            yield (key, i, "id"), f"`{id_}` is the id of two sources; each needs its own"
        seen.add(id_)
    extras = [extra.id for extra in config.feeds.extra]
    for i, id_ in enumerate(extras):
        if id_ in extras[:i]:
            yield ("feeds", "extra", i, "id"), f"`{id_}` is the id of two feeds; each needs its own"


def _archive_formats(config: Config) -> Iterator[Issue]:
    """Atom is the default, and another format may stand for it."""
    for i, one in enumerate(config.feeds.archive_formats):
        if one not in {"atom", "html", *config.feeds.formats}:
            message = f"feeds.formats does not have {one}; add it there, or leave it out here"
            yield ("feeds", "archive_formats", i), message


def _references(config: Config) -> Iterator[Issue]:
    if config.lists:
        return  # their feeds are not known yet
    known = {folder.id for folder in config.posts} | {source.id for source in config.sources}
    known |= set(config.former_ids.values())
    for i, extra in enumerate(config.feeds.extra):
        yield from _unknown(extra.sources, known, ("feeds", "extra", i, "sources"))
    if isinstance(config.duplicates.prefer, tuple):
        yield from _unknown(config.duplicates.prefer, known, ("duplicates", "prefer"))


def _unknown(ids: Iterable[str], known: set[str], keys: Keys) -> Iterator[Issue]:
    for i, id_ in enumerate(ids):
        if id_ not in known:
            near = difflib.get_close_matches(id_, known, n=1)
            yield (*keys, i), f"no source has the id `{id_}`" + (f"; did you mean `{near[0]}`?" if near else "")


def _folders(config: Config, file: Path) -> Iterator[Issue]:
    """The output folder is public, and its files must not be read as posts."""
    root = file.parent.resolve()
    output = (root / config.output).resolve()
    if root.is_relative_to(output):
        yield ("output",), "this folder contains the config, which would be published; use a separate folder"
    if not is_server(config.state) and (root / config.state).resolve().is_relative_to(output):
        yield ("state",), f"lies in the output folder {config.output} and would be published; move it out"
    if (root / BACKUPS).is_relative_to(output):
        yield ("output",), f"copies of the config go to {BACKUPS} and would be published; use another folder"
    for i, folder in enumerate(config.posts):
        if output.is_relative_to((root / folder.path).resolve()):
            yield (
                ("posts", i, "path"),
                f"contains the output folder {config.output}: its files would be read as posts; use a separate one",
            )


def _hubs(config: Config) -> Iterator[Issue]:
    """Feeds name one hub: a subscriber of two would get everything twice."""
    if not config.server.hub:
        return
    if not config.server.public_url:
        yield (
            ("server", "hub"),
            "subscribers must reach the hub: write server.public_url, the address of this server as seen from outside",
        )
    if config.feeds.hub:
        yield ("feeds", "hub"), "feeds name one hub, and server.hub makes this server that one; leave this key out"
