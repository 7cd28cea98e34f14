"""The shape of config.yaml, with its defaults. An unknown key is an error."""

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from aggregator.config.values import (
    AliasPattern,
    Category,
    Duration,
    Every,
    Name,
    Network,
    Offset,
    Pattern,
    Regex,
    Size,
    WebUrl,
    Zone,
    check_web_url,
)
from aggregator.filters import Field as FilterField
from aggregator.slugs import RESERVED, slugify

SourceId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=100)]
Filter = dict[FilterField, Regex]
Positive = Annotated[int, Field(ge=1)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuthorConfig(Section):
    name: Name = ""
    email: str = ""
    uri: str = ""


class SiteConfig(Section):
    title: Annotated[Name, Field(min_length=1)]
    url: WebUrl
    since: date
    language: str = "en"
    timezone: Zone = "UTC"
    author: AuthorConfig = AuthorConfig()
    logo: str = ""
    rights: str = ""
    templates: str = ""

    @field_validator("url")
    @classmethod
    def _folder(cls, value: str) -> str:
        if "?" in value or "#" in value:
            raise ValueError("must be the address of a folder, without ? or #")
        return value if value.endswith("/") else value + "/"


class PostsConfig(Section):
    path: Annotated[str, Field(min_length=1)]
    id: SourceId = ""
    title: Name = ""
    category_style: Literal["path", "flat"] = "path"
    categories: tuple[Category, ...] = ()
    timezone: Zone = "UTC"
    date_offset: Offset = timedelta(0)
    link: str = ""
    pages: bool = True
    gone: Literal["remove", "keep"] = "remove"
    publish: bool = True

    @field_validator("link")
    @classmethod
    def _template(cls, value: str) -> str:
        if value:
            check_web_url(value.replace("{path}", "path"))
            if "{path}" not in value:
                raise ValueError("must hold {path}, such as https://blog.example/{path}/")
        return value


class SourceConfig(Section):
    url: Annotated[str, Field(min_length=1)]
    id: SourceId = ""
    title: Name = ""
    category_style: Literal["path", "flat"] = "flat"
    categories: tuple[Category, ...] = ()
    aliases: dict[Name, tuple[AliasPattern, ...]] = {}
    every: Every = None
    ids: Literal["auto", "guid", "link"] = "auto"
    republish: Literal["full", "excerpt", "link"] = "full"
    include: tuple[Filter, ...] = ()
    exclude: tuple[Filter, ...] = ()
    auth: str = ""
    headers: dict[str, str] = {}
    publish: bool | None = None

    @property
    def is_remote(self) -> bool:
        return urlsplit(self.url).scheme.lower() in {"http", "https"}

    @property
    def is_published(self) -> bool:
        """Secrets are not published by accident: the default is false where auth or headers are set."""
        return self.publish if self.publish is not None else not (self.auth or self.headers)

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        if "://" not in value:
            return value
        try:
            parts = urlsplit(value)
        except ValueError as error:
            raise ValueError(f"not an address: {error}") from error
        if parts.scheme.lower() not in {"http", "https"}:
            raise ValueError(f"cannot fetch {parts.scheme}: addresses; write http(s)://… or the path of a local file")
        if parts.username or parts.password:
            raise ValueError('a password in an address ends up in logs; write auth: "basic ${USER}:${PASSWORD}"')
        return check_web_url(value)

    @field_validator("auth")
    @classmethod
    def _scheme(cls, value: str) -> str:
        kind, _, secret = value.partition(" ")
        if value and (kind not in {"basic", "bearer"} or not secret or (kind == "basic" and ":" not in secret)):
            raise ValueError('write "basic ${USER}:${PASSWORD}" or "bearer ${TOKEN}"')
        return value


class CategoriesConfig(Section):
    aliases: dict[Name, tuple[AliasPattern, ...]] = {}
    drop: tuple[Pattern, ...] = ("uncategorized", "未分类")
    generic: tuple[Pattern, ...] = ("首页", "分类", "资讯")
    unmapped: Name = "keep"
    most: Positive = 20


class AboutConfig(Section):
    title: Name = ""
    description: Name = ""
    icon: str = ""
    language: str = ""


class ExtraConfig(Section):
    id: SourceId
    title: Name = ""
    any: tuple[Category, ...] = ()
    all: tuple[Category, ...] = ()
    none: tuple[Category, ...] = ()
    sources: tuple[str, ...] = ()

    @field_validator("id")
    @classmethod
    def _free(cls, value: str) -> str:
        if value in RESERVED:
            raise ValueError("this name is reserved")
        return value


class FeedsConfig(Section):
    limit: Positive = 50
    window: Duration = timedelta(hours=24)
    formats: tuple[Literal["atom", "rss", "json", "posts"], ...] = ("atom", "rss", "json")
    per_source: bool = False
    source_cap: Annotated[int, Field(ge=0)] = 0
    min_entries: Positive = 1
    depth: Positive = 3
    archive: Positive = 100
    about: dict[Name, AboutConfig] = {}
    extra: tuple[ExtraConfig, ...] = ()
    hub: str = ""


class DuplicatesConfig(Section):
    across_sources: Literal["off", "link", "near"] = "near"
    threshold: Annotated[float, Field(gt=0, le=1)] = 0.85
    window: Duration = timedelta(days=14)
    prefer: Literal["first", "longest"] | tuple[str, ...] = "first"
    footer: bool = True

    @field_validator("across_sources", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        """YAML 1.1 reads a bare `off` as false."""
        return "off" if value is False else value


class ContentConfig(Section):
    unwrap: tuple[str, ...] = ("https://cors.zfour.workers.dev/?",)
    placeholders: tuple[str, ...] = ("https://picsum.photos/*",)
    tracking: tuple[str, ...] = ()


class FetchConfig(Section):
    concurrency: Positive = 64
    per_host: Positive = 2
    gap: Duration = timedelta(seconds=1)
    min_interval: Duration = timedelta(minutes=10)
    connect_timeout: Duration = timedelta(seconds=5)
    timeout: Duration = timedelta(seconds=30)
    max_bytes: Annotated[Size, Field(ge=1)] = 8 * 2**20
    allow_networks: tuple[Network, ...] = ()
    user_agent: str = ""


class ServerConfig(Section):
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    public_url: str = ""
    token: str = ""
    hub: bool = False


class Config(Section):
    """The whole file. Relative paths are relative to `root`, the folder of the file."""

    site: SiteConfig
    output: Annotated[str, Field(min_length=1)] = "feeds"
    state: Annotated[str, Field(min_length=1)] = ".aggregator/state.db"
    posts: tuple[PostsConfig, ...] | None = None
    sources: tuple[SourceConfig, ...] = ()
    categories: CategoriesConfig = CategoriesConfig()
    feeds: FeedsConfig = FeedsConfig()
    duplicates: DuplicatesConfig = DuplicatesConfig()
    content: ContentConfig = ContentConfig()
    fetch: FetchConfig = FetchConfig()
    server: ServerConfig = ServerConfig()
    retention: Literal["forever"] | Duration = "forever"

    _file: Path = PrivateAttr(default=Path("config.yaml"))
    _lines: dict[tuple[str | int, ...], int] = PrivateAttr(default_factory=dict)

    @property
    def root(self) -> Path:
        return self._file.parent

    @property
    def output_path(self) -> Path:
        return self.root / self.output

    def where(self, *keys: str | int) -> str:
        """`config.yaml:LINE` of a key, or of the nearest one above it that stands in the file."""
        path: tuple[str | int, ...] = keys
        while path and path not in self._lines:
            path = path[:-1]
        return f"{self._file.name}:{self._lines[path]}" if path in self._lines else self._file.name

    @model_validator(mode="before")
    @classmethod
    def _named(cls, data: Any) -> Any:
        """Posts folders and sources without an id get one; YAML's empty sections mean their defaults."""
        if not isinstance(data, dict):
            return data
        data = {key: value for key, value in data.items() if value is not None}
        taken = {item["id"] for key in ("posts", "sources") for item in _mappings(data.get(key)) if item.get("id")}
        data |= {
            key: [_identified(item, key, taken) if isinstance(item, dict) else item for item in data[key]]
            for key in ("posts", "sources")
            if isinstance(data.get(key), list)
        }
        return data

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        ids = [*(folder.id for folder in self.posts or ()), *(source.id for source in self.sources)]
        if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
            raise ValueError(f"the id {twice} stands for two sources; each needs its own")
        return self


def _mappings(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _identified(item: dict[str, Any], key: str, taken: set[str]) -> dict[str, Any]:
    if item.get("id"):
        return item
    base = candidate = "posts" if key == "posts" else source_id(str(item.get("url", "")))
    number = 2
    while candidate in taken:
        candidate, number = f"{base}-{number}", number + 1
    taken.add(candidate)
    return item | {"id": candidate}


def source_id(url: str) -> str:
    """An id made of host and path: [a-z0-9-], at most 60 characters."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].removeprefix("www.")
    except ValueError:
        return slugify(url)
    return slugify(f"{host} {unquote(parts.path)}" if host else Path(url).name.replace(".", " "))
