"""Rules of JSON Feed 1.1."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from aggregator.text.media_types import is_media_type
from aggregator.text.normalize import FORBIDDEN
from aggregator.validate.finding import EntryCheck, Findings, check_result, fault, warning
from aggregator.validate.values import is_harmless, is_language, is_link, is_rfc3339, is_web

VERSION = "https://jsonfeed.org/version/1.1"
SOURCE = "JSON Feed 1.1"
ValueCheck = Callable[[str, Any], Findings]  # given the key's place in the document and its value


def _is(what: str, is_right: Callable[[Any], bool]) -> ValueCheck:
    def check(place: str, value: Any) -> Findings:
        return () if is_right(value) else (fault(f"{SOURCE}: {place} is {what}", repr(value)),)

    return check


def _texts(is_right: Callable[[str], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and is_right(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not FORBIDDEN.search(value)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


_text = _is("a string without control characters", _is_text)
_nonempty = _is("a string that is not empty", _texts(bool))
_address = _is("an absolute URL", _texts(is_link))
_date = _is("a date of RFC 3339", _texts(is_rfc3339))
_language = _is("a language tag", _texts(is_language))
_media = _is("a media type", _texts(is_media_type))
_amount = _is("a number", _is_amount)
_flag = _is("true or false", lambda value: isinstance(value, bool))


def _icon(place: str, value: Any) -> Findings:
    """The config sets it; a wrong value is only a warning, because it costs one picture and not the feed."""
    yield from _text(place, value)
    if not (isinstance(value, str) and is_web(value)):
        yield warning(f"{SOURCE}: {place} is an absolute URL", repr(value))


def _author_url(place: str, value: Any) -> Findings:
    yield from _is("a URL of a harmless scheme", _texts(is_harmless))(place, value)
    if isinstance(value, str) and is_harmless(value) and not is_link(value):
        yield warning(f"{SOURCE}: {place} is an absolute URL", repr(value))


def _each(check: ValueCheck) -> ValueCheck:
    def check_value(place: str, value: Any) -> Findings:
        if not isinstance(value, list):
            return (fault(f"{SOURCE}: {place} is an array", repr(value)),)
        return [found for one in value for found in check(place, one)]

    return check_value


def _object(known: Mapping[str, ValueCheck], needed: tuple[str, ...] = (), some: tuple[str, ...] = ()) -> ValueCheck:
    """`needed`: required keys; `some`: keys of which at least one is required."""

    def check_value(place: str, value: Any) -> Findings:
        if not isinstance(value, dict):
            return (fault(f"{SOURCE}: {place} is an object", repr(value)),)
        found = [fault(f"{SOURCE}: {place} needs {key}") for key in needed if key not in value]
        if some and not any(key in value for key in some):
            found.append(fault(f"{SOURCE}: {place} needs one of {', '.join(some)}"))
        before = f"{place}." if place else ""
        for key, one in value.items():
            if key in known:
                found += known[key](before + key, one)
            elif not key.startswith("_") or "." in key:
                found.append(fault(f"{SOURCE}: a key of an extension begins with an underscore", before + key))
        return found

    return check_value


_AUTHOR = {"name": _text, "url": _author_url, "avatar": _address}
_authors = _each(_object(_AUTHOR, some=("name", "url", "avatar")))
_ATTACHMENT = {"url": _address, "mime_type": _media, "title": _text, "size_in_bytes": _amount}
_ATTACHMENT["duration_in_seconds"] = _amount
_HUB = {"type": _nonempty, "url": _address}


class Json:
    """`markup` checks HTML."""

    def __init__(self, markup: Callable[[str], Findings]) -> None:
        def html(place: str, value: Any) -> Findings:
            yield from _text(place, value)
            if isinstance(value, str):
                yield from markup(value)

        item = {
            "id": _nonempty,
            "url": _address,
            "external_url": _address,
            "title": _text,
            "content_html": html,
            "content_text": _text,
            "summary": _text,
            "image": _address,
            "banner_image": _address,
            "date_published": _date,
            "date_modified": _date,
            "authors": _authors,
            "tags": _each(_text),
            "language": _language,
            "attachments": _each(_object(_ATTACHMENT, needed=("url", "mime_type"))),
        }
        head = {
            "version": _is(VERSION, lambda value: value == VERSION),
            "title": _nonempty,
            "home_page_url": _address,
            "feed_url": _address,
            "description": _text,
            "user_comment": _text,
            "next_url": _address,
            "icon": _icon,
            "favicon": _icon,
            "authors": _authors,
            "language": _language,
            "expired": _flag,
            "hubs": _each(_object(_HUB, needed=("type", "url"))),
            "items": _is("an array", lambda value: isinstance(value, list)),
        }
        self._item = _object(item, needed=("id",), some=("content_html", "content_text"))
        self._head = _object(head, needed=("version", "title", "items"))

    def head_faults(self, head: Any, address: str) -> Findings:
        yield from self._head("", head)
        if isinstance(head, dict) and head.get("feed_url") != address:
            yield fault(f"{SOURCE}: feed_url is where the feed is published", repr(head.get("feed_url")))

    def check_entry(self, item: Any) -> EntryCheck:
        id_ = str(item.get("id", "")) if isinstance(item, dict) else ""
        return check_result(id_, self._item("items", item))
