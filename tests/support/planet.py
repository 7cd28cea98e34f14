"""A planet in a temporary folder, and an upstream on loopback."""

import asyncio
import hashlib
import json
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import feedparser
import pytest
import yaml
from lxml import etree

from aggregator import pipeline, pull_first
from aggregator.app import App
from aggregator.config import Config, load_config
from aggregator.one_shot.batch import RunOptions
from aggregator.one_shot.idle_run import NothingToDo, find_unchanged
from aggregator.report import Report
from aggregator.store import Store
from aggregator.worker_pool import WorkerPool

DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True)
class Head:
    """The fields of an Atom entry that most tests read."""

    id: str
    published: str
    title: str


@dataclass
class Planet:
    """Config, posts, state and tree below `root`. Each call sets the time. `every_category`: each category has a feed,
    as most tests expect; False: those of the default rule. `is_settled`: addresses of earlier runs count as published
    for long, so that they stay; False: for as long as the times of the runs say."""

    root: Path
    runner: asyncio.Runner
    pool: WorkerPool
    config: dict[str, Any] = field(
        default_factory=lambda: {
            "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
            "fetch": {"gap": "0s", "per_host": 8, "allow_networks": ["127.0.0.0/8"]},
        }
    )
    every_category: bool = True
    is_settled: bool = True

    def post(self, path: str, text: str) -> Path:
        file = self.root / "posts" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file

    def run(self, now: datetime = NOON, **options: Any) -> Report:
        """As the command does, but for the report of an idle run."""
        return self._work(lambda app: pull_first.run(app, self.pool, RunOptions(**options), _recorded(app)), now)

    def regenerate(self, now: datetime = NOON, *feeds: str) -> Report:
        return self._work(lambda app: pipeline.regenerate(app, self.pool, feeds), now)

    @contextmanager
    def app(self, now: datetime = NOON) -> Iterator[App]:
        file = self.root / "config.yaml"
        if self.every_category:
            self.config.setdefault("feeds", {}).setdefault("min_entries", 1)
        text = yaml.dump(self.config, Dumper=DUMPER, allow_unicode=True, sort_keys=False)
        file.write_text(text, encoding="utf-8")
        config = _loaded(file, text, (self.root / "posts").is_dir())
        store = Store(config.state_at)
        with store.exclusive():
            store.open()
            try:
                if self.is_settled:
                    settle(store)
                yield App(config, store, lambda: now)
            finally:
                store.close()

    def tree(self) -> dict[str, str]:
        """path → SHA-256 of every file of the tree."""
        files = (file for file in (self.root / "feeds").rglob("*") if file.is_file())
        return {str(f.relative_to(self.root / "feeds")): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}

    def index(self) -> dict[str, Any]:
        """The rows of index.json by feed id."""
        document = json.loads((self.root / "feeds" / "index.json").read_bytes())
        return {row["id"]: row for row in document["feeds"]}

    def atom(self, feed: str = "all") -> Any:
        return _parsed((self.root / "feeds" / feed / "atom.xml").read_bytes())

    def heads(self, feed: str = "all") -> list[Head]:
        """Id, date and title of each entry, read ten times faster than by feedparser."""
        return _heads((self.root / "feeds" / feed / "atom.xml").read_bytes())

    def ids(self, feed: str = "all") -> list[str]:
        return [entry.id for entry in self.heads(feed)]

    def titles(self, feed: str = "all") -> list[str]:
        return [entry.title for entry in self.heads(feed)]

    def _work(self, work: Any, now: datetime) -> Report:
        with self.app(now) as app:
            report: Report = self.runner.run(work(app))
            return report


def settle(store: Store) -> None:
    """Lets the addresses of all published feeds count as published for long."""
    with store.write() as tx:
        if young := [id_ for id_, row in tx.feeds.all().items() if row.stands_since]:
            tx.feeds.stand(young, None)


def report_of_idle_run(app: App) -> Report | None:
    """What the command reports where it has nothing to do; None where it begins a run."""
    found = find_unchanged(app)
    return found.known.report() if found and found.is_idle else None


def _recorded(app: App) -> NothingToDo | None:
    found = find_unchanged(app)
    return found.known if found else None


@lru_cache(8)
def _loaded(file: Path, _text: str, _has_posts: bool) -> Config:
    """Cached, because most tests run one config several times."""
    return load_config(file, {})


def _heads(data: bytes) -> list[Head]:
    if b'<title type="html"' in data:
        return [Head(entry.id, entry.published, entry.get("title", "")) for entry in _parsed(data).entries]
    entries = etree.fromstring(data).iter(f"{ATOM}entry")
    return [Head(*(one.findtext(f"{ATOM}{tag}") or "" for tag in ("id", "published", "title"))) for one in entries]


@lru_cache(8)
def _parsed(data: bytes) -> Any:
    """Parsed by feedparser; cached, because many tests read the same bytes."""
    return feedparser.parse(data)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256  # with the default of 5 a burst of connections has to retry
    daemon_threads = True


class Upstream:
    """A web server on loopback. `pages`: path → (status, headers, body); every request is kept in `asked`."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                upstream.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                status, headers, body = upstream.pages.get(self.path, (404, {}, b"not here"))
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                return

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def serve(
        self, path: str, body: str | bytes, *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> str:
        """Serves `body` there from here on, with a strong ETag; returns the address."""
        data = body.encode() if isinstance(body, str) else body
        tagged = {"ETag": f'"{hashlib.sha256(data).hexdigest()[:16]}"', "Content-Type": "application/xml"}
        self.pages[path] = (status, (tagged if status == 200 else {}) | dict(headers or {}), data)
        return self.url(path)


class BuiltOnce:
    """Planets that several tests begin with: built for the first test, copied for the others."""

    def __init__(self, folders: pytest.TempPathFactory, upstream: Upstream) -> None:
        self._folders = folders
        self._upstream = upstream
        self._built: dict[str, tuple[Planet, dict[str, Any]]] = {}

    def fill(self, planet: Planet, build: Callable[[Planet, Upstream], None]) -> None:
        """Leaves the planet, and what upstream serves, as `build` leaves them."""
        name = f"{build.__module__}.{build.__qualname__}"
        if name not in self._built:
            first = replace(planet, root=self._folders.mktemp("built"), config=deepcopy(planet.config))
            build(first, self._upstream)
            self._built[name] = first, dict(self._upstream.pages)
        first, pages = self._built[name]
        shutil.copytree(first.root, planet.root, dirs_exist_ok=True)
        planet.config = deepcopy(first.config)
        self._upstream.pages, self._upstream.asked = dict(pages), []


def rss(*entries: Mapping[str, str], title: str = "Upstream", link: str = "https://blog.example/") -> str:
    """An RSS 2.0 document. Keys of an entry are elements of its item; a category may be several, split by `|`."""
    items = "".join(f"<item>{''.join(_elements(entry))}</item>" for entry in entries)
    head = f"<title>{escape(title)}</title><link>{link}</link><description>About it</description>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _elements(entry: Mapping[str, str]) -> Iterator[str]:
    for name, value in entry.items():
        for one in value.split("|") if name == "category" else [value]:
            attributes = ' isPermaLink="false"' if name == "guid" and not one.startswith("http") else ""
            yield f"<{name}{attributes}>{escape(one)}</{name}>"
