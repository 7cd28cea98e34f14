"""The status page in a real Chromium, beside a real run: `make browser`."""

import base64
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.browser.test_pages import LONG
from tests.commands.test_serve import port_of, serving
from tests.support.barriers import barriers
from tests.support.chromium import Browser, Page, opened
from tests.support.planet import Upstream, rss
from tests.support.simulation import story

pytestmark = pytest.mark.browser

NAMES = ("Plain", "新媒体与趣头条：行业观察", "مدونة الأخبار العربية", LONG[:300], "<img src=https://evil.example/x>")
HOSTS = 6
WIDTHS = (320, 380, 1280)
WAIT = """new Promise((good, bad) => {
  const end = Date.now() + 20000;
  const look = () => HOLDS ? good(1) : Date.now() > end ? bad(document.body.innerText) : setTimeout(look, 50);
  look();
})"""
SIZES = """[...document.querySelectorAll('svg')].map(one => {
  const box = one.getBoundingClientRect();
  return [box.width, box.height];
})"""


@dataclass
class StatusServer:
    folder: Path
    upstream: Upstream
    host: str

    def run(self, *words: str) -> subprocess.Popen[bytes]:
        """Another process, as cron would start it."""
        command = [sys.executable, "-m", "aggregator", "-c", str(self.folder / "config.yaml"), "-q", "run", *words]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StatusServer]:
    """A planet with sources that are well, ill, held and hidden, and a server beside it."""
    folder, upstream = tmp_path_factory.mktemp("desk"), Upstream()
    sources: list[dict[str, Any]] = []
    for place, name in enumerate(NAMES):
        items = [story(f"{place}-{n}", n * 2) for n in range(12)]
        sources.append({"url": upstream.serve(f"/{place}", rss(*items)), "id": f"s{place}", "title": name})
    sources += [{"url": upstream.url(f"/missing/{n}"), "id": f"missing-{n}", "title": LONG[:60]} for n in range(3)]
    config = {
        "site": {"title": "Planet & Co", "url": "https://planet.example/", "since": "2026-11-23"},
        "fetch": {"gap": "0s", "per_host": 8, "allow_networks": ["127.0.0.0/8"]},
        "sources": sources,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False))
    with serving(folder) as (_, line):
        one = StatusServer(folder, upstream, f"http://127.0.0.1:{port_of(line)}/")
        for _ in range(3):
            assert one.run("--force").wait(60) == 0
        yield one
    upstream.close()


def wait_for(page: Page, expression: str) -> None:
    """Until it holds in the page."""
    page.value(WAIT.replace("HOLDS", expression))


