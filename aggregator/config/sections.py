"""The sections of config.yaml, with defaults and descriptions of their keys. An unknown key is an error."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, field_validator

from aggregator.config.source import Aliases, Section
from aggregator.config.types import (
    Category,
    CategoryName,
    Count,
    Duration,
    FolderUrl,
    HeaderValue,
    HubUrl,
    Language,
    Name,
    Network,
    Offset,
    OptionalUrl,
    Pattern,
    Positive,
    Required,
    RequiredName,
    Share,
    Since,
    Size,
    SourceId,
    Text,
    Unmapped,
    Wait,
    Zone,
)
from aggregator.config.validators import as_text, check_web_url
from aggregator.text.post_links import template_fault
from aggregator.text.slugs import RESERVED
from aggregator.text.title_template import PLAIN, title_template_fault


class AuthorConfig(Section):
    name: Name = Field("", description="A name.")
    email: Text = Field("", description="An e-mail address.")
    uri: OptionalUrl = Field("", description="A web address.")


class SiteConfig(Section):
    title: RequiredName = Field(description="The name of the planet.")
    url: FolderUrl = Field(description="Where the output tree is published; the links in the feeds are made from it.")
    since: Since = Field(
        description="A day on which you owned this host (RFC 4151). It is part of new ids; never change it."
    )
    language: Language = Field(
        "en",
        description="A language tag, such as en or zh-CN. Pages and feeds have words in en, de, es, fr, ja, zh-CN and"
        " zh-TW; in others they are English.",
    )
    timezone: Zone = Field("UTC", description="For schedules and pages, such as Europe/Berlin.")
    author: AuthorConfig = Field(AuthorConfig(), description="Who publishes it.")
    logo: Text = Field("", description="The address of a picture.")
    rights: Name = Field("", description="Who holds the rights, or a license.")
    templates: Text = Field("", description="A folder with templates and CSS of your own.")
    front: Literal["river", "list"] = Field(
        "river", description="What index.html shows first: river, the newest entries; list, the feeds."
    )


class PostsConfig(Section):
    path: Required = Field(description="The folder.")
    id: SourceId = Field(
        "", description="The source id of this folder, independent of its path; it is part of entry ids."
    )
    title: Name = Field("", description="Default: site.title.")
    category_style: Literal["path", "flat"] = Field(
        "path", description="path: a post's categories are ONE path, outermost first; flat: each stands alone."
    )
    category_separator: Text = Field("", description="Splits a term that holds several, such as a comma; empty: never.")
    categories: tuple[Category, ...] = Field((), description='Added to every post; "/" separates levels.')
    timezone: Zone = Field("UTC", description="For dates without a time zone.")
    date_offset: Offset = Field(
        timedelta(0),
        description="Added to dates that claim to be UTC: corrects local times labelled GMT.",
        json_schema_extra={"default": "0h"},
    )
    link: Text = Field(
        "",
        description="A link for posts that have none. {path} is the file's path without its suffix, {slug} the front"
        " matter's slug, else the file's name without its date; {title}, {id}, {year}, {month} and {day}, too.",
    )
    pages: bool = Field(True, description="A post without a link gets a page of its own, entries/<slug>.html.")
    gone: Literal["remove", "keep"] = Field(
        "remove", description="What happens when the file is deleted: remove or keep the entry (for mirrors)."
    )
    publish: bool = Field(True, description="false: shown in status, but in no feed.")
    approve: bool = Field(False, description="true: new posts wait in status until `aggregator entry approve`.")

    @field_validator("link")
    @classmethod
    def _template(cls, value: str) -> str:
        if value and (fault := template_fault(value)):
            raise ValueError(fault)
        return value if not value or check_web_url(value.replace("{", "").replace("}", "")) else ""


class CategoriesConfig(Section):
    aliases: Aliases = Field(
        {}, description="By category, its terms: names, globs, re: and an expression; a list matches a path."
    )
    drop: tuple[Pattern, ...] = Field(
        ("uncategorized", "未分类"), description="Removed from a path, with all levels below."
    )
    generic: tuple[Pattern, ...] = Field(
        ("首页", "分类", "资讯"), description="Names that mean nothing alone: removed from the end of a path."
    )
    unmapped: Unmapped = Field(
        "keep",
        description="Terms without a rule: keep, tag (kept on entries, never a feed), drop, or the category that takes"
        " them.",
    )
    most_new: Count = Field(
        200, description="How many feeds terms without a rule may create in all; beyond that they are tags."
    )
    most: Positive = Field(20, description="The most categories of an entry, in the order of the rules.")


def _check_titles(template: str) -> str:
    if template and (fault := title_template_fault(template)):
        raise ValueError(fault)
    return template


Titles = Annotated[Name, AfterValidator(_check_titles)]


class AboutConfig(Section):
    title: Name = Field("", description="The feed's title.")
    description: Name = Field("", description="The feed's description.")
    icon: Text = Field("", description="The address of a picture.")
    language: Language = Field("", description="A language tag; its page has words in it, as with site.language.")
    titles: Titles = Field("", description="As feeds.titles, for this feed.")


class ExtraConfig(Section):
    id: SourceId = Field(description="Its folder.")
    title: Name = Field("", description="Its title.")
    any: tuple[Category, ...] = Field((), description="In one of these categories at least.")
    all: tuple[Category, ...] = Field((), description="In all of these.")
    none: tuple[Category, ...] = Field((), description="In none of these.")
    sources: tuple[Text, ...] = Field((), description="Shown by one of these sources.")

    @field_validator("id")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in RESERVED:
            raise ValueError("this name is reserved; use another one")
        return value


Format = Literal["atom", "rss", "json", "posts"]
ArchiveFormat = Literal["atom", "rss", "json", "html"]


class FeedsConfig(Section):
    limit: Positive = Field(50, description="Entries in a subscription document.")
    window: Duration = Field(
        timedelta(hours=24),
        description="Also all entries of this period, up to 4 × limit together.",
        json_schema_extra={"default": "24h"},
    )
    formats: tuple[Format, ...] = Field(
        ("atom", "rss", "json"), description="posts: the feed as a folder of front-matter files."
    )
    archive_formats: tuple[ArchiveFormat, ...] = Field(
        ("atom", "html"),
        description="Of sealed archive pages, those that formats has, too; if it has none of them, its first stands for"
        " Atom.",
    )
    pages: Literal["all", "window", "none"] = Field(
        "all", description="Which HTML pages are made of feeds: all; window, without archive pages; none."
    )
    per_source: bool = Field(False, description="Also a feed for every source, source/<id>.")
    source_cap: Count = Field(0, description="Most entries of one source in a combined feed; 0: no cap.")
    min_entries: Positive = Field(
        5,
        description="With fewer stored entries a category has no feed of its own, unless the config names it or (by"
        " default) a local post uses it; with three or more sources, one source alone needs 10.",
    )
    titles: Titles = Field(
        PLAIN, description="Titles of entries in combined feeds, of {title} and {source}, as in {source}: {title}."
    )
    byline: bool = Field(False, description="The text of an entry begins with a line that names and links its source.")
    depth: Positive = Field(3, description="The deepest category path with a feed of its own.")
    backlog: Count = Field(
        10,
        description="Entries of a source that joins later which become news, the newest; all others are in archives and"
        " on pages only. 0: all.",
    )
    archive: Positive = Field(100, description="Entries in a sealed archive page.")
    about: dict[CategoryName, AboutConfig] = Field(
        {}, description="Title, description and the like of a feed; the key is its category, or all."
    )
    extra: tuple[ExtraConfig, ...] = Field((), description="Feeds of chosen categories or sources.")
    hub: HubUrl = Field(
        "", description="A WebSub hub that every feed names, and that is told of each change; not beside server.hub."
    )


def _check_prefer(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(as_text, value))
    if value not in ("first", "longest"):
        raise ValueError("write first, longest, or a list of source ids, the preferred one first")
    return value


_PREFER = {"anyOf": [{"enum": ["first", "longest"]}, {"type": "array", "items": {"type": ["string", "number"]}}]}
Prefer = Annotated[str | tuple[str, ...], BeforeValidator(_check_prefer), WithJsonSchema(_PREFER)]


class DuplicatesConfig(Section):
    across_sources: Literal["off", "link", "near"] = Field(
        "near", description="off; link: the same link; near: also nearly the same text."
    )
    threshold: Share = Field(0.85, description="The share of the text that must be the same.")
    window: Duration = Field(
        timedelta(days=14),
        description="How far apart in time they may be published.",
        json_schema_extra={"default": "14d"},
    )
    prefer: Prefer = Field("first", description="Which one is shown: first, longest, or a list of source ids.")
    footer: bool = Field(True, description="Name the other sources at the end of the entry.")


class ContentConfig(Section):
    unwrap: tuple[Required, ...] = Field(
        ("https://cors.zfour.workers.dev/?",), description="Prefixes of proxies; the real address follows the prefix."
    )
    placeholders: tuple[Required, ...] = Field(
        ("https://picsum.photos/*",), description="Placeholder pictures, which are removed."
    )
    tracking: tuple[Required, ...] = Field(
        (), description="Tracking parameters of links, in addition to the built-in list."
    )


class FetchConfig(Section):
    concurrency: Positive = Field(64, description="Pulls at once.")
    per_host: Positive = Field(2, description="Pulls at once from a host.")
    gap: Duration = Field(
        timedelta(seconds=1), description="Between two requests to a host.", json_schema_extra={"default": "1s"}
    )
    min_interval: Duration = Field(
        timedelta(minutes=10), description="No source is pulled more often.", json_schema_extra={"default": "10m"}
    )
    connect_timeout: Wait = Field(
        timedelta(seconds=5), description="The most that connecting may take.", json_schema_extra={"default": "5s"}
    )
    timeout: Wait = Field(
        timedelta(seconds=30), description="The most time that one pull may take.", json_schema_extra={"default": "30s"}
    )
    max_bytes: Size = Field(8 * 2**20, description="The largest answer.", json_schema_extra={"default": "8MiB"})
    allow_networks: tuple[Network, ...] = Field(
        (), description="Private networks that may be accessed, such as 127.0.0.0/8."
    )
    user_agent: HeaderValue = Field("", description="The User-Agent header.")


class ServerConfig(Section):
    host: Required = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port; 0: any.")
    public_url: OptionalUrl = Field("", description="Its address as seen from outside, where hubs deliver news.")
    token: HeaderValue = Field("", description="The token for POST /api; without it the API is off.")
    hub: bool = Field(
        False, description="The daemon is the WebSub hub of its feeds, at websub/hub below public_url, which it needs."
    )


class TakedownConfig(Section):
    tombstones: bool = Field(
        True, description="Atom names withdrawn entries for 30 days (RFC 6721), so that readers delete them."
    )
    stubs: bool = Field(
        True,
        description="RSS and JSON Feed show a withdrawn entry for 7 days as one word, Removed, so that readers"
        " overwrite it; not where only a post was deleted.",
    )
