"""The config file with what the state knows of its sources, and edits of the file."""

import difflib
from collections.abc import Iterator, Sequence
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
from aggregator.store import HealthRow, ListRow, SourceRow, Store


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """`rows` and `health` by source id; empty before the first run. `counts`: sightings by source id."""

    file: Path
    text: str
    config: Config
    rows: dict[str, SourceRow]
    counts: dict[str, int]
    lists: dict[str, ListRow]
    health: dict[str, HealthRow]

    @classmethod
    def open(cls, file: Path) -> Self:
        """Raises ConfigError, StateError and LockedError."""
        config = load_config(file)
        text = read_config_text(file)
        rows, counts, lists, health = _known(config)
        return cls(file, text, config.with_known_ids({*rows, *lists}), rows, counts, lists, health)

    def save(self, edits: Sequence[Edit], *, dry: bool = False) -> Path | None:
        """Writes the config with these edits; returns the copy of the old one, None if nothing was written. Raises
        ConfigError or EditError, and changes nothing, if the result would be wrong."""
        if not edits:
            return None
        after = edited(self.text, edits)
        if dry:
            check_config(self.file, after)
            return None
        return save_config(self.file, self.text, after)

    def update_row(self, id_: str, **values: Any) -> None:
        """Changes the row of a source in the state. Raises StateError and LockedError."""
        with Store(self.config.state_at).opened() as store, store.write() as tx:
            tx.sources.change(id_, **values)

    # lookups

    def keys(self, id_: str, *, posts: bool = False) -> Keys:
        """Path of the source in the config; raises UsageError. `posts`: whether a folder of posts is accepted, too."""
        sources = [source.id for source in self.config.sources]
        folders = [folder.id for folder in self.config.posts]
        if id_ in sources:
            return "sources", sources.index(id_)
        if id_ not in folders:
            known = [*sources, *folders] if posts else sources
            close = difflib.get_close_matches(id_, known, n=3, cutoff=0.4)
            hint = f"did you mean {' or '.join(close)}?" if close else f"known ids: {', '.join(known) or 'none'}"
            if listed_by := self.with_lists.listed_by.get(id_):
                where = self.where(listed_by)
                raise UsageError(f"{id_} comes from the reading list {listed_by} ({where}); change the list")
            raise UsageError(f"no source has the id {id_}; {hint}")
        if not posts:
            where = self.config.where("posts", folders.index(id_))
            raise UsageError(f"{id_} is a folder of posts ({where}), not a source that is pulled; change it there")
        return "posts", folders.index(id_)

    def source(self, id_: str) -> SourceConfig:
        return self.config.sources[int(self.keys(id_)[1])]

    def find_by_url(self, url: str) -> SourceConfig | None:
        """The source of the config with this URL, or with a URL that differs in spelling only."""
        wanted = self.key(url)
        return next((source for source in self.config.sources if self.key(source.url) == wanted), None)

    def key(self, url: str) -> str:
        return same(url) if "://" in url else str((self.config.root / url).resolve())

    @property
    def with_lists(self) -> Config:
        """The config with the feeds of its reading lists, as last read."""
        return self.config.with_lists(sources_of(self.config, self.lists))

    def where(self, id_: str) -> str:
        return self.config.where(*self.keys(id_, posts=True))

    def address(self, keys: Keys) -> str:
        """The URL of a source, or the path of a folder of posts."""
        key, index = keys[0], int(keys[1])
        return self.config.sources[index].url if key == "sources" else self.config.posts[index].path

    def shown_address(self, keys: Keys) -> str:
        """The same, with secrets masked."""
        key, index = keys[0], int(keys[1])
        return self.config.sources[index].shown_url if key == "sources" else self.config.posts[index].path

    def ids(self) -> set[str]:
        return {one.id for one in self.config.posts} | {one.id for one in self.config.sources}

    def owner(self, id_: str) -> SourceRow | None:
        """The source that left the config and still has entries stored under this id."""
        return self.rows.get(id_) if id_ not in self.ids() else None

    def former_ids(self) -> dict[str, str]:
        """`key` of the URL → id, for the sources that left the config."""
        ids = self.ids()
        return {self.key(row.url): row.id for row in self.rows.values() if row.kind == "feed" and row.id not in ids}

    def pins(self, but: Keys = ()) -> Iterator[Put]:
        """Edits that write down ids numbered after others' (`blog-example-2`), so that they stay when others change."""
        data = self.data()
        ids = [("posts", i, one.id, "posts") for i, one in enumerate(self.config.posts)]
        ids += [("sources", i, one.id, one.derived_id) for i, one in enumerate(self.config.sources)]
        for key, i, id_, own in ids:
            if id_ != own and (key, i) != but and not data[key][i].get("id"):
                yield Put((key, i, "id"), id_)

    def data(self) -> dict[str, Any]:
        """The config as written, without defaults."""
        data: dict[str, Any] = read_yaml(self.text.removeprefix("\ufeff")).data
        return data


def _known(
    config: Config,
) -> tuple[dict[str, SourceRow], dict[str, int], dict[str, ListRow], dict[str, HealthRow]]:
    store = Store(config.state_at)
    if not store.exists():  # opening would create it
        return {}, {}, {}, {}
    with store.opened(), store.read() as tx:
        rows = {row.id: row for row in tx.sources.all()}
        return rows, tx.sources.sighting_counts(), tx.lists.all(), tx.health.all()
