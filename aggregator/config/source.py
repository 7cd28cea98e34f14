"""A source as the config has it, and what of it is secret."""

from functools import lru_cache
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, PrivateAttr, field_validator, model_validator

from aggregator.clean.filters import Field as FilterField
from aggregator.config.secrets import NO_SECRECY, Secrecy, names_of_variables, without_variables
from aggregator.config.source_ids import source_id
from aggregator.config.types import (
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
    check_web_url,
)
from aggregator.config.yaml_lines import VARIABLE
from aggregator.text.masking import Hidden, secret_parameters, showable

Filter = dict[FilterField, Regex]
Aliases = dict[CategoryName, tuple[AliasPattern, ...]]


@lru_cache(maxsize=10_000)
def _hidden(values: tuple[tuple[str, str], ...], url: str) -> Hidden:
    return Hidden(values, secret_parameters(url))


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _without_empty(cls, data: Any) -> Any:
        """A key with nothing behind it means its default."""
        if not isinstance(data, dict):
            return data
        return {key: value for key, value in data.items() if value is not None or key not in cls.model_fields}


class SourceConfig(Section):
    """A feed; or with `opml` a reading list, whose address is then its `url`, too."""

    url: Required
    opml: Text = ""
    id: SourceId = ""
    title: Name = ""
    category_style: Literal["path", "flat"] = "flat"
    category_separator: Text = ""
    categories: tuple[Category, ...] = ()
    aliases: Aliases = {}
    every: Every = None
    ids: Literal["auto", "guid", "link"] = "auto"
    republish: Literal["full", "excerpt", "link"] = "full"
    include: tuple[Filter, ...] = ()
    exclude: tuple[Filter, ...] = ()
    auth: HeaderValue = ""
    headers: dict[HeaderName, HeaderValue] = {}
    publish: bool | None = None
    paused: bool = False

    _secrecy: Secrecy = PrivateAttr(default=NO_SECRECY)

    @model_validator(mode="before")
    @classmethod
    def _list(cls, data: Any) -> Any:
        if not isinstance(data, dict) or not data.get("opml"):
            return data
        if data.get("url"):
            raise ValueError("a source has either url, a feed, or opml, a list of feeds; take one of the two away")
        return data | {"url": data["opml"]}

    @property
    def is_remote(self) -> bool:
        return urlsplit(self.url).scheme.lower() in {"http", "https"}

    @property
    def is_published(self) -> bool:
        """Secrets are not published by accident: the default is false where auth or headers are set, or a variable of
        the environment stands in the address."""
        return self.publish if self.publish is not None else not (self.has_secret_headers or self.has_variable)

    @property
    def has_secret_headers(self) -> bool:
        return bool(self.auth or self.headers)

    @property
    def has_variable(self) -> bool:
        """Whether `${NAME}` stands in its address."""
        return bool(self._secrecy.written)

    @property
    def derived_id(self) -> str:
        """The id that is made of its address, as it is written, where it has none of its own."""
        return source_id(names_of_variables(self._secrecy.written) or self.url)

    @property
    def variables(self) -> str:
        """Those in its address, as it is written: `${KEY}`."""
        return ", ".join(dict.fromkeys(f"${{{name}}}" for name in VARIABLE.findall(self._secrecy.written)))

    @property
    def shown_url(self) -> str:
        """The address for the keeper's eyes: with the names of variables, without what looks secret."""
        return showable(self._secrecy.written or self.url)

    @property
    def public_url(self) -> str:
        """The address for everybody: with … for the values of variables and for what looks secret. It is `url` where
        nothing is hidden, and leads nowhere where something is."""
        return showable(without_variables(self._secrecy.written) if self.has_variable else self.url)

    @property
    def hidden(self) -> Hidden:
        """What of its address and its headers stands nowhere but in the request."""
        return _hidden(self._secrecy.values, self.url)

    def of_list(self, **values: Any) -> "SourceConfig":
        """A feed of this reading list: what is secret is for the list's own address."""
        feed = self.model_copy(update=values | {"opml": "", "auth": "", "headers": {}})
        feed._secrecy = NO_SECRECY  # noqa: SLF001 - of the same class
        return feed

    @field_validator("url")
    @classmethod
    def _address(cls, value: str) -> str:
        scheme, mark, rest = value.partition("://")
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
