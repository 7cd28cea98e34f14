"""The secrets of a source: environment variables in its address, its auth and its headers."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aggregator.config.source_ids import has_id, with_ids
from aggregator.config.yaml_lines import VARIABLE, Keys
from aggregator.text.masking import MASK, looks_secret

PUBLIC = frozenset({"site", "feeds", "posts", "categories", "output"})  # sections that are published
_SECRET_HEADERS = frozenset({"cookie", "authorization", "proxy-authorization"})


@dataclass(frozen=True, slots=True)
class Secrecy:
    """`written`: the source's address as in the file if it has a variable, else ""; `values`: (secret, replacement),
    to redact foreign text."""

    written: str = ""
    values: tuple[tuple[str, str], ...] = ()


NO_SECRECY = Secrecy()


@dataclass(frozen=True, slots=True)
class Variables:
    """The environment variables of a config. `written`: texts that contain some, by their keys; `values`: by name."""

    written: Mapping[Keys, str]
    values: Mapping[str, str]

    def secrecy(self, place: int, auth: str, headers: Mapping[str, str]) -> Secrecy:
        """The secrets of the source at this index."""
        keys = ("sources", place)
        written = self.written.get((*keys, "url")) or self.written.get((*keys, "opml")) or ""
        texts = [written, *(text for one, text in self.written.items() if one[:3] == (*keys, "headers"))]
        named = [pair for text in texts for pair in self._secret(text)]
        return Secrecy(written, tuple(dict.fromkeys((*named, *_in_auth(auth), *_in_headers(headers)))))

    def _secret(self, text: str) -> Iterator[tuple[str, str]]:
        for name in VARIABLE.findall(text):
            if name not in self._public():
                yield self.values[name], f"${{{name}}}"

    def _public(self) -> set[str]:
        texts = (text for keys, text in self.written.items() if keys[0] in PUBLIC or keys == ("server", "public_url"))
        return {name for text in texts for name in VARIABLE.findall(text)}


def _in_auth(auth: str) -> Iterator[tuple[str, str]]:
    kind, _, secret = auth.partition(" ")
    if kind == "basic":
        yield base64.b64encode(secret.encode()).decode(), MASK
        yield secret.partition(":")[2], MASK
    if secret:
        yield secret, MASK


def _in_headers(headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in headers.items():
        if looks_secret(name) or name.lower() in _SECRET_HEADERS:
            yield from ((one, MASK) for one in (value, value.rpartition(" ")[2]))


def without_variables(written: str) -> str:
    """An address with … for each variable."""
    return VARIABLE.sub(MASK, written)


def names_of_variables(written: str) -> str:
    """An address with the names of its variables, for an id."""
    return VARIABLE.sub(r"\1", written)


def with_ids_as_written(written: Mapping[str, Any], expanded: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The expanded config, each source with an id made from its address as written, so that no id contains the value
    of a variable; and those ids → the former ids, which did."""
    sources = expanded.get("sources")
    if not isinstance(sources, list) or not isinstance(written.get("sources"), list):
        return expanded, {}
    items = [_as_written(*pair) for pair in zip(written["sources"], sources, strict=True)]
    ids = [_id(one) for one in with_ids(expanded | {"sources": items})["sources"]]
    former = [_id(one) for one in with_ids(expanded)["sources"]]
    named = [one if has_id(one) or not id_ else one | {"id": id_} for one, id_ in zip(sources, ids, strict=True)]
    return expanded | {"sources": named}, {new: old for new, old in zip(ids, former, strict=True) if new != old}


def _as_written(written: Any, expanded: Any) -> Any:
    if not isinstance(written, dict) or not isinstance(expanded, dict):
        return expanded
    texts = {key: names_of_variables(text) for key in ("url", "opml") if isinstance(text := written.get(key), str)}
    return expanded | {key: text for key, text in texts.items() if text != written[key]}


def _id(item: Any) -> str:
    return str(item.get("id") or "") if isinstance(item, dict) else ""
