"""The whole of config.yaml: its sections, its sources, and where each key stands in the file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr, field_validator, model_validator

from aggregator.config.sections import (
    CategoriesConfig,
    ContentConfig,
    DuplicatesConfig,
    FeedsConfig,
    FetchConfig,
    PostsConfig,
    ServerConfig,
    SiteConfig,
    TakedownConfig,
)
from aggregator.config.source import Section, SourceConfig
from aggregator.config.source_ids import with_ids
from aggregator.config.state_address import check_state, state_at
from aggregator.config.types import Required, Retention
from aggregator.config.yaml_lines import Keys


class Config(Section):
    """The whole file. Relative paths are relative to `root`, the folder of the file."""

    site: SiteConfig = Field(description="The planet itself.")
    output: Required = Field(
        "feeds", description="The folder of the published files, for any web server or static host."
    )
    state: Required = Field(
        ".aggregator/state.db",
        description="The state: a file (SQLite), or postgresql://user@host/database for many machines."
        " It keeps old entries from appearing as new ones.",
    )
    posts: tuple[PostsConfig, ...] = Field(
        (), description="Folders of posts: *.md, *.markdown, *.html and *.txt with front matter."
    )
    sources: tuple[SourceConfig, ...] = Field(
        (), description="Feeds to pull. If two carry the same article, the first one named is shown."
    )
    categories: CategoriesConfig = Field(
        CategoriesConfig(), description="Where incoming terms go; the first matching rule decides."
    )
    feeds: FeedsConfig = Field(FeedsConfig(), description="What is published.")
    duplicates: DuplicatesConfig = Field(DuplicatesConfig(), description="The same entry in several sources.")
    content: ContentConfig = Field(ContentConfig(), description="How texts and addresses are rewritten.")
    fetch: FetchConfig = Field(FetchConfig(), description="How sources are pulled.")
    server: ServerConfig = Field(ServerConfig(), description="The built-in web server.")
    takedown: TakedownConfig = Field(TakedownConfig(), description="How subscribers hear that an entry was withdrawn.")
    retention: Retention = Field(  # None = for ever
        None, description="forever, or how long content is kept.", json_schema_extra={"default": "forever"}
    )

    _file: Path = PrivateAttr(default=Path("config.yaml"))
    _lines: Mapping[Keys, int] = PrivateAttr(default_factory=dict)
    _written: tuple[SourceConfig, ...] | None = PrivateAttr(default=None)
    _places: tuple[int, ...] = PrivateAttr(default=())
    _secrets: Mapping[str, str] = PrivateAttr(default_factory=dict)
    _former_ids: Mapping[str, str] = PrivateAttr(default_factory=dict)

    @property
    def file(self) -> Path:
        return self._file

    @property
    def written(self) -> tuple[SourceConfig, ...]:
        """`sources` as in the file: feeds and reading lists."""
        return self.sources if self._written is None else self._written

    @property
    def feeds_to_pull(self) -> tuple[SourceConfig, ...]:
        """`sources` without reading lists that were not replaced by their feeds yet."""
        return tuple(one for one in self.sources if not one.opml) if self._written is None else self.sources

    @property
    def lists(self) -> tuple[SourceConfig, ...]:
        return tuple(one for one in self.written if one.opml)

    @property
    def listed_by(self) -> dict[str, str]:
        """Feed id → id of the reading list that names it."""
        placed = zip(self._places, self.sources, strict=False)
        return {one.id: self.written[i].id for i, one in placed if self.written[i].opml}

    def with_lists(self, feeds: Mapping[str, Sequence[SourceConfig]]) -> "Config":
        """A copy with each reading list replaced by its feeds, given by the list's id."""
        placed = [
            (i, one) for i, item in enumerate(self.written) for one in (feeds.get(item.id, ()) if item.opml else [item])
        ]
        config = self.model_copy(update={"sources": tuple(one for _, one in placed)})
        config._written, config._places = self.written, tuple(i for i, _ in placed)  # noqa: SLF001 - of the same class
        return config

    @property
    def former_ids(self) -> Mapping[str, str]:
        """Id made from an address with variable names → former id, made from the values of the variables."""
        return self._former_ids

    @property
    def kept_ids(self) -> frozenset[str]:
        """The former ids that sources still have."""
        return frozenset(one.id for one in self.sources if one.id in self._former_ids.values())

    def with_known_ids(self, known: Collection[str]) -> "Config":
        """A copy in which a source keeps its former id if that is among the `known` ids of the state."""
        kept = {new: old for new, old in self._former_ids.items() if old in known and new not in known}
        if not any(one.id in kept for one in self.written):
            return self

        def named(sources: Iterable[SourceConfig]) -> tuple[SourceConfig, ...]:
            return tuple(one.model_copy(update={"id": kept.get(one.id, one.id)}) for one in sources)

        config = self.model_copy(update={"sources": named(self.sources)})
        config._written = None if self._written is None else named(self._written)  # noqa: SLF001 - of the same class
        return config

    @property
    def root(self) -> Path:
        return self._file.parent

    @property
    def output_path(self) -> Path:
        return self.root / self.output

    @property
    def state_at(self) -> Path | str:
        """The path of the state's file, or the address of its database."""
        return state_at(self.state, self.root)

    def in_place_of(self, other: "Config") -> "Config":
        """A copy that has the file of `other`."""
        placed = self.model_copy()
        placed._file = other._file  # noqa: SLF001 - of the same class
        return placed

    def secrets(self) -> Mapping[str, str]:
        """The environment variables in the file and their values, which no log line may contain."""
        return self._secrets

    def where(self, *keys: str | int) -> str:
        """`config.yaml:LINE` of a key, or of its nearest parent in the file."""
        return self.where_written(*self.as_written(keys))

    def where_written(self, *keys: str | int) -> str:
        """`where` for keys as in the file."""
        at = nearest(keys, self._lines)
        return f"{self._file.name}:{self._lines[at]}" if at else self._file.name

    def has_line(self, *keys: str | int) -> bool:
        """Whether the file has this key. `keys` as in the file."""
        return keys in self._lines

    def as_written(self, keys: Keys) -> Keys:
        """The keys as in the file: a feed of a reading list has the place of the list."""
        if self._places and len(keys) > 1 and keys[0] == "sources" and isinstance(keys[1], int):
            return (keys[0], self._places[keys[1]], *keys[2:])
        return keys

    @field_validator("state")
    @classmethod
    def _path(cls, value: str) -> str:
        return check_state(value)

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        """Posts folders and sources without an id get one."""
        if not isinstance(data, dict):
            return data
        return data | with_ids(data)


def nearest(keys: Keys, lines: Mapping[Keys, int]) -> Keys:
    """`keys` or their nearest parent with a line; () if there is none."""
    while keys and keys not in lines:
        keys = keys[:-1]
    return keys
