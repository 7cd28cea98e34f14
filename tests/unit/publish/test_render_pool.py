"""Two processes make the same documents as one, even if the second one fails."""

import errno
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from multiprocessing.process import BaseProcess

import pytest

from aggregator.publish import render_pool
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.render_pool import RenderPool
from aggregator.render import Nearby
from tests.support.samples import FEED, SITE, WITHDRAWN

DESIGN = Design(SITE, None, ("atom", "rss", "json"))
FORMATS = ("atom", "rss", "json", "html")
OTHER = replace(FEED, id="other", home=f"{SITE.url}other/", entries=FEED.entries[:1])
FEEDS = [(FEED, Nearby()), (OTHER, Nearby((("Below", "other/below"),))), (WITHDRAWN, Nearby())]


@cache
def expected() -> list[Documents]:
    return [DocumentMaker(DESIGN).documents(one, nearby, FORMATS) for one, nearby in FEEDS]


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[RenderPool]:
    monkeypatch.setattr(render_pool, "MANY", len(FEEDS))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as pool:
        pool.start_for(len(FEEDS))
        yield pool


def render_twice(pool: RenderPool) -> list[Documents]:
    """All feeds twice: caches do not change the bytes."""
    return [one for _, _, rendered in pool.documents([("", FEEDS), ("", FEEDS)], FORMATS) for one in rendered]


def test_the_bytes_are_the_same(two_processes: RenderPool) -> None:
    render_process = two_processes._render_process
    assert render_process
    assert render_twice(two_processes) == [*expected(), *expected()]
    assert render_process._process.is_alive()
    assert render_process._sent == {entry.id for one, _ in FEEDS for entry in one.entries}


def test_a_killed_process_does_not_change_the_bytes(two_processes: RenderPool) -> None:
    assert two_processes._render_process
    os.kill(two_processes._render_process._process.pid or 0, signal.SIGKILL)
    assert render_twice(two_processes) == [*expected(), *expected()]


def test_few_feeds_start_no_process() -> None:
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as pool:
        pool.start_for(render_pool.MANY - 1)
        assert pool._render_process is None
        assert render_twice(pool) == [*expected(), *expected()]


def test_a_process_that_cannot_start_does_not_change_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: BaseProcess) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(BaseProcess, "start", refuse)
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as pool:
        pool.start_for(render_pool.MANY)
        assert pool._render_process is None
        assert render_twice(pool) == [*expected(), *expected()]
