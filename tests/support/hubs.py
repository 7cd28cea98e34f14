"""A hub on loopback that does what a test says, and a planet that listens to it."""

import asyncio
import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.applications import Starlette

from aggregator.app import App
from aggregator.daemon.batches import Batches, BatchResult
from aggregator.model.status import Status
from aggregator.status.report import report
from aggregator.store import SourceRow, SubscriptionRow
from aggregator.web import Front, callback_routes
from aggregator.websub.signature import sign
from aggregator.websub.subscriptions import Subscriber
from tests.support.planet import NOON, Planet, Upstream
from tests.support.serving import served

Form = dict[str, str]
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Told:
    """What a callback answered."""

    status: int
    text: str
    headers: Mapping[str, str]


def call(method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Told:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        return Told(answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()})
    finally:
        connection.close()


class Hub:
    """`answers`: path → (status, headers) of requests there; 202 elsewhere. `asked`: each request, as (path, form).
    `before`: is called with each form before it is answered."""

    def __init__(self) -> None:
        self.forget()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
                hub.asked.append((self.path, form))
                hub.before(form)
                status, headers = hub.answers.get(self.path, (202, {}))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(hub.says)))
                self.end_headers()
                self.wfile.write(hub.says)

            def log_message(self, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def forget(self) -> None:
        self.answers: dict[str, tuple[int, dict[str, str]]] = {}
        self.says = b""
        self.asked: list[tuple[str, Form]] = []
        self.before: Callable[[Form], object] = lambda _: None
        self.verified: list[bool] = []

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str = "/hub") -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    @property
    def forms(self) -> list[Form]:
        return [form for _, form in self.asked]

    def verify_soon(self, form: Form) -> None:
        """Verifies a request in a thread of its own, as hubs do after their answer."""
        threading.Thread(target=lambda: self.verified.append(self.verify(form).status == 200)).start()

    def verify(self, form: Form, **changes: str) -> Told:
        """Verifies a request at its callback. `changes`: other parameters, written with _ for the dot."""
        query = {
            "hub.mode": form["hub.mode"],
            "hub.topic": form["hub.topic"],
            "hub.challenge": "a challenge",
            "hub.lease_seconds": form.get("hub.lease_seconds", ""),
        } | {name.replace("hub_", "hub."): value for name, value in changes.items()}
        query = {name: value for name, value in query.items() if value}
        return call("GET", f"{form['hub.callback']}?{urlencode(query)}")

    def deliver(
        self, form: Form, body: str | bytes, method: str = "sha256", *, signature: str | None = None, **headers: str
    ) -> Told:
        """`signature`: another one than is right, "" for none."""
        data = body.encode() if isinstance(body, str) else body
        signed = sign(form["hub.secret"], data, method) if signature is None else signature
        own = {"Content-Type": "application/rss+xml"} | ({"X-Hub-Signature": signed} if signed else {})
        return call("POST", form["hub.callback"], data, own | headers)


@dataclass
class Listener:
    """A planet whose daemon listens; the test does what its schedule would do, at the time `now`."""

    planet: Planet
    app: App
    batches: Batches
    subscriber: Subscriber = field(default_factory=Subscriber)
    now: datetime = NOON
    woken: int = 0  # how often a delivery asked to be taken in

    def wake(self) -> None:
        self.woken += 1

    def poll(self, after: timedelta = SECOND) -> BatchResult:
        """Polls every source, due or not."""
        self.now += after
        ids = [source.id for source in self.batches.app.sources]
        return self.planet.runner.run(self.batches.pull(lambda _: None, ids))

    def poll_due(self, after: timedelta = SECOND) -> BatchResult:
        self.now += after
        return self.planet.runner.run(self.batches.pull(lambda _: None))

    def subscribe(self, after: timedelta = SECOND) -> datetime | None:
        """Does what is due at hubs; returns when there is more."""
        self.now += after
        assert self.batches.adopted
        return self.planet.runner.run(self.subscriber.work(self.batches.adopted))

    def take_in(self) -> BatchResult:
        self.now += SECOND
        return self.planet.runner.run(self.batches.take_in(lambda _: None))

    @property
    def rows(self) -> list[SubscriptionRow]:
        with self.app.store.read() as tx:
            return tx.subscriptions.all()

    @property
    def row(self) -> SubscriptionRow:
        [row] = self.rows
        return row

    def source(self, id_: str = "blog") -> SourceRow:
        with self.app.store.read() as tx:
            return tx.sources.get(id_)

    @property
    def status(self) -> Status:
        with self.app.store.read() as tx:
            return report(self.batches.app, tx, self.now)


@dataclass(frozen=True)
class CallbackServer:
    """Where planets listen: the server is started once, what it serves is another planet each time."""

    front: Front
    port: int

    @contextmanager
    def listening(self, planet: Planet) -> Iterator[Listener]:
        """The planet at this address, with what its config says."""
        planet.config.setdefault("feeds", {"formats": ["atom"], "pages": "none"})
        planet.config["server"] = {"public_url": f"http://127.0.0.1:{self.port}"} | planet.config.get("server", {})
        with planet.app() as app:
            batches = Batches(app, planet.pool)
            listener = Listener(planet, app, batches)
            batches.app = listener.app = replace(app, clock=lambda: listener.now)
            self.front.application = Starlette(routes=list(callback_routes(listener.app, listener.wake)))
            planet.runner.run(asyncio.to_thread(batches._begin))
            try:
                yield listener
            finally:
                planet.runner.run(listener.subscriber.close())
                planet.runner.run(batches._fetcher.close())


@contextmanager
def open_callbacks() -> Iterator[CallbackServer]:
    front = Front()
    with served(front) as port:
        yield CallbackServer(front, port)


# documents that name a hub


def atom(*titles: str, links: str = "") -> str:
    entries = "".join(
        f"<entry><id>urn:{title}</id><title>{title}</title><updated>2026-11-23T10:00:00Z</updated>"
        f'<link href="https://blog.example/{title}"/><content>{title}</content></entry>'
        for title in titles
    )
    head = "<id>urn:feed</id><title>Blog</title><updated>2026-11-23T10:00:00Z</updated>"
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{head}{links}{entries}</feed>'


def rss(*titles: str, links: str = "") -> str:
    items = "".join(f"<item><title>{one}</title><guid>urn:{one}</guid></item>" for one in titles)
    head = "<title>Blog</title><link>https://blog.example/</link><description>about</description>"
    space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="2.0" {space}><channel>{head}{links}{items}</channel></rss>'


def named(hub: str, topic: str, prefix: str = "") -> str:
    return f'<{prefix}link rel="hub" href="{hub}"/><{prefix}link rel="self" href="{topic}"/>'


def header(hub: str, topic: str) -> dict[str, str]:
    return {"Link": f'<{topic}>; rel="self", <{hub}>; rel="hub"'}


def subscribed(blog: Listener, hub: Hub, upstream: Upstream) -> dict[str, str]:
    """The form with which the blog's topic was subscribed; the hub verified it."""
    topic = upstream.url("/feed")
    upstream.serve("/feed", atom("old"), headers=header(hub.url(), topic))
    blog.poll()
    blog.subscribe()
    form = hub.forms[-1]
    assert hub.verify(form).status == 200
    return form
