"""What Miniflux's API answers to `GET /v1/feeds`: a list of feeds in JSON. Its OPML has the same settings.

What only describes a feed, or concerns its reading there, is no setting. A feed that needs a password is left out: the
file holds it, and the config must not.
"""

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from aggregator.subscriptions.imports.filters import checked, filters
from aggregator.subscriptions.imports.found import (
    MOST,
    Filters,
    Found,
    Remark,
    Settings,
    Subscription,
    as_name,
    no_counterpart,
    sorted_out,
)
from aggregator.text.json_values import or_empty
from aggregator.text.normalize import legal

KIND = "Miniflux's list of feeds"
NO_CATEGORY = "All"  # where Miniflux puts feeds that nobody sorted
_FACTS = frozenset(
    "id userid feedurl siteurl title description category icon iconurl entries etagheader lastmodifiedheader checkedat"
    " nextcheckat parsingerrormessage parsingerrorcount unreadcount readcount numberofvisibleentries ttl language"
    " feediconid faviconurl contentchangedat".split()
)
_SECRET = ("username", "password")
_RULES = {
    "blocklistrules": "exclude",
    "keeplistrules": "include",
    "blockfilterentryrules": "exclude",
    "keepfilterentryrules": "include",
}
_TEXTS = ("title", "link", "author", "category")  # what an expression without a field is searched in
_FIELDS = {
    "EntryTitle": "title",
    "EntryURL": "link",
    "EntryAuthor": "author",
    "EntryTag": "category",
    "EntryContent": "content",
}
_FALSE = frozenset({"false", "0", "f"})
_BROKEN = object()


def read(text: str) -> Found | None:
    """None if the text is something else."""
    items = list(islice(_items(text), MOST + 1)) if text.lstrip()[:1] in {"[", "{"} else []
    if not any(isinstance(item, dict) and "feed_url" in item and "items" not in item for _, item in items):
        return None  # a JSON Feed has a feed_url, too
    return sorted_out(KIND, (_feed(line, item) for line, item in items))


def _items(text: str) -> Iterator[tuple[int, Any]]:
    """The members of a list, or the one object, each with its line. What is no JSON ends them as _BROKEN."""
    decoder = json.JSONDecoder()
    at = len(text) - len(text.lstrip())
    line, counted = 1, 0
    at += text[at] == "["
    while (at := _past(text, at)) < len(text) and text[at] != "]":
        line, counted = line + text.count("\n", counted, at), at
        try:
            item, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            yield line, _BROKEN
            return
        yield line, item


def _past(text: str, at: int) -> int:
    """The place of the next character that is neither a blank nor a comma."""
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _feed(line: int, item: Any) -> Subscription | Remark:
    if item is _BROKEN:
        return Remark(line, "", "it is not JSON; what is from here on is not read")
    if not isinstance(item, dict) or not isinstance(item.get("feed_url"), str):
        return Remark(line, "", "it has no feed_url, the address of a feed")
    title = as_name(or_empty(str, item.get("title")))
    if any(item.get(name) for name in _SECRET):
        message = 'needs a user name and a password; write it into the config with auth: "basic ${USER}:${PASSWORD}"'
        return Remark(line, title, message)
    category = item.get("category")
    folder = as_name(or_empty(str, category.get("title"))) if isinstance(category, dict) else ""
    categories = () if folder in {"", NO_CATEGORY} else ((folder,),)
    settings, unused = settings_of({name: value for name, value in item.items() if _plain(name) not in _FACTS})
    return Subscription(line, legal(item["feed_url"]).strip(), title, categories, settings, unused)


def _plain(name: str) -> str:
    """The name of a setting that JSON and OPML spell in two ways: `blocklist_rules`, `blocklistRules`."""
    return name.replace("_", "").lower()


def settings_of(values: Mapping[str, Any]) -> tuple[Settings, tuple[str, ...]]:
    """Settings of a feed in words of the config, and what of them has no counterpart."""
    settings: dict[str, str | Filters] = {}
    faults: list[str] = []
    others: list[str] = []
    for name, value in values.items():
        plain = _plain(name)
        if not value or (isinstance(value, str) and value.lower() in _FALSE):
            continue
        if plain == "disabled":
            settings["paused"] = "true"
        elif plain in _RULES:
            try:
                _add(settings, _RULES[plain], _rules(plain, value))
            except ValueError as error:
                faults.append(f"{as_name(name)}: {error}")
        else:
            others.append(name)
    return settings, (*faults, *no_counterpart(others))


def _add(settings: dict[str, str | Filters], key: str, rules: Filters) -> None:
    """Raises ValueError where an entry would have to match both of two lists."""
    if key == "include" and key in settings:
        raise ValueError("an entry must match two lists of rules, which has no counterpart here")
    settings[key] = [*(one for one in settings.get(key, ()) if not isinstance(one, str)), *rules]


def _rules(name: str, written: Any) -> Filters:
    """One expression for several fields, or lines of `field=expression`. Raises ValueError."""
    if not isinstance(written, str):
        raise ValueError("it is no text")
    if "filter" not in name:
        return filters([written.strip()], _TEXTS)
    found: list[Mapping[str, str]] = []
    for line in checked(list(filter(None, map(str.strip, written.splitlines())))):
        field, _, expression = line.partition("=")
        if field not in _FIELDS:
            raise ValueError(f"{as_name(field)} has no counterpart here")
        found += filters([expression], [_FIELDS[field]])
    return found
