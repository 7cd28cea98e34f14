"""The lines of the config that place terms, as rules with their file and line."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Literal

from aggregator.categories import Rule, Rules
from aggregator.config.model import Config
from aggregator.config.sections import PostsConfig
from aggregator.config.source import Aliases, SourceConfig
from aggregator.config.yaml_lines import Keys


class RuleBook:
    """The rules of each source. The shared rules are built once, on first use."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def shared(self) -> Rules:
        """The rules of all sources, without those of one source."""
        categories = self._config.categories
        return Rules(
            aliases=self._rules(categories.aliases, "categories", "aliases"),
            drop=self._cutting("drop", categories.drop),
            generic=self._cutting("generic", categories.generic),
            unmapped=self._unmapped(),
            most=categories.most,
        )

    def section(self, source_id: str) -> PostsConfig | SourceConfig | None:
        """The posts folder or source with this id, None if there is none."""
        return self._places[source_id][2] if source_id in self._places else None

    def of(self, source_id: str) -> Rules:
        key, i, section = self._places[source_id]
        where = self._config.where
        added = (Rule("added", (), path, where(key, i, "categories", n)) for n, path in enumerate(section.categories))
        return self.shared.of_source(
            self._rules(section.aliases if isinstance(section, SourceConfig) else {}, key, i, "aliases"),
            tuple(added),
            ours=isinstance(section, PostsConfig),
            separator=section.category_separator,
        )

    def targets(self) -> Iterator[tuple[str, ...]]:
        """The paths of all categories that rules lead to, those of `categories` first."""
        yield from map(levels, self._config.categories.aliases)
        for _, _, section in self._places.values():
            yield from section.categories
            yield from map(levels, section.aliases if isinstance(section, SourceConfig) else ())

    def named(self) -> Iterator[tuple[str, ...]]:
        """The paths of all categories that the file names. Categories of a reading list on the web do not count: its
        publisher names them."""
        config = self._config
        yield from map(levels, (*config.categories.aliases, *config.feeds.about))
        yield self._unmapped().target
        for folder in config.posts:
            yield from folder.categories
        for source in config.written:
            yield from (*source.categories, *map(levels, source.aliases))
        for source in config.sources:
            if source.id in config.listed_by and not self._is_on_the_web(config.listed_by[source.id]):
                yield from source.categories
        for extra in config.feeds.extra:
            yield from (*extra.any, *extra.all, *extra.none)

    def _is_on_the_web(self, list_id: str) -> bool:
        return any(one.is_remote for one in self._config.lists if one.id == list_id)

    @cached_property
    def _places(self) -> dict[str, tuple[str, int, PostsConfig | SourceConfig]]:
        folders = {one.id: ("posts", i, one) for i, one in enumerate(self._config.posts)}
        return {**folders, **{one.id: ("sources", i, one) for i, one in enumerate(self._config.sources)}}

    def _rules(self, aliases: Aliases, *keys: str | int) -> tuple[Rule, ...]:
        return tuple(rule for _, rule in alias_rules(self._config, aliases, keys))

    def _cutting(self, decider: Literal["drop", "generic"], patterns: Sequence[str]) -> tuple[Rule, ...]:
        where = self._config.where
        return tuple(Rule(decider, (one,), where=where("categories", decider, n)) for n, one in enumerate(patterns))

    def _unmapped(self) -> Rule:
        way, line = self._config.categories.unmapped, self._config.where("categories", "unmapped")
        if way in ("keep", "tag"):
            return Rule("keep" if way == "keep" else "tag", (), where=line)
        return Rule("unmapped", (), () if way == "drop" else levels(way), line)


def alias_rules(config: Config, aliases: Aliases, keys: Keys) -> Iterator[tuple[Keys, Rule]]:
    """Each line of the table at `keys`, in the order of the file, with its own keys."""
    for target, patterns in aliases.items():
        for n, pattern in enumerate(patterns):
            at = (*keys, target, n)
            several = pattern if isinstance(pattern, tuple) else ()
            yield at, Rule("alias", several or (str(pattern),), levels(target), config.where(*at), bool(several))


def levels(path: str) -> tuple[str, ...]:
    """`Programming/Python` as its levels."""
    return tuple(level.strip() for level in path.split("/"))
