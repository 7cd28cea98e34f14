"""The config as the plain values that each package takes."""

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator import __version__
from aggregator.categories import Rules, Style, key_of
from aggregator.categories.own_feeds import FeedRule
from aggregator.clean.filters import Filter
from aggregator.codec import digest, frozen_text, unpack_or
from aggregator.config import Config, PostsConfig, RuleBook, SourceConfig
from aggregator.model.archive_paging import Paging
from aggregator.model.document import Person
from aggregator.model.feed import Site
from aggregator.polling import Schedule
from aggregator.text.title_template import PLAIN
from aggregator.text.urls import ContentSettings

if TYPE_CHECKING:  # these take a fifth of a second to load, and read-only commands do not need them
    from aggregator.dedup.comparable import Signing
    from aggregator.fetch import FetchSettings
    from aggregator.posts import PostSettings

HUB_PATH = "websub/hub"  # of our own hub, on our server

# Keys of a source that decide where its terms go; keys that do not change how its entries are shown.
PLACING_KEYS = {"category_style", "category_separator", "categories", "aliases"}
ASKING_KEYS = {"id", "url", "opml", "path", "title", "every", "ids", "auth", "headers", "paused"}
FIRST_SIGHT_KEYS = {"approve", "max_age"}  # they decide when an entry is first seen
KEYS_WITHOUT_POLICY = ASKING_KEYS | FIRST_SIGHT_KEYS | PLACING_KEYS


@dataclass(frozen=True, slots=True)
class SourcePolicy:
    """How one source is treated. `rules` place its terms, each with its file and line; `drops_gone`: a post leaves the
    feeds when its file is deleted; `has_pages`: a post without a link gets a page; `ignores_opt_out`: entries are
    published even if they ask not to be republished; `approve`: new entries wait for a person; `max_age`: an entry that
    is older at first sight is in no feed."""

    rules: Rules
    style: Style = "flat"
    drops_gone: bool = False
    has_pages: bool = False
    include: tuple[Filter, ...] = ()
    exclude: tuple[Filter, ...] = ()
    ignores_opt_out: bool = False
    approve: bool = False
    max_age: timedelta | None = None

    def kept_back(self, claimed: datetime | None, seen_at: datetime) -> str:
        """The state of an entry with this claimed date that is first seen then: "too-old", or "" for shown."""
        is_too_old = self.max_age is not None and claimed is not None and claimed < seen_at - self.max_age
        return "too-old" if is_too_old else ""


def site_of(config: Config) -> Site:
    site = config.site
    author = Person(site.author.name, site.author.uri, site.author.email)
    return Site(
        title=site.title,
        url=site.url,
        language=site.language,
        author=author,
        logo=site.logo,
        rights=site.rights,
        timezone=site.timezone,
        hub=hub_of(config),
        footer=config.duplicates.footer,
        byline=config.feeds.byline,
        front=site.front,
        has_pages=config.feeds.pages != "none",
    )


def hub_of(config: Config) -> str:
    """The address of the hub that feeds name: our own, or another one; "" for none."""
    return own_hub(config) or config.feeds.hub


def own_hub(config: Config) -> str:
    """The address of this server's hub; "" where it is none."""
    return f"{config.server.public_url.rstrip('/')}/{HUB_PATH}" if config.server.hub else ""


def content_settings(config: Config) -> ContentSettings:
    content = config.content
    return ContentSettings(content.unwrap, content.placeholders, content.tracking)


def signing_of(config: Config, boilerplate: bytes | None) -> "Signing":
    """How worker processes sign the texts of a source. `boilerplate`: what it was known to repeat, packed."""
    from aggregator.dedup.comparable import Signing

    is_near = config.duplicates.across_sources == "near" and len(config.sources) + len(config.posts) > 1
    repeated = frozenset(unpack_or(boilerplate, tuple[str, ...], ()))
    return Signing(config.duplicates.threshold if is_near else 0.0, repeated)


def fetch_settings(config: Config) -> "FetchSettings":
    from aggregator.fetch import FetchSettings

    fetch = config.fetch
    return FetchSettings(
        concurrency=fetch.concurrency,
        per_host=fetch.per_host,
        gap=fetch.gap,
        connect_timeout=fetch.connect_timeout,
        timeout=fetch.timeout,
        max_bytes=fetch.max_bytes,
        allow_networks=fetch.allow_networks,
        user_agent=fetch.user_agent or f"aggregator/{__version__} (+{config.site.url})",
    )


