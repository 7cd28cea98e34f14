"""Removes secrets from a document before it is stored, so that none is shown, and a new key changes nothing."""

from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

from aggregator.codec import encode
from aggregator.model.document import FeedDocument, FeedInfo, RawEntry
from aggregator.text.masking import MARK, Hidden, unmarked
from aggregator.text.urls import absolute

T = TypeVar("T")
_MARK = MARK.encode()
_BASES = "base"  # the field of a record that relative references in it resolve against


def scrub_document(document: FeedDocument, base: str, hidden: Hidden) -> tuple[FeedDocument, str]:
    """The document with MARK in place of secrets, and the address that its references resolve against: `base`, which is
    marked already, or the channel's link."""
    home = absolute(hidden.marked(document.about.link), base)
    base = visible_base(base, home)
    drafts = tuple(scrub_draft(draft, home, hidden) for draft in document.drafts)
    problems = tuple(replace(one, message=hidden.masked(one.message)) for one in document.problems)
    deleted = tuple(map(hidden.marked, document.deleted))
    about = _Scrubber(hidden, home).of(document.about)
    faults = tuple(tuple(map(hidden.masked, one)) for one in document.date_faults)
    return replace(document, about=about, drafts=drafts, problems=problems, deleted=deleted, date_faults=faults), base


def scrub_draft(draft: RawEntry, home: str, hidden: Hidden) -> RawEntry:
    """`home`: the channel's link, which replaces a base with a secret."""
    return _Scrubber(hidden, home).of(draft)


def scrub_about(about: FeedInfo, hidden: Hidden) -> FeedInfo:
    """Scrubs one that was cleaned before; addresses that contain a secret are left out, as they would not work."""
    return shown(_Scrubber(hidden, "").of(_without_addresses(about, hidden)))


def _without_addresses(about: FeedInfo, hidden: Hidden) -> FeedInfo:
    return replace(
        about,
        id="" if hidden.holds(about.id) else about.id,
        link="" if hidden.holds(about.link) else about.link,
        icon="" if hidden.holds(about.icon) else about.icon,
        logo="" if hidden.holds(about.logo) else about.logo,
        self_link="" if hidden.holds(about.self_link) else about.self_link,
        hubs=tuple(hub for hub in about.hubs if not hidden.holds(hub)),
    )


def shown(record: T) -> T:
    """The record as people see it, with each MARK replaced."""
    if _MARK not in encode(record):  # nearly every record
        return record
    return cast("T", _mapped(record, lambda text, _: unmarked(text)))


def visible_base(marked: str, home: str) -> str:
    """The base without a secret: its query is cut (RFC 3986 5.2.2); `home` replaces one with a secret elsewhere."""
    if MARK not in marked:
        return marked
    place = marked.partition("#")[0].partition("?")[0]
    return place if MARK not in place else home or place


class _Scrubber:
    def __init__(self, hidden: Hidden, home: str) -> None:
        self._hidden, self._home = hidden, home

    def of(self, record: T) -> T:
        return cast("T", _mapped(record, self._text))

    def _text(self, text: str, name: str) -> str:
        marked = self._hidden.marked(text)
        return visible_base(marked, self._home) if name == _BASES else marked


def _mapped(record: Any, change: Any, name: str = "") -> Any:
    """The record with every text in it changed; the same object where no text changes."""
    if isinstance(record, str):
        return change(record, name)
    if isinstance(record, tuple):
        items = tuple(_mapped(one, change) for one in record)
        return record if all(a is b for a, b in zip(items, record, strict=True)) else items
    if not is_dataclass(record) or isinstance(record, type):
        return record
    before = {one.name: getattr(record, one.name) for one in fields(record)}
    after = {name: _mapped(value, change, name) for name, value in before.items()}
    changed = {name: value for name, value in after.items() if value is not before[name]}
    return replace(record, **changed) if changed else record
