"""A second process that makes documents."""

import fcntl
import multiprocessing
import signal
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from aggregator.codec import decode, encode
from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.publish.documents import MOST_KNOWN, Design, DocumentMaker, Documents
from aggregator.render import Nearby

PIPE_SIZE = 2**20  # bytes: the most that Linux allows without privileges


class RenderProcess:
    """The second process. It gets each entry once, and ends when this process ends. It does not check again the markup
    of entries for which `is_harmless` holds."""

    def __init__(self, design: Design, is_harmless: Callable[[Entry], bool]) -> None:
        context = multiprocessing.get_context("spawn")
        self._results, their_results = map(_enlarged, context.Pipe(duplex=False))
        their_requests, self._requests = map(_enlarged, context.Pipe(duplex=False))
        ends = their_requests, their_results
        self._process = context.Process(target=_serve, args=(*ends, design), daemon=True)
        self._process.start()
        for end in ends:
            end.close()
        self._sending, self._receiving = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sent: set[str] = set()
        self._is_harmless = is_harmless

    def render(self, feeds: Sequence[Feed], formats: Sequence[str]) -> Future[list[Documents]]:
        """Sends the feeds while the process may still work on earlier ones. The result raises EOFError or OSError where
        the process ended."""
        if forget := len(self._sent) > MOST_KNOWN:
            self._sent.clear()
        new = {entry.id: entry for feed in feeds for entry in feed.entries if entry.id not in self._sent}
        self._sent.update(new)
        trusted = {id_ for id_, entry in new.items() if self._is_harmless(entry)}
        sent = self._sending.submit(self._send, forget, list(new.values()), trusted, feeds, formats)
        sent.add_done_callback(lambda done: self._process.terminate() if done.cancelled() or done.exception() else None)
        return self._receiving.submit(self._results.recv)

    def stop(self) -> None:
        with ExitStack() as stack:
            stack.callback(self._process.close)
            stack.callback(self._process.join)
            stack.callback(self._results.close)
            stack.callback(self._requests.close)
            self._process.terminate()
            self._sending.shutdown(cancel_futures=True)
            self._receiving.shutdown(cancel_futures=True)

    def _send(
        self, forget: bool, new: Sequence[Entry], trusted: Set[str], feeds: Sequence[Feed], formats: Sequence[str]
    ) -> None:
        heads = [(replace(feed, entries=(), page_entries=None), [entry.id for entry in feed.entries]) for feed in feeds]
        self._requests.send((forget, encode(new), trusted, heads, formats))


def _enlarged(pipe: Connection) -> Connection:
    """The pipe with a larger buffer where the system allows it, so that the two processes wait less often."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # the system's limit is lower
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    return pipe


def _serve(requests: Connection, results: Connection, design: Design) -> None:
    """Runs until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both processes: the first one decides
    collect_cycles_rarely()
    maker, known = DocumentMaker(design), dict[str, Entry]()
    while True:
        try:
            forget, new, trusted, heads, formats = requests.recv()
        except EOFError:
            return
        if forget:
            known.clear()
        for entry in decode(new, list[Entry]):
            known[entry.id] = entry
            if entry.id in trusted:
                maker.gate.trust(entry)
        feeds = (replace(feed, entries=tuple(known[id_] for id_ in ids)) for feed, ids in heads)
        results.send([maker.documents(feed, Nearby(), formats) for feed in feeds])
