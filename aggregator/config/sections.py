"""The sections of config.yaml, with their defaults. An unknown key is an error."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from aggregator.config.source import Aliases, Section
from aggregator.config.types import (
    Category,
    CategoryName,
    Count,
    Duration,
    FolderUrl,
    HeaderValue,
    Language,
    Name,
    Network,
    NoHub,
    NoOwnHub,
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
from aggregator.text.slugs import RESERVED


class AuthorConfig(Section):
    name: Name = ""
    email: Text = ""
    uri: OptionalUrl = ""


class SiteConfig(Section):
    title: RequiredName
    url: FolderUrl
    since: Since
    language: Language = "en"
    timezone: Zone = "UTC"
    author: AuthorConfig = AuthorConfig()
    logo: Text = ""
    rights: Name = ""
    templates: Text = ""


class PostsConfig(Section):
    path: Required
    id: SourceId = ""
    title: Name = ""
    category_style: Literal["path", "flat"] = "path"
    category_separator: Text = ""
    categories: tuple[Category, ...] = ()
    timezone: Zone = "UTC"
    date_offset: Offset = timedelta(0)
    link: Text = ""
    pages: bool = True
    gone: Literal["remove", "keep"] = "remove"
    publish: bool = True

    @field_validator("link")
    @classmethod
    def _template(cls, value: str) -> str:
        if value and value.count("{path}") != 1:
            raise ValueError("must contain {path} once, as in https://blog.example/{path}/")
        plain = value.replace("{path}", "path")
        if "{" in plain or "}" in plain:
            raise ValueError("{path} is the only placeholder, as in https://blog.example/{path}/")
        return value if not value or check_web_url(plain) else ""


class CategoriesConfig(Section):
    aliases: Aliases = Field(default={})
    drop: tuple[Pattern, ...] = ("uncategorized", "未分类")
    generic: tuple[Pattern, ...] = ("首页", "分类", "资讯")
    unmapped: Unmapped = "keep"
    most_new: Count = 200
    most: Positive = 20


class AboutConfig(Section):
    title: Name = ""
    description: Name = ""
    icon: Text = ""
    language: Language = ""


class ExtraConfig(Section):
    id: SourceId
    title: Name = ""
    any: tuple[Category, ...] = ()
    all: tuple[Category, ...] = ()
    none: tuple[Category, ...] = ()
    sources: tuple[Text, ...] = ()

    @field_validator("id")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in RESERVED:
            raise ValueError("this name is reserved; use another one")
        return value


Format = Literal["atom", "rss", "json", "posts"]


class FeedsConfig(Section):
    limit: Positive = 50
    window: Duration = timedelta(hours=24)
    formats: tuple[Format, ...] = ("atom", "rss", "json")
    per_source: bool = False
    source_cap: Count = 0
    min_entries: Positive = 1
    depth: Positive = 3
    archive: Positive = 100
    about: dict[CategoryName, AboutConfig] = Field(default={})
    extra: tuple[ExtraConfig, ...] = ()
    hub: NoHub = ""


def _check_prefer(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(as_text, value))
    if value not in ("first", "longest"):
        raise ValueError("write first, longest, or a list of source ids, the preferred one first")
    return value


_PREFER = {"anyOf": [{"enum": ["first", "longest"]}, {"type": "array", "items": {"type": ["string", "number"]}}]}
Prefer = Annotated[str | tuple[str, ...], BeforeValidator(_check_prefer), WithJsonSchema(_PREFER)]


class DuplicatesConfig(Section):
    across_sources: Literal["off", "link", "near"] = "near"
    threshold: Share = 0.85
    window: Duration = timedelta(days=14)
    prefer: Prefer = "first"
    footer: bool = True


class ContentConfig(Section):
    unwrap: tuple[Required, ...] = ("https://cors.zfour.workers.dev/?",)
    placeholders: tuple[Required, ...] = ("https://picsum.photos/*",)
    tracking: tuple[Required, ...] = ()


class FetchConfig(Section):
    concurrency: Positive = 64
    per_host: Positive = 2
    gap: Duration = timedelta(seconds=1)
    min_interval: Duration = timedelta(minutes=10)
    connect_timeout: Wait = timedelta(seconds=5)
    timeout: Wait = timedelta(seconds=30)
    max_bytes: Size = 8 * 2**20
    allow_networks: tuple[Network, ...] = ()
    user_agent: HeaderValue = ""


class ServerConfig(Section):
    host: Required = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: OptionalUrl = ""
    token: HeaderValue = ""
    hub: NoOwnHub = False
