"""A source of the config, and its secrets."""

from functools import lru_cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, field_validator, model_validator

from aggregator.clean.filters import Field as FilterField
from aggregator.config.secrets import NO_SECRECY, Secrecy, names_of_variables, without_variables
from aggregator.config.source_ids import source_id
from aggregator.config.types import (
    Age,
    AliasPattern,
    Category,
    CategoryName,
    Every,
    HeaderName,
    HeaderValue,
    Name,
    Regex,
    Required,
    SourceId,
    Text,
)
from aggregator.config.validators import check_web_url
from aggregator.config.yaml_lines import VARIABLE
from aggregator.text.masking import Hidden, secret_parameters, showable

Filter = dict[FilterField, Regex]
Aliases = dict[CategoryName, tuple[AliasPattern, ...]]


@lru_cache(maxsize=10_000)
def _hidden(values: tuple[tuple[str, str], ...], url: str) -> Hidden:
    return Hidden(values, secret_parameters(url))


class Section(BaseModel):
    # Validators are made when they are first used: most sections are read by that of `Config` alone.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: Any) -> Any:
        """A key without a value means its default."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class SourceConfig(Section):
    """A feed; or with `opml` a reading list, whose address is also its `url`."""

    url: Required = Field(description="RSS, Atom or JSON Feed over http(s), or the path of a local file.")
    opml: Text = Field(
        "", description="Instead of url: a reading list (address or path). Its feeds become sources here."
    )
    id: SourceId = Field("", description="Default: made from host and path. It is part of entry ids, so keep it.")
    title: Name = Field("", description="Default: the feed's own title.")
    category_style: Literal["path", "flat"] = Field(
        "flat", description="flat: each category stands alone; path: they are ONE path, outermost first."
    )
    category_separator: Text = Field("", description="Splits a term that holds several, such as a comma; empty: never.")
    categories: tuple[Category, ...] = Field((), description='Given to every entry; "/" separates levels.')
    aliases: Aliases = Field({}, description="Like categories.aliases, but only for this source, and tried first.")
    every: Every = Field(
        None, description='adaptive, an interval, or "cron: 0 * * * *".', json_schema_extra={"default": "adaptive"}
    )
    ids: Literal["auto", "guid", "link"] = Field("auto", description="What identifies an entry of this source.")
    republish: Literal["full", "excerpt", "link"] = Field(
        "full", description="How much of an entry is shown: all, the first words, or only its link."
    )
    include: tuple[Filter, ...] = Field(
        (), description="Only entries that match one of these; field: regular expression (RE2)."
    )
    exclude: tuple[Filter, ...] = Field((), description="No entries that match one of these.")
    auth: HeaderValue = Field(
        "", description='Such as "basic ${USER}:${PASSWORD}" or "bearer ${TOKEN}"; for this source\'s own origin only.'
    )
    headers: dict[HeaderName, HeaderValue] = Field({}, description="Sent to this source's own origin only.")
    publish: bool | None = Field(
        None,
        description="false: in status, but in no feed; the default if auth or headers are set"
        " or url has ${NAME}. true: published even if its publisher asks not to be republished.",
    )
    approve: bool = Field(False, description="true: new entries wait in status until `aggregator entry approve`.")
    max_age: Age = Field(
        None,
        description="Entries that claim to be older than this when they are first seen are stored, and in no feed;"
        " such as 30d. Empty: no limit.",
        json_schema_extra={"default": ""},
    )
    paused: bool = Field(False, description="true: not pulled any more; its entries stay.")

    _secrecy: Secrecy = PrivateAttr(default_factory=lambda: NO_SECRECY)  # `default` would be copied for each source

    @model_validator(mode="before")
    @classmethod
    def _list(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not data.get("opml"):
            return data
        if data.get("url"):
            raise ValueError("a source has either url (a feed) or opml (a list of feeds); remove one of the two")
        return data | {"url": data["opml"]}

    @property
    def is_remote(self) -> bool:
        return self.url.lstrip().lower().startswith(("http:", "https:"))

    @property
    def is_published(self) -> bool:
        """By default false if auth or headers are set or the address has an environment variable, so that private
        feeds are not published by accident."""
        return self.publish if self.publish is not None else not (self.has_secret_headers or self.has_variable)

    @property
    def has_secret_headers(self) -> bool:
        return bool(self.auth or self.headers)

    @property
    def has_variable(self) -> bool:
        """Whether its address has a `${NAME}`."""
        return bool(self._secrecy.written)

    @property
    def is_public(self) -> bool:
        """Whether others, such as a hub, may be told of it: it is published, and no request of it is secret."""
        has_secrets = self.has_secret_headers or self.has_variable or self.hidden
        return self.is_remote and self.is_published and not has_secrets

    @property
    def derived_id(self) -> str:
        """The id made from its address as written, for a source without an id."""
        return source_id(names_of_variables(self._secrecy.written) or self.url)

    @property
    def variables(self) -> str:
        """The variables in its address, as in `${KEY}`, separated by commas."""
        return ", ".join(dict.fromkeys(f"${{{name}}}" for name in VARIABLE.findall(self._secrecy.written)))

    @property
    def shown_url(self) -> str:
        """The address for the operator: with the names of variables, and … for values that look secret."""
        return showable(self._secrecy.written or self.url)

    @property
    def public_url(self) -> str:
        """The address for everybody: with … for variables and for values that look secret. It is `url` if nothing is
        hidden, else no working address."""
        return showable(without_variables(self._secrecy.written) if self.has_variable else self.url)

    @property
    def hidden(self) -> Hidden:
        """The secrets of its address and headers, which only the request may contain."""
        return _hidden(self._secrecy.values, self.url)

    def of_list(self, **values: Any) -> "SourceConfig":
        """A feed of this reading list, without the list's secrets."""
        feed = self.model_copy(update=values | {"opml": "", "auth": "", "headers": {}})
        feed._secrecy = NO_SECRECY  # noqa: SLF001 - of the same class
        return feed

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        scheme, mark, rest = value.strip().partition("://")
        if not mark:
            return value
        if scheme.lower() not in {"http", "https"}:
            raise ValueError(f"cannot fetch {scheme}: addresses; write http(s)://… or the path of a local file")
        if "@" in rest.partition("/")[0]:
            raise ValueError('a password in an address ends up in logs; write auth: "basic ${USER}:${PASSWORD}"')
        return check_web_url(value)

    @field_validator("auth")
    @classmethod
    def _scheme(cls, value: str) -> str:
        kind, _, secret = value.partition(" ")
        if value and (kind not in {"basic", "bearer"} or not secret or (kind == "basic" and ":" not in secret)):
            raise ValueError('write "basic ${USER}:${PASSWORD}" or "bearer ${TOKEN}"')
        return value
