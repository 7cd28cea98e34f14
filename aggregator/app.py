"""What every command works with (config, store, clock), and the config as the plain values each package takes."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator import __version__
from aggregator.categories import Rules, Style, key_of
from aggregator.clean.filters import Filter
from aggregator.codec import digest, frozen_text
from aggregator.config import Config, PostsConfig, RuleBook, SourceConfig
from aggregator.errors import ClockError, UsageError
from aggregator.events import NULL_OBSERVER, Observer
from aggregator.model.archive_paging import Paging
from aggregator.model.document import Person
from aggregator.model.feed import Site
from aggregator.polling import Schedule
from aggregator.store import Store, Transaction
from aggregator.text.normalize import shorten
from aggregator.text.urls import ContentSettings

if TYPE_CHECKING:  # these take a fifth of a second to load, and read-only commands do not need them
    from aggregator.fetch import FetchSettings
    from aggregator.posts import PostSettings

Clock = Callable[[], datetime]

CLOCK_SLACK = timedelta(days=1)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)  # limits of AGGREGATOR_NOW
SAMPLE_TIME = "2026-11-23T08:00:00Z"


@dataclass(frozen=True, slots=True)
class App:
    """`writes`: publishing also writes the output tree; `observer` receives an event for each step of the work."""

    config: Config
    store: Store
    clock: Clock
    writes: bool = True
    observer: Observer = field(default=NULL_OBSERVER, repr=False, compare=False)
    _book: RuleBook = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_book", RuleBook(self.config))

    def with_config(self, config: Config) -> "App":
        return self if config is self.config else replace(self, config=config)

    def now(self, tx: Transaction) -> datetime:
        """The time of this batch; raises ClockError if the clock is behind what the state stores."""
        now, newest = self.clock(), tx.facts.newest()
        if newest and now < newest - CLOCK_SLACK:
            raise ClockError(
                f"the clock says {now:%Y-%m-%d %H:%M} UTC, the state was written at {newest:%Y-%m-%d %H:%M};"
                " set the clock right, or unset AGGREGATOR_NOW; if the clock was wrong then and is right now,"
                " `aggregator db clock` lists the future times, and `aggregator db clock --accept-now` corrects them"
            )
        return now

    @property
    def output(self) -> Path:
        return self.config.output_path

    @property
    def folders(self) -> tuple[PostsConfig, ...]:
        return self.config.posts or ()

    @property
    def sources(self) -> tuple[SourceConfig, ...]:
        """The feeds. Those of reading lists are among them once `resolve_sources` read the state."""
        return self.config.feeds_to_pull

    def _sections(self) -> tuple[PostsConfig | SourceConfig, ...]:
        return *self.folders, *self.sources

    @property
    def paging(self) -> Paging:
        return Paging(self.config.feeds.limit, self.config.feeds.archive)

    def feed_source(self, id_: str) -> SourceConfig:
        section = self._book.section(id_)
        assert isinstance(section, SourceConfig)  # noqa: S101 - only sources of the config are stored as feeds
        return section

    def knows(self, id_: str) -> bool:
        """Whether the config has a source or a posts folder with this id."""
        return self._book.section(id_) is not None

    # the config as plain values

    def site(self) -> Site:
        site = self.config.site
        author = Person(site.author.name, site.author.uri, site.author.email)
        return Site(
            title=site.title,
            url=site.url,
            language=site.language,
            author=author,
            logo=site.logo,
            rights=site.rights,
            timezone=site.timezone,
            hub=self.config.feeds.hub,
            footer=self.config.duplicates.footer,
        )

    def content(self) -> ContentSettings:
        content = self.config.content
        return ContentSettings(content.unwrap, content.placeholders, content.tracking)

    def fetch_settings(self) -> "FetchSettings":
        from aggregator.fetch import FetchSettings

        fetch = self.config.fetch
        return FetchSettings(
            concurrency=fetch.concurrency,
            per_host=fetch.per_host,
            gap=fetch.gap,
            connect_timeout=fetch.connect_timeout,
            timeout=fetch.timeout,
            max_bytes=fetch.max_bytes,
            allow_networks=fetch.allow_networks,
            user_agent=fetch.user_agent or f"aggregator/{__version__} (+{self.config.site.url})",
        )

    def schedule(self, source: SourceConfig) -> Schedule:
        return Schedule(source.every, self.config.fetch.min_interval, self.config.site.timezone)

    def templates(self) -> Path | None:
        return self.config.root / self.config.site.templates if self.config.site.templates else None

    def missing_templates(self) -> str:
        """The message about `site.templates` naming a missing folder; "" if it exists or is not set."""
        own = self.templates()
        if own is None or own.is_dir():
            return ""
        return f"there is no folder {self.config.site.templates}, so pages look as they do without it"

    def policy(self, source_id: str) -> "SourcePolicy":
        """How one source is treated. A source that left the config gets the defaults."""
        section = self._book.section(source_id)
        if section is None:
            return SourcePolicy(Rules())
        rules, style = self._book.of(source_id), section.category_style
        if isinstance(section, PostsConfig):
            return SourcePolicy(rules, style, section.gone == "remove", section.pages)
        return SourcePolicy(
            rules, style, include=section.include, exclude=section.exclude, ignores_opt_out=section.publish is True
        )

    def spellings(self) -> dict[tuple[str, ...], str]:
        """How the config spells its categories, by path of folded names; the first spelling wins."""
        found: dict[tuple[str, ...], str] = {}
        for path in self._book.targets():
            key = key_of(path)
            for depth in range(1, len(path) + 1):
                found.setdefault(key[:depth], path[depth - 1])
        return found

    def named_categories(self) -> frozenset[tuple[str, ...]]:
        """The categories that the config names, and their parents, as paths of folded names."""
        paths = map(key_of, self._book.named())
        return frozenset(path[:depth] for path in paths for depth in range(1, len(path) + 1))

    def placing_digest(self) -> str:
        """Changes when a change of the config may place terms differently or choose another winner."""
        config = self.config
        shape = [
            config.categories.model_dump_json(exclude={"most_new"}),
            config.duplicates.model_dump_json(include={"prefer"}),
            *(f"{one.id} {one.model_dump_json(include=PLACING_KEYS)}" for one in self._sections()),
        ]
        return digest(shape)

    def policy_digests(self) -> dict[str, str]:
        """By source: changes when a change of the config may show or withhold its entries differently."""
        return {one.id: digest(one.model_dump_json(exclude=KEYS_WITHOUT_POLICY)) for one in self._sections()}

    def extra_digest(self) -> str:
        """Changes when a feed of `feeds.extra` may hold other entries."""
        return digest([extra.model_dump_json() for extra in self.config.feeds.extra])

    def rendering_digest(self) -> str:
        """Changes when the config, the user's templates or this program may render the same rows differently."""
        feeds = self.config.feeds.model_dump_json(exclude={"extra"}) + self.config.content.model_dump_json()
        order = [one.id for one in self._sections()]  # an entry names its other sources in this order
        own = self.templates()
        files = sorted(file for file in own.rglob("*") if file.is_file()) if own else []
        return digest(
            [
                frozen_text("Site", self.site()),
                feeds,
                order,
                [(file.name, file.read_bytes()) for file in files],
                RENDER_VERSION,
            ]
        )


