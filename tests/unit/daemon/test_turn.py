"""One at a time holds the turn; who waits for it takes steps meanwhile."""

import asyncio

import pytest

from aggregator.daemon import turn
from aggregator.daemon.batches import StoppedError
from aggregator.daemon.turn import Turn


def test_who_waits_takes_steps_and_is_next(runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "STEP", 0.001)
    turns, done, waiting = Turn(), [], asyncio.Event()

    async def hold() -> None:
        async with turns.taken(lambda _: None):
            await waiting.wait()
            done.append("first")

    async def wait() -> None:
        async with turns.taken(lambda _: waiting.set()):
            done.append("second")

    async def run() -> None:
        await asyncio.gather(hold(), wait())

    runner.run(run())
    assert done == ["first", "second"]


def test_a_step_that_stops_the_waiting_leaves_the_turn_to_others(
    runner: asyncio.Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "STEP", 0.001)
    turns = Turn()

    def stop(_: str) -> None:
        raise StoppedError("the daemon ends")

    async def run() -> None:
        async with turns.taken(lambda _: None):
            with pytest.raises(StoppedError):
                async with turns.taken(stop):
                    pytest.fail("two hold the turn")
        async with turns.taken(stop):
            return

    runner.run(run())
