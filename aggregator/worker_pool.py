"""Plain functions in processes of their own, killed past their CPU time or memory.

Foreign markup can keep a parser busy for minutes or fill the memory: whoever reads it does so in here, and what
goes wrong costs that one call. What is counted is work, not waiting: on a busy machine a call has the processor a tenth
of the time. Wall-clock time ends only what neither works nor ends.
"""

import asyncio
import math
import multiprocessing
import os
import pickle
import resource
import signal
import time
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
    """Of one call: CPU time (rounded up to whole seconds of the process, see setrlimit(2)), and wall-clock time far
    behind it; of one process: address space in bytes, and calls before it is replaced."""

    cpu: timedelta = timedelta(seconds=10)
    time: timedelta = timedelta(seconds=60)
    memory: int = 1024 * 2**20
    calls: int = 500


class WorkerPool:
    """Starts no process before the first call. An async context manager; leaving it ends the processes.

    `stay`: the processes stay up between batches, for who has another one soon.
    """

    def __init__(self, limits: Limits | None = None, processes: int | None = None, *, stay: bool = False) -> None:
        self._limits = limits or Limits()
        self._processes = processes or min(os.cpu_count() or 1, 8)
        self._pool: ProcessPool | None = None
        self._stay = stay
        self._turns = asyncio.Semaphore(self._processes * 2)
        self._calls = 0
        self._called_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end(at_once=error is not None)

    async def rest(self, idle: timedelta = timedelta(0)) -> None:
        """Nothing will be called for a while: gives the memory of the processes back, unless they are to stay, or were
        called within `idle`."""
        is_idle = not self._calls and time.monotonic() - self._called_at >= idle.total_seconds()
        if not self._stay and is_idle:
            await self._end(at_once=False)

    async def stop(self) -> None:
        """Ends the processes, whatever they are at."""
        await self._end(at_once=True)

    async def _end(self, *, at_once: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            end: Callable[[], None] = pool.stop if at_once else pool.close
            end()
            await asyncio.to_thread(pool.join)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result; raises the error of ours that it raised, or ParseError where it failed otherwise."""
        self._calls += 1
        try:
            async with self._turns:
                outcome = await self._run(_told, self._limits.cpu.total_seconds(), function, args, kwargs)
        finally:
            self._calls -= 1
            self._called_at = time.monotonic()
        is_result, value = pickle.loads(outcome)  # noqa: S301 - written by our own process
        if not is_result:
            raise value
        result: T = value
        return result

    async def _run(self, function: Callable[..., bytes], *args: Any) -> bytes:
        try:
            future: Any = self._open().schedule(function, args=list(args), timeout=self._limits.time.total_seconds())
            outcome: bytes = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError, ProcessExpired, MemoryError) as error:
            raise self._stopped(error) from error
        except Exception as error:
            raise _failure(error) from error
        return outcome

    def _stopped(self, error: Exception) -> ParseError:
        """Which limit it was. A call that ran out of wall-clock time met a busy machine: it may be idle next time."""
        limits = self._limits
        if isinstance(error, TimeoutError | FutureTimeoutError):
            message = f"reading it had not ended after {limits.time.total_seconds():g} s and was stopped"
            return ParseError("parse", message, transient=True)
        if isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGXCPU:
            message = f"reading it took more than {limits.cpu.total_seconds():g} s of CPU and was stopped"
        else:
            message = f"reading it crashed or took more than {limits.memory // 2**20} MiB of memory, and was stopped"
        return ParseError("parse", message)

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


def _told(cpu: float, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """Whether there is a result, and it or the error, pickled: what cannot be sent must not break the pool."""
    _allow(cpu)
    try:
        return pickle.dumps((True, function(*args, **kwargs)))
    except MemoryError:
        raise
    except AggregatorError as error:
        return pickle.dumps((False, error))
    except BaseException as error:  # noqa: BLE001 - the process goes on with the next call, whatever this one did
        return pickle.dumps((False, _failure(error)))


def _failure(error: BaseException) -> ParseError:
    return ParseError("parse", f"reading it failed: {type(error).__name__}: {error}"[:500])


def _allow(cpu: float) -> None:
    """So many seconds of CPU from here on; then SIGXCPU ends this process. The soft limit alone is moved: nobody could
    raise a hard one again, and this process has other calls to come (setrlimit(2))."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + cpu)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _limit(memory: int) -> None:
    """Never more memory than the limit that this machine sets already."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    memory = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # it ends us, also where our parent did not want to hear of it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process of a terminal; who called us ends us
