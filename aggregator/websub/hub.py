"""Requests to our own hub: what they may ask for, and who may ask (WebSub 5.1).

A request is answered before its callback is asked. So an answer says nothing of the callback, and a request costs one
row.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, unquote

from aggregator.app import App
from aggregator.errors import AggregatorError, FetchError
from aggregator.fetch import place_of
from aggregator.fetch.network_guard import Guard
from aggregator.fetch.url import host, parse, user_info
from aggregator.store import HubRequestRow, Transaction
from aggregator.text.media_types import feed_type

MODES = ("subscribe", "unsubscribe")
KNOWN = ("hub.mode", "hub.topic", "hub.callback", "hub.secret", "hub.lease_seconds")  # all others are ignored
LONGEST_ADDRESS = 2048  # characters
LONGEST_SECRET = 200  # bytes
MOST_FIELDS = 50
SHORTEST_LEASE, USUAL_LEASE, LONGEST_LEASE = timedelta(minutes=5), timedelta(days=10), timedelta(days=14)

MOST_OF_TOPIC = 10_000  # subscriptions
MOST_OF_HOST = 2_000  # subscriptions of callbacks at one host, over all topics
MOST_WAITING = 1_000  # requests that are not confirmed yet
MOST_WAITING_OF_HOST = 200


class HubRefusedError(AggregatorError):
    """`status`: of the HTTP answer; the text says what would be right, to the developer of the subscriber."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class HubRequest:
    mode: str
    topic: str
    callback: str
    secret: str = ""
    lease: timedelta = USUAL_LEASE


def take(app: App, form: bytes) -> None:
    """Stores a request, so that its callback is asked. Waits for the disk. Raises HubRefusedError, and what the store
    raises."""
    request = read_form(form)
    check_callback(request.callback, Guard(app.config.fetch.allow_networks))
    with app.store.write() as tx:
        store_request(app, tx, request, app.clock())


def read_form(form: bytes) -> HubRequest:
    """A form as browsers send it, in UTF-8. Raises HubRefusedError."""
    values = _values(form)
    mode = values.get("hub.mode", "")
    if mode == "publish":
        raise HubRefusedError(400, "this hub publishes the feeds of its own planet, and knows when they change")
    if mode not in MODES:
        raise HubRefusedError(400, "hub.mode must be subscribe or unsubscribe")
    for name in ("hub.topic", "hub.callback"):
        if not 0 < len(values.get(name, "")) <= LONGEST_ADDRESS:
            raise HubRefusedError(400, f"{name} must be an address of at most {LONGEST_ADDRESS:,} characters")
    secret = values.get("hub.secret", "")
    if len(secret.encode()) > LONGEST_SECRET:
        raise HubRefusedError(400, f"hub.secret must have at most {LONGEST_SECRET} bytes")
    lease = _lease(values.get("hub.lease_seconds", "")) if mode == "subscribe" else USUAL_LEASE
    return HubRequest(mode, values["hub.topic"], values["hub.callback"], secret, lease)


def _values(form: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(form.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise HubRefusedError(400, f"the form must be in UTF-8, with at most {MOST_FIELDS} fields") from error
    values: dict[str, str] = {}
    for name, value in pairs:
        if name in KNOWN and values.setdefault(name, value) != value:
            raise HubRefusedError(400, f"{name} is there twice")
    return values


def _lease(text: str) -> timedelta:
    """As asked for, within our limits: the subscriber hears what it got."""
    if not text:
        return USUAL_LEASE
    if not (text.isascii() and text.isdecimal()):
        raise HubRefusedError(400, "hub.lease_seconds must be a number of seconds")
    seconds = int(text) if len(text) < 10 else LONGEST_LEASE.total_seconds()
    return min(max(timedelta(seconds=seconds), SHORTEST_LEASE), LONGEST_LEASE)


def check_callback(callback: str, guard: Guard) -> None:
    """Raises HubRefusedError for an address that is never asked. Names are looked up when they are."""
    try:
        address = parse(callback)
    except FetchError as error:
        raise HubRefusedError(400, "hub.callback must be an address such as https://host/path") from error
    if "#" in callback or callback != callback.strip() or user_info(callback):
        raise HubRefusedError(400, "hub.callback must have no fragment, no user name and no blanks")
    try:
        guard.check_host(host(address))
    except FetchError as error:
        raise HubRefusedError(403, "hub.callback is not on the public Internet") from error


def store_request(app: App, tx: Transaction, request: HubRequest, at: datetime) -> None:
    """Raises HubRefusedError for topics that are not ours, and where there are too many."""
    path = _known_path(app, tx, request)
    place = place_of(request.callback)
    _check_room(tx, request, path, place, at)
    seconds = int(request.lease.total_seconds())
    tx.hub_requests.put(
        HubRequestRow(
            0, request.mode, path, request.topic, request.callback, place, request.secret, seconds, at, due_at=at
        )
    )


def _known_path(app: App, tx: Transaction, request: HubRequest) -> str:
    path = path_of(request.topic, (app.config.site.url, app.config.server.public_url))
    if not path:
        raise HubRefusedError(400, "hub.topic is no feed of this planet; its own `self` link is one")
    is_published = tx.files.find(path) is not None
    if not is_published and not (request.mode == "unsubscribe" and tx.hub_subscriptions.find(path, request.callback)):
        raise HubRefusedError(404, "hub.topic is not published")
    return path


def path_of(topic: str, bases: tuple[str, ...]) -> str:
    """The path of a document that people subscribe to, by its address below one of `bases`; "" where it is none."""
    for base in filter(None, bases):
        root = base.rstrip("/") + "/"
        if topic.startswith(root) and feed_type(path := unquote(topic.removeprefix(root))):
            return path
    return ""


def _check_room(tx: Transaction, request: HubRequest, path: str, place: str, at: datetime) -> None:
    if tx.hub_requests.waiting() >= MOST_WAITING:
        raise HubRefusedError(503, "too many requests wait for their callbacks; try again later")
    if tx.hub_requests.waiting_of_host(place) >= MOST_WAITING_OF_HOST:
        raise HubRefusedError(429, "too many requests wait for callbacks at this host; try again later")
    if request.mode == "unsubscribe" or tx.hub_subscriptions.find(path, request.callback):
        return
    if tx.hub_subscriptions.count_of_path(path, at) >= MOST_OF_TOPIC:
        raise HubRefusedError(503, "this topic has as many subscribers as this hub serves")
    if tx.hub_subscriptions.count_of_host(place, at) >= MOST_OF_HOST:
        raise HubRefusedError(429, "this host has as many subscriptions as this hub serves")
