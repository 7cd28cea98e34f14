"""A press in a process of its own."""

import fcntl
import multiprocessing
import signal
from collections.abc import Callable, Sequence, Set
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from multiprocessing.connection import Connection

from aggregator.codec import from_plain, plain
from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.model.entry import Entry, Feed
from aggregator.publish.documents import MOST_KNOWN, Design, DocumentMaker, Documents
from aggregator.render import Nearby

WIDTH = 2**20  # bytes of a pipe: what Linux gives to anybody


class RenderProcess:
    """The other process. It is sent each entry once, and ends with us however we end. What `is_harmless` tells of the
    markup of an entry it does not ask again."""

    def __init__(self, design: Design, formats: Sequence[str], is_harmless: Callable[[Entry], bool]) -> None:
        context = multiprocessing.get_context("spawn")
        self._made, making = map(_wide, context.Pipe(duplex=False))
        wanted, self._wanted = map(_wide, context.Pipe(duplex=False))
        self._process = context.Process(target=_serve, args=(wanted, making, design, formats), daemon=True)
        self._process.start()
        for theirs in (making, wanted):
            theirs.close()
        self._sending, self._receiving = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        self._sent: set[str] = set()
        self._is_harmless = is_harmless

    def make(self, feeds: Sequence[Feed]) -> Future[list[Documents]]:
        """The result raises EOFError or OSError where the process is gone. It never waits for us: what it makes next is
        sent while it is still at work."""
        if forget := len(self._sent) > MOST_KNOWN:
            self._sent.clear()
        new = {entry.id: entry for feed in feeds for entry in feed.entries if entry.id not in self._sent}
        self._sent.update(new)
        trusted = {id_ for id_, entry in new.items() if self._is_harmless(entry)}
        sent = self._sending.submit(self._send, forget, list(new.values()), trusted, feeds)
        sent.add_done_callback(lambda done: self._process.terminate() if done.cancelled() or done.exception() else None)
        return self._receiving.submit(self._made.recv)

    def end(self) -> None:
        with ExitStack() as last:
            last.callback(self._process.close)
            last.callback(self._process.join)
            last.callback(self._made.close)
            last.callback(self._wanted.close)
            self._process.terminate()
            self._sending.shutdown(cancel_futures=True)
            self._receiving.shutdown(cancel_futures=True)

    def _send(self, forget: bool, new: Sequence[Entry], trusted: Set[str], feeds: Sequence[Feed]) -> None:
        heads = [(replace(feed, entries=()), [entry.id for entry in feed.entries]) for feed in feeds]
        self._wanted.send((forget, plain(new), trusted, heads))


def _wide(pipe: Connection) -> Connection:
    """With room for much at once, where the system gives it: each turn costs both sides a wait."""
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # not more than a limit that is for the system to say
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, WIDTH)
    return pipe


def _serve(wanted: Connection, making: Connection, design: Design, formats: Sequence[str]) -> None:
    """Until nobody is at the other end any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to both: who reads us decides
    collect_cycles_rarely()
    press, known = DocumentMaker(design), dict[str, Entry]()
    while True:
        try:
            forget, new, trusted, heads = wanted.recv()
        except EOFError:
            return
        if forget:
            known.clear()
        for entry in from_plain(new, list[Entry]):
            known[entry.id] = entry
            if entry.id in trusted:
                press.gate.trust(entry)
        feeds = (replace(feed, entries=tuple(known[id_] for id_ in ids)) for feed, ids in heads)
        making.send([press.documents(feed, Nearby(), formats) for feed in feeds])
