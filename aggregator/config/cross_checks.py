"""What one place of config.yaml says of another, and whether the two agree."""

import difflib
from collections.abc import Iterable, Iterator
from pathlib import Path

from aggregator.config.alias_conflicts import contradictions
from aggregator.config.model import Config
from aggregator.config.yaml_lines import Keys

Complaint = tuple[Keys, str]


def disagreements(config: Config, file: Path) -> Iterator[Complaint]:
    """The keys that cannot stand beside others, and why. `file` is the config's own."""
    yield from _ids(config)
    yield from _references(config)
    yield from _folders(config, file)
    yield from contradictions(config)


def _ids(config: Config) -> Iterator[Complaint]:
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


def _references(config: Config) -> Iterator[Complaint]:
    if config.lists:
        return  # whose feeds are known when they were read
    known = {folder.id for folder in config.posts} | {source.id for source in config.sources}
    known |= set(config.former_ids.values())
    for i, extra in enumerate(config.feeds.extra):
        yield from _unknown(extra.sources, known, ("feeds", "extra", i, "sources"))
    if isinstance(config.duplicates.prefer, tuple):
        yield from _unknown(config.duplicates.prefer, known, ("duplicates", "prefer"))


def _unknown(ids: Iterable[str], known: set[str], keys: Keys) -> Iterator[Complaint]:
    for i, id_ in enumerate(ids):
        if id_ not in known:
            near = difflib.get_close_matches(id_, known, n=1)
            yield (*keys, i), f"no source has the id `{id_}`" + (f"; did you mean `{near[0]}`?" if near else "")


def _folders(config: Config, file: Path) -> Iterator[Complaint]:
    """What is published is for everybody, and must not come back as a post."""
    root = file.parent.resolve()
    output = (root / config.output).resolve()
    if root.is_relative_to(output):
        yield ("output",), "this folder holds the config, which would be published; write a folder of its own"
    if (root / config.state).resolve().is_relative_to(output):
        yield ("state",), f"stands in the output folder {config.output}, and would be published"
    for i, folder in enumerate(config.posts):
        if output.is_relative_to((root / folder.path).resolve()):
            yield (
                ("posts", i, "path"),
                f"holds the output folder {config.output}: what we publish would be read as posts",
            )
