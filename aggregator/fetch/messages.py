"""Requests and answers as plain data, and their headers."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from aggregator.fetch.decoding import ACCEPTED
from aggregator.fetch.obs_text import read_octets
from aggregator.fetch.url import user_info

_WANTED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
_LONGEST_VALIDATOR = 1024
_ONE_VALUE = frozenset({"content-type", "date", "etag", "last-modified", "location", "retry-after"})


@dataclass(frozen=True, slots=True)
class Validators:
    """ETag and Last-Modified, verbatim: quotes and `W/` included (RFC 9110 8.8)."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` are the source's own and may be secret: they are sent only to the origin of `url`."""

    url: str
    validators: Validators = Validators()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """`status`: 200 or 304; `url`: the address that answered; `moved_to`: where permanent redirects alone led, or "".

    `body` is decoded; `received` counts its bytes on the wire; names of `headers` are in lower case. `validators` are
    those for the next request: after a 304 those that it sent, else those of the request. `note`: what was odd about an
    answer that can be used all the same, or "".
    """

    status: int
    url: str
    moved_to: str
    body: bytes
    content_type: str
    validators: Validators
    headers: Mapping[str, str]
    received: int
    note: str = ""


def request_headers(request: Request, user_agent: str, *, at_home: bool, cookies: str = "") -> httpx.Headers:
    """Validators are sent along on every redirect, because the last answer of the chain gave them; the source's own
    headers only if `at_home`. `cookies` follow those of the source's own headers.
    """
    headers = {"accept": _WANTED, "user-agent": user_agent, "accept-encoding": ACCEPTED}
    if request.validators.etag:
        headers["if-none-match"] = request.validators.etag
    if request.validators.last_modified:
        headers["if-modified-since"] = request.validators.last_modified
    if at_home:
        headers |= _own(request)
    if cookies:
        headers["cookie"] = "; ".join(filter(None, (headers.get("cookie"), cookies)))
    return httpx.Headers(headers, encoding="utf-8")


def response_headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case. Repeated headers are joined (RFC 9110 5.3); of those with one value the first counts."""
    headers: dict[str, list[str]] = {}
    for name, value in raw:
        values = headers.setdefault(name.decode("latin-1").lower(), [])
        values.append(_text(value))
    return {name: values[0] if name in _ONE_VALUE else ", ".join(values) for name, values in headers.items()}


def validators(raw: list[tuple[bytes, bytes]], before: Validators = Validators()) -> Validators:
    """The validators of an answer; a missing one is taken from `before`."""
    return Validators(
        etag=_validator(raw, b"etag") or before.etag,
        last_modified=_validator(raw, b"last-modified") or before.last_modified,
    )


def _own(request: Request) -> dict[str, str]:
    own = {name.lower(): value for name, value in request.headers.items()}
    login = user_info(request.url) if "@" in request.url else None
    if login is None:
        return own
    token = b64encode(":".join(login).encode()).decode("ascii")
    return {"authorization": f"Basic {token}"} | own


def _validator(raw: list[tuple[bytes, bytes]], wanted: bytes) -> str:
    """The first header of that name; "" if it has control characters or is very long: no server would accept it."""
    value = next((value for name, value in raw if name.lower() == wanted), b"").strip(b" \t")
    is_legal = all(octet >= 0x20 and octet != 0x7F for octet in value)
    return read_octets(value) if is_legal and len(value) <= _LONGEST_VALIDATOR else ""


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
