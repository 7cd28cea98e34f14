"""What the config says of its sources, what the state knows of them, and the way back into the file."""

import difflib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aggregator.config import Config, SourceConfig, load_config
from aggregator.config.edit_lists import Edit, Put, edited
from aggregator.config.save import check_config, read_config_text, save_config
from aggregator.config.yaml_lines import Keys, read_yaml
from aggregator.errors import UsageError
from aggregator.parse.autodiscovery import same
from aggregator.pull.reading_list_sources import sources_of
from aggregator.store import ListRow, SourceRow, Store


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """`rows` by id: empty where no run has been yet."""

    file: Path
    text: str
    config: Config
    rows: dict[str, SourceRow]
    counts: dict[str, int]
    lists: dict[str, ListRow]

    @classmethod
    def open(cls, file: Path) -> Self:
        """Raises ConfigError, StateError and LockedError."""
        config = load_config(file)
        text = read_config_text(file)
        rows, counts, lists = _known(config)
        return cls(file, text, config.with_known_ids({*rows, *lists}), rows, counts, lists)

    def save(self, edits: Sequence[Edit], *, dry: bool = False) -> Path | None:
        """Writes the config with these edits; returns the copy of what it was, None where nothing is written. Raises
        ConfigError, or EditError, and changes nothing, where it would be wrong."""
        if not edits:
            return None
        after = edited(self.text, edits)
        if dry:
            check_config(self.file, after)
            return None
        return save_config(self.file, self.text, after)

    def note(self, id_: str, **values: Any) -> None:
        """Tells the state of a source, where it is no matter of the config. Raises StateError and LockedError."""
        store = Store(self.config.root / self.config.state)
        with closing(store):
            store.open()
            with store.write() as tx:
                tx.sources.change(id_, **values)

    # who is who

    def keys(self, id_: str, *, posts: bool = False) -> Keys:
        """Where the source stands; raises UsageError. `posts`: a folder of posts will do, too."""
        sources = [source.id for source in self.config.sources]
        folders = [folder.id for folder in self.config.posts]
        if id_ in sources:
            return "sources", sources.index(id_)
        if id_ not in folders:
            known = [*sources, *folders] if posts else sources
            close = difflib.get_close_matches(id_, known, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(known) or 'none'}"
            if listed_by := self.with_lists.listed_by.get(id_):
                where = self.where(listed_by)
                raise UsageError(f"{id_} comes from the reading list {listed_by} ({where}); change it there")
            raise UsageError(f"no source has the id {id_}; {hint}")
        if not posts:
            where = self.config.where("posts", folders.index(id_))
            raise UsageError(f"{id_} is a folder of posts ({where}), not a source that is fetched; change it there")
        return "posts", folders.index(id_)

    def source(self, id_: str) -> SourceConfig:
        return self.config.sources[int(self.keys(id_)[1])]

    def listed(self, url: str) -> SourceConfig | None:
        """The source of the config that has this address, however it is written."""
        wanted = self.key(url)
        return next((source for source in self.config.sources if self.key(source.url) == wanted), None)

    def key(self, url: str) -> str:
        return same(url) if "://" in url else str((self.config.root / url).resolve())

    @property
    def with_lists(self) -> Config:
        """The config with the feeds of its reading lists, as these were read last."""
        return self.config.with_lists(sources_of(self.config, self.lists))

    def where(self, id_: str) -> str:
        return self.config.where(*self.keys(id_, posts=True))

    def address(self, keys: Keys) -> str:
        """Of a source its url, of a folder of posts its path."""
        key, index = keys[0], int(keys[1])
        return self.config.sources[index].url if key == "sources" else self.config.posts[index].path

    def shown_address(self, keys: Keys) -> str:
        """The same, as others may see it."""
        key, index = keys[0], int(keys[1])
        return self.config.sources[index].shown_url if key == "sources" else self.config.posts[index].path

    def ids(self) -> set[str]:
        return {one.id for one in self.config.posts} | {one.id for one in self.config.sources}

    def owner(self, id_: str) -> SourceRow | None:
        """The source that was taken out of the config and left this id behind: entries are still kept under it."""
        return self.rows.get(id_) if id_ not in self.ids() else None

    def former_ids(self) -> dict[str, str]:
        """By address (see `key`): what the sources that were taken out were called."""
        ids = self.ids()
        return {self.key(row.url): row.id for row in self.rows.values() if row.kind == "feed" and row.id not in ids}

    def pins(self, but: Keys = ()) -> Iterator[Put]:
        """Ids that hang on others' (`blog-example-2`) written down: they stay what they are whatever goes or comes."""
        data = self.data()
        made = [("posts", i, one.id, "posts") for i, one in enumerate(self.config.posts)]
        made += [("sources", i, one.id, one.derived_id) for i, one in enumerate(self.config.sources)]
        for key, i, id_, own in made:
            if id_ != own and (key, i) != but and not data[key][i].get("id"):
                yield Put((key, i, "id"), id_)

    def data(self) -> dict[str, Any]:
        """As it is written, nothing filled in."""
        data: dict[str, Any] = read_yaml(self.text.removeprefix("\ufeff")).data
        return data


def _known(config: Config) -> tuple[dict[str, SourceRow], dict[str, int], dict[str, ListRow]]:
    store = Store(config.root / config.state)
    if not store.exists():  # asking leaves nothing behind
        return {}, {}, {}
    with closing(store):
        store.open()
        with store.read() as tx:
            return {row.id: row for row in tx.sources.all()}, tx.sources.sighting_counts(), tx.lists.all()
