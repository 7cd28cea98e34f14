"""Plain functions in processes that are killed when they exceed their CPU time or memory.

Foreign markup can keep a parser busy for minutes or fill the memory. It is read in these processes only, so that a
failure costs one call. The main limit is CPU time, because on a busy machine a call may get a tenth of a processor.
Wall-clock time stops calls that use no CPU and do not end.
"""

import asyncio
import math
import os
import pickle
import resource
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from aggregator.errors import AggregatorError, ParseError
from aggregator.gc_tuning import collect_cycles_rarely

if TYPE_CHECKING:  # slow to load, and most runs call nothing
    from multiprocessing.context import BaseContext

    from pebble import ProcessPool

P = ParamSpec("P")
T = TypeVar("T")

PRELOADED = [
    "aggregator.pull.process",
    "aggregator.parse.feed",
    "aggregator.publish.entry_workers",
    "aggregator.render.renderer",
    "aggregator.validate.checker",
]
PRELOADED_FOR_POSTS = ["aggregator.posts.post"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one call: CPU time (rounded up to whole seconds of the process, see setrlimit(2)) and wall-clock time, which
    is much longer. Of one process: bytes of data, and calls before it is replaced."""

    cpu: timedelta = timedelta(seconds=10)
    time: timedelta = timedelta(seconds=60)
    memory: int = 1024 * 2**20
    calls: int = 2000


class WorkerPool:
    """Starts no process before the first call. An async context manager; leaving it ends the processes.

    `stay`: `release_idle` keeps the processes, because another batch follows soon.
    """

    def __init__(self, limits: Limits | None = None, processes: int | None = None, *, stay: bool = False) -> None:
        self._limits = limits or Limits()
        self._processes = processes or min(os.cpu_count() or 1, 8)
        self._pool: ProcessPool | None = None
        self._stay = stay
        self._slots = asyncio.Semaphore(self._processes * 2)
        self._calls = 0
        self._called_at = 0.0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end(at_once=error is not None)

    async def release_idle(self, idle: timedelta = timedelta(0)) -> None:
        """Ends the processes to free their memory, unless they stay, are in use, or were called within `idle`."""
        is_idle = not self._calls and time.monotonic() - self._called_at >= idle.total_seconds()
        if not self._stay and is_idle:
            await self._end(at_once=False)

    async def stop(self) -> None:
        """Kills the processes, even during a call."""
        await self._end(at_once=True)

    async def _end(self, *, at_once: bool) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            end: Callable[[], None] = pool.stop if at_once else pool.close
            end()
            await asyncio.to_thread(pool.join)

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result. An AggregatorError that it raises is raised here, any other failure as ParseError."""
        self._calls += 1
        try:
            async with self._slots:
                outcome = await self._run(_outcome, self._limits.cpu.total_seconds(), function, args, kwargs)
        finally:
            self._calls -= 1
            self._called_at = time.monotonic()
        is_result, value = pickle.loads(outcome)  # noqa: S301 - written by our own process
        if not is_result:
            raise value
        result: T = value
        return result

    @property
    def processes(self) -> int:
        """The most that there are."""
        return self._processes

    def from_thread(self) -> "ThreadCalls":
        """Calls for another thread, while the event loop of this one runs."""
        return ThreadCalls(self, asyncio.get_running_loop())

    async def _run(self, function: Callable[..., bytes], *args: Any) -> bytes:
        from pebble import ProcessExpired

        try:
            future: Any = self._open().schedule(function, args=list(args), timeout=self._limits.time.total_seconds())
            outcome: bytes = await asyncio.wrap_future(future)
        except (TimeoutError, FutureTimeoutError, ProcessExpired, MemoryError) as error:
            raise self._limit_error(error) from error
        except Exception as error:
            raise _failure(error) from error
        return outcome

    def _limit_error(self, error: Exception) -> ParseError:
        """Names the limit. Exceeding wall-clock time is transient: the machine may be less busy next time."""
        limits = self._limits
        if isinstance(error, TimeoutError | FutureTimeoutError):
            message = f"reading it had not ended after {limits.time.total_seconds():g} s and was stopped"
            return ParseError("parse", message, transient=True)
        if getattr(error, "exitcode", 0) == -signal.SIGXCPU:  # of a ProcessExpired
            message = f"reading it took more than {limits.cpu.total_seconds():g} s of CPU and was stopped"
        else:
            message = f"reading it crashed or took more than {limits.memory // 2**20} MiB of memory, and was stopped"
        return ParseError("parse", message)

    def _open(self) -> "ProcessPool":
        """The pool, replaced if it broke, so that only the calls running then are lost."""
        from pebble import ProcessPool

        if self._pool is None or not self._pool.active:
            self._pool = ProcessPool(
                max_workers=self._processes,
                max_tasks=self._limits.calls,
                initializer=_prepare_process,
                initargs=[self._limits.memory],
                context=_context(),
            )
        return self._pool


@dataclass(frozen=True, slots=True)
class ThreadCalls:
    pool: WorkerPool
    loop: asyncio.AbstractEventLoop

    def submit(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """`WorkerPool.call`, to be waited for in the thread."""
        return asyncio.run_coroutine_threadsafe(self.pool.call(work, *args, **kwargs), self.loop)


def run_with_pool(job: Callable[[WorkerPool], Awaitable[T]], processes: int | None = None) -> T:
    """What `job` returns, in an event loop and with a pool of its own."""

    async def run() -> T:
        async with WorkerPool(processes=processes) as pool:
            return await job(pool)

    return asyncio.run(run())


def start_early(*, posts: bool) -> None:
    """Starts the process that workers are forks of, where it is certain that they will be needed: it imports what they
    run while this process does something else. `posts`: they will read posts."""
    _context([*PRELOADED, *PRELOADED_FOR_POSTS] if posts else PRELOADED)


def _context(preloaded: Sequence[str] = PRELOADED) -> "BaseContext":
    """Processes are forks of one that has imported what they run and has no threads: importing takes longer than most
    calls. It listens at a short path in a folder for temporary files; where there is none, each imports for itself.
    Where it runs already, it has imported what the first call said."""
    import multiprocessing

    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(preloaded))
    try:
        _start_fork_server()
    except OSError:
        return multiprocessing.get_context("spawn")
    return context


def _start_fork_server() -> None:
    """Unless it runs. Ctrl+C reaches every process of a terminal; it stays blocked in this one and in its forks, which
    would show where they are interrupted."""
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # where it is started, it unblocks signals
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _outcome(cpu: float, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
    """(True, result) or (False, error), pickled here: a value that cannot be pickled must not break the pool."""
    _allow_cpu(cpu)
    try:
        return pickle.dumps((True, function(*args, **kwargs)))
    except MemoryError:
        raise
    except AggregatorError as error:
        return pickle.dumps((False, error))
    except BaseException as error:  # noqa: BLE001 - the process must survive for the next call
        return pickle.dumps((False, _failure(error)))


def _failure(error: BaseException) -> ParseError:
    return ParseError("parse", f"reading it failed: {type(error).__name__}: {error}"[:500])


def _allow_cpu(cpu: float) -> None:
    """Allows this many more seconds of CPU; then SIGXCPU ends the process. Only the soft limit is set: a lowered hard
    limit could not be raised again for the next call (setrlimit(2))."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + cpu)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def _prepare_process(memory: int) -> None:
    collect_cycles_rarely()
    _limit_process(memory)


def _limit_process(memory: int) -> None:
    """Respects a lower limit that the machine already sets. The limit is on data, since allocators of libraries reserve
    a gigabyte of address space that they do not use."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    memory = memory if most == resource.RLIM_INFINITY else min(memory, most)
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # must end the process even if the parent ignores it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process of a terminal; the parent ends this one
