"""Plain functions in processes of their own, killed past their time or memory.

Foreign markup can keep a parser busy for minutes or fill the memory: whoever reads it does so in here, and what
goes wrong costs that one call.
"""

import asyncio
import multiprocessing
import os
import resource
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from aggregator.errors import AggregatorError, ParseError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one call: wall-clock time; of one process: address space in bytes, and calls before it is replaced."""

    time: timedelta = timedelta(seconds=10)
    memory: int = 1024 * 2**20
    calls: int = 500


class Isolation:
    """Starts no process before the first call. An async context manager; leaving it ends the processes.

    `stay`: the processes stay up between batches, for who has another one soon.
    """

    def __init__(self, limits: Limits | None = None, processes: int | None = None, *, stay: bool = False) -> None:
        self._limits = limits or Limits()
        self._processes = processes or min(os.cpu_count() or 1, 8)
        self._pool: ProcessPool | None = None
        self._stay = stay
        self._turns = asyncio.Semaphore(self._processes * 2)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end(at_once=error is not None)

    async def rest(self) -> None:
        """Nothing will be called for a while: gives the memory of the processes back, unless they are to stay."""
        if not self._stay:
            await self._end(at_once=False)

    async def _end(self, *, at_once: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            end: Callable[[], None] = pool.stop if at_once else pool.close
            end()
            await asyncio.to_thread(pool.join)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; raises the error of ours that it raised, or ParseError where it failed otherwise."""
        async with self._turns:
            seconds = self._limits.time.total_seconds()
            try:
                future: Any = self._open().schedule(function, args=list(args), kwargs=dict(kwargs), timeout=seconds)
                result: T = await asyncio.wrap_future(future)
            except (TimeoutError, FutureTimeoutError) as error:
                raise ParseError("parse", f"reading it took more than {seconds:g} s and was stopped") from error
            except (ProcessExpired, MemoryError) as error:
                megabytes = self._limits.memory // 2**20
                message = f"reading it crashed or took more than {megabytes} MiB of memory, and was stopped"
                raise ParseError("parse", message) from error
            except (AggregatorError, asyncio.CancelledError):
                raise
            except Exception as error:
                raise ParseError("parse", f"reading it failed: {type(error).__name__}: {error}") from error
            return result

    def _open(self) -> ProcessPool:
        """The pool; another one where it broke, so that what broke it costs no more than the calls of that moment."""
        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(
                max_workers=self._processes,
                max_tasks=self._limits.calls,
                initializer=_limit,
                initargs=[self._limits.memory],
                context=multiprocessing.get_context("spawn"),
            )
        return self._pool


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