@pytest.mark.parametrize("path", ["status", "health/index.html"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_its_window(browser: Browser, context: StatusServer, path: str, width: int) -> None:
    with opened(browser, context.host + path, width=width) as page:
        assert page.value("document.documentElement.scrollWidth") <= width
        if path == "status":
            edges = page.value("[...document.querySelectorAll('svg')].map(one => one.getBoundingClientRect().right)")
            assert edges
            assert all(edge <= width for edge in edges)


@pytest.mark.parametrize("path", ["status", "health/index.html"])
@pytest.mark.parametrize(("width", "scheme"), [(380, "light"), (380, "dark"), (1280, "light"), (1280, "dark")])
def test_nothing_stands_in_anybodys_way(
    browser: Browser, context: StatusServer, path: str, width: int, scheme: str
) -> None:
    with opened(browser, context.host + path, width=width, scheme=scheme) as page:
        assert barriers(page) == []
        levels = page.value("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(one => +one.localName[1])")
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        if folder := os.environ.get("SHOTS"):
            shoot(page, Path(folder) / f"{path.partition('/')[0]}-{width}-{scheme}.png", width)


def shoot(page: Page, file: Path, width: int) -> None:
    height = page.value("document.documentElement.scrollHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    shot = page.browser.ask("Page.captureScreenshot", page.session, captureBeyondViewport=True, clip=clip)
    file.write_bytes(base64.b64decode(shot["data"]))


def test_charts_are_drawn_in_colors_of_the_scheme(browser: Browser, context: StatusServer) -> None:
    fills = []
    for scheme in ("light", "dark"):
        with opened(browser, context.host + "status", scheme=scheme) as page:
            boxes = page.value("[...document.querySelectorAll('svg path')].map(one => one.getBBox().height)")
            assert len(boxes) == 2 + len(NAMES)  # nothing is drawn of zeros
            assert max(boxes) == 40
            sizes = page.value(SIZES)
            assert all(width > 50 and height > 10 for width, height in sizes)
            fills.append(page.value("getComputedStyle(document.querySelector('svg.chart path')).fill"))
    assert fills == ["rgb(11, 110, 110)", "rgb(92, 196, 189)"]


def test_it_asks_nobody_else_and_complains_of_nothing(browser: Browser, context: StatusServer) -> None:
    for path in ("status", "health/index.html"):
        with opened(browser, context.host + path) as page:
            assert page.complaints() == []
            assert all(url.startswith(context.host) for url in page.asked_for())
            assert page.value("document.querySelectorAll('img').length") == 0


def test_it_can_be_read_with_script_off(browser: Browser, context: StatusServer) -> None:
    with opened(browser, "about:blank") as page:
        browser.ask("Emulation.setScriptExecutionDisabled", page.session, value=True)
        browser.events.clear()
        browser.ask("Page.navigate", page.session, url=context.host + "status")
        browser.wait_for("Page.loadEventFired", page.session)
        assert not any(url.endswith("/status/events") for url in page.asked_for())
        text = page.value("document.body.innerText")
        assert "There is nothing at its address." in text
        assert "No run in progress." in text
        assert NAMES[1] in text
        assert page.value("document.getElementById('bar').hidden")
        assert page.complaints() == []


def test_the_page_follows_a_run_of_another_process(browser: Browser, context: StatusServer) -> None:
    """One source does not answer until the page has told of the others."""
    gate = threading.Event()
    slow = SlowSource(context.upstream, "/0", gate)
    with opened(browser, context.host + "status") as page:
        wait_for(page, "document.getElementById('said').textContent.includes('The last one polled')")
        before = page.value("document.querySelector('#runs tbody time').dateTime")
        while datetime.now(UTC).replace(microsecond=0) <= datetime.fromisoformat(before):
            time.sleep(0.05)  # a batch is known by its second
        with slow:
            run = context.run("--force")
            try:
                wait_for(page, "document.getElementById('said').textContent.includes(' of 8 sources polled, 3 failed')")
                assert not page.value("document.getElementById('bar').hidden")
                assert page.value("document.getElementById('bar').position") == 7 / 8
                assert page.value("document.querySelectorAll('#pulls li').length") == 8
            finally:
                gate.set()
            assert run.wait(60) == 0
        wait_for(
            page, "document.getElementById('said').textContent.startsWith('No run in progress. The last one polled 8')"
        )
        wait_for(page, f"document.querySelector('#runs tbody time').dateTime > '{before}'")
        assert page.value("document.getElementById('bar').hidden")
        assert page.complaints() == []


class SlowSource:
    """While it lasts, whoever asks for the path waits for the gate."""

    def __init__(self, upstream: Upstream, path: str, gate: threading.Event) -> None:
        self._pages, self._path, self._gate = upstream.pages, path, gate

    def __enter__(self) -> None:
        status, headers, body = self._pages[self._path]
        self._kept = status, headers, body
        self._pages[self._path] = (status, Waiting(headers, self._gate), body)

    def __exit__(self, *_: object) -> None:
        self._pages[self._path] = self._kept


class Waiting(dict[str, str]):
    """Headers that are there once the gate is open."""

    def __init__(self, headers: dict[str, str], gate: threading.Event) -> None:
        super().__init__(headers)
        self._gate = gate

    def get(self, name: str, default: Any = None) -> Any:
        self._gate.wait(20)
        return super().get(name, default)
