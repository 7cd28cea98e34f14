"""Documents that two processes make are those that one makes, whatever becomes of the other one."""

import errno
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.process import BaseProcess

import pytest

from aggregator.publish import render_pool as presses
from aggregator.publish.documents import Design, DocumentMaker, Documents
from aggregator.publish.render_pool import RenderPool
from aggregator.render import Nearby
from tests.support.samples import FEED, SITE

DESIGN = Design(SITE, None, ("atom", "rss", "json"))
FORMATS = ("atom", "rss", "json", "html")
OTHER = replace(FEED, id="other", home=f"{SITE.url}other/", entries=FEED.entries[:1])
FEEDS = [(FEED, Nearby()), (OTHER, Nearby((("Below", "other/below"),)))]
HERE = [DocumentMaker(DESIGN).documents(one, nearby, FORMATS) for one, nearby in FEEDS]


@pytest.fixture
def both(monkeypatch: pytest.MonkeyPatch) -> Iterator[RenderPool]:
    monkeypatch.setattr(presses, "MANY", len(FEEDS))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as ours:
        ours.expect(len(FEEDS))
        yield ours


def made(ours: RenderPool) -> list[Documents]:
    """All feeds twice: what was remembered of the first time changes nothing."""
    return [one for _, _, pressed in ours.documents([("", FEEDS), ("", FEEDS)]) for one in pressed]


def test_the_bytes_are_the_same(both: RenderPool) -> None:
    render_process = both._render_process
    assert render_process
    assert made(both) == [*HERE, *HERE]
    assert render_process._process.is_alive()
    assert render_process._sent == {entry.id for one, _ in FEEDS for entry in one.entries}


def test_a_process_that_is_killed_costs_nothing_but_time(both: RenderPool) -> None:
    assert both._render_process
    os.kill(both._render_process._process.pid or 0, signal.SIGKILL)
    assert made(both) == [*HERE, *HERE]


def test_few_feeds_start_no_process() -> None:
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as ours:
        ours.expect(presses.MANY - 1)
        assert ours._render_process is None
        assert made(ours) == [*HERE, *HERE]


def test_a_system_without_room_for_another_process_costs_nothing_but_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: BaseProcess) -> None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(BaseProcess, "start", refuse)
    with RenderPool(DocumentMaker(DESIGN), DESIGN, FORMATS) as ours:
        ours.expect(presses.MANY)
        assert ours._render_process is None
        assert made(ours) == [*HERE, *HERE]