def schedule_of(config: Config, source: SourceConfig) -> Schedule:
    return Schedule(source.every, config.fetch.min_interval, config.site.timezone)


def templates_folder(config: Config) -> Path | None:
    return config.root / config.site.templates if config.site.templates else None


def missing_templates(config: Config) -> str:
    """The message about `site.templates` naming a missing folder; "" if it exists or is not set."""
    own = templates_folder(config)
    if own is None or own.is_dir():
        return ""
    return f"there is no folder {config.site.templates}, so pages look as they do without it"


def source_policy(book: RuleBook, source_id: str) -> "SourcePolicy":
    """How one source is treated. A source that left the config gets the defaults."""
    section = book.section(source_id)
    if section is None:
        return SourcePolicy(Rules())
    rules, style = book.of(source_id), section.category_style
    if isinstance(section, PostsConfig):
        return SourcePolicy(rules, style, section.gone == "remove", section.pages, approve=section.approve)
    return SourcePolicy(
        rules,
        style,
        include=section.include,
        exclude=section.exclude,
        ignores_opt_out=section.publish is True,
        approve=section.approve,
        max_age=section.max_age,
    )


def spellings(book: RuleBook) -> dict[tuple[str, ...], str]:
    """How the config spells its categories, by path of folded names; the first spelling wins."""
    found: dict[tuple[str, ...], str] = {}
    for path in book.targets():
        key = key_of(path)
        for depth in range(1, len(path) + 1):
            found.setdefault(key[:depth], path[depth - 1])
    return found


def named_categories(book: RuleBook) -> frozenset[tuple[str, ...]]:
    """The categories that the config names, and their parents, as paths of folded names."""
    paths = map(key_of, book.named())
    return frozenset(path[:depth] for path in paths for depth in range(1, len(path) + 1))


def title_templates(config: Config) -> tuple[str, ...]:
    """All templates that titles of entries may be made by, but the one that changes nothing."""
    feeds = config.feeds
    wanted = dict.fromkeys((feeds.titles, *(about.titles for about in feeds.about.values())))
    return tuple(one for one in wanted if one not in ("", PLAIN))


def feed_rule(config: Config, *, sources: int) -> FeedRule:
    """`sources`: how many sources the planet publishes, posts folders included."""
    feeds = config.feeds
    is_explicit = "min_entries" in feeds.model_fields_set
    return FeedRule(feeds.min_entries, is_explicit, sources, config.categories.unmapped != "tag")


def placing_digest(config: Config) -> str:
    """Changes when a change of the config may place terms differently or choose another winner."""
    shape = [
        config.categories.model_dump_json(exclude={"most_new"}),
        config.duplicates.model_dump_json(include={"prefer"}),
        *(f"{one.id} {one.model_dump_json(include=PLACING_KEYS)}" for one in _sections(config)),
    ]
    return digest(shape)


def policy_digests(config: Config) -> dict[str, str]:
    """By source: changes when a change of the config may show or withhold its entries differently."""
    return {one.id: digest(one.model_dump_json(exclude=KEYS_WITHOUT_POLICY)) for one in _sections(config)}


def extra_digest(config: Config) -> str:
    """Changes when a feed of `feeds.extra` may hold other entries."""
    return digest([extra.model_dump_json() for extra in config.feeds.extra])


def design_digest(config: Config, version: str) -> str:
    """Changes when the config, the user's templates or this program may write the same entry differently. `version`: of
    what renders."""
    own = templates_folder(config)
    files = sorted(file for file in own.rglob("*") if file.is_file()) if own else []
    contents = [(file.name, file.read_bytes()) for file in files]
    return digest([frozen_text("Site", site_of(config)), contents, sorted(config.feeds.formats), version])


def rendering_digest(config: Config, design: str) -> str:
    """Changes when the same rows may be rendered differently. `design`: see `design_digest`."""
    feeds = config.feeds.model_dump_json(exclude={"extra", "backlog"}) + config.content.model_dump_json()
    order = [one.id for one in _sections(config)]  # an entry names its other sources in this order
    return digest([design, feeds, order])


def paging_of(config: Config) -> Paging:
    return Paging(config.feeds.limit, config.feeds.archive)


def _sections(config: Config) -> tuple[PostsConfig | SourceConfig, ...]:
    return *config.posts, *config.feeds_to_pull


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