def with_known_ids(config: Config, tx: Transaction) -> Config:
    """A source whose id was once made from the value of a variable keeps that id, if the state knows it."""
    if not config.former_ids:
        return config
    return config.with_known_ids({row.id for row in tx.sources.all()} | tx.lists.all().keys())


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """How one source is treated. `rules` place its terms, each with its file and line; `drops_gone`: a post leaves the
    feeds when its file is deleted; `has_pages`: a post without a link gets a page; `ignores_opt_out`: entries are
    published even if they ask not to be republished."""

    rules: Rules
    style: Style = "flat"
    drops_gone: bool = False
    has_pages: bool = False
    include: tuple[Filter, ...] = ()
    exclude: tuple[Filter, ...] = ()
    ignores_opt_out: bool = False


# Keys of a source that decide where its terms go; keys that do not change how its entries are shown.
PLACING_KEYS = {"category_style", "category_separator", "categories", "aliases"}
KEYS_WITHOUT_POLICY = {"id", "url", "opml", "path", "title", "every", "ids", "auth", "headers", "paused", *PLACING_KEYS}

# Raise it when templates or renderers write other bytes for the same rows, and together with CLEANING_VERSION.
RENDER_VERSION = 9


def post_settings(folder: PostsConfig) -> "PostSettings":
    from aggregator.posts import PostSettings

    return PostSettings(timezone=folder.timezone, date_offset=folder.date_offset, link=folder.link)


def secret_headers(source: SourceConfig) -> dict[str, str]:
    """Headers that are sent to this source's own origin only."""
    kind, _, secret = source.auth.partition(" ")
    headers = dict(source.headers)
    if kind == "basic":
        headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    elif kind == "bearer":
        headers["Authorization"] = f"Bearer {secret}"
    return headers


def clock_from(environment: Mapping[str, str]) -> Clock:
    """The clock of one-shot commands: AGGREGATOR_NOW (RFC 3339) if it is set, else the system's."""
    text = environment.get("AGGREGATOR_NOW", "")
    if not text:
        return lambda: datetime.now(UTC)
    moment = _moment(text)
    return lambda: moment


def _moment(text: str) -> datetime:
    """Raises UsageError. Times near the ends of the calendar are refused: adding a duration to them would overflow."""
    shown = f"AGGREGATOR_NOW is {shorten(text, 60)!r}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{shown}; write a time such as {SAMPLE_TIME}") from error
    if moment.tzinfo is None:
        raise UsageError(f"{shown}, without a zone; write {SAMPLE_TIME}")
    if not EARLIEST <= moment < LATEST:  # compared before conversion to UTC, which could overflow
        raise UsageError(f"{shown}; write a time from {EARLIEST:%Y} to {LATEST:%Y}, such as {SAMPLE_TIME}")
    return moment.astimezone(UTC)
