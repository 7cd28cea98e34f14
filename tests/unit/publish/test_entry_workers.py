"""Other processes render entries as this one does; where they fail, this one renders."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from aggregator.errors import ParseError
from aggregator.model.rendered import RenderedEntry
from aggregator.publish import entry_workers
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.publish.entry_workers import EntryWorkers, Shown, one_ahead
from aggregator.worker_pool import ThreadCalls, WorkerPool
from tests.support.samples import BARE, FULL, SITE

MAKER = DocumentMaker(Design(SITE, None, ("atom", "rss", "json"), posts=True))
BAD = replace(BARE, clean=replace(BARE.clean, content="<script>1</script>"))
ENTRIES = [
    (replace(one, id=f"tag:x.example,2024:{n}"), "de" * (n % 2), MAKER.formats[n % 2 :])
    for n in range(7)
    for one in (FULL, BARE, BAD)
]
EXPECTED = [MAKER.entry(*one) for one in ENTRIES]


@pytest.fixture(autouse=True)
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entry_workers, "MANY", len(ENTRIES))


def test_the_bytes_are_the_same(pool: WorkerPool, runner: asyncio.Runner) -> None:
    async def rendered(entries: Sequence[Shown]) -> list[RenderedEntry]:
        return await asyncio.to_thread(EntryWorkers(MAKER, "1", pool.from_thread()).begin(entries))

    assert runner.run(rendered(ENTRIES)) == EXPECTED


def test_a_few_are_rendered_here() -> None:
    assert EntryWorkers(MAKER, "1", Failing()).begin(ENTRIES[1:])() == EXPECTED[1:]


class Failing(ThreadCalls):
    def __init__(self) -> None:
        """It calls nothing."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:
        failed: Future[Any] = Future()
        failed.set_exception(ParseError("parse", "the process was stopped"))
        return failed


def test_a_process_that_fails_changes_nothing() -> None:
    assert EntryWorkers(MAKER, "1", Failing()).begin(ENTRIES)() == EXPECTED


def test_the_next_is_begun_before_one_is_waited_for() -> None:
    steps: list[str] = []

    def begun(number: int) -> Callable[[], int]:
        steps.append(f"begin {number}")

        def finish() -> int:
            steps.append(f"finish {number}")
            return number

        return finish

    steps.extend(f"use {one}" for one in one_ahead(map(begun, range(3))))
    assert steps == [
        "begin 0", "begin 1", "finish 0", "use 0", "begin 2", "finish 1", "use 1", "finish 2", "use 2",
    ]  # fmt: skip


def test_nothing_is_begun_of_nothing() -> None:
    assert list(one_ahead(iter(list[Callable[[], int]]()))) == []
