"""Ways in which a parser may misbehave, as plain functions that can run in a worker process."""

import ctypes
import os
import pickle
import resource
import signal
import sys
import time
from dataclasses import dataclass
from datetime import timedelta

from aggregator.errors import FetchError, ParseError, PostError


class UnsendableError(Exception):
    """Cannot be pickled, or made again from what was pickled."""

    def __init__(self, one: object, other: object) -> None:
        super().__init__(one)
        self.other = other


def give(value: object) -> object:
    return value


def number() -> int:
    return os.getpid()


def loop() -> None:
    while True:
        pass


def wait() -> None:
    """Without work."""
    while True:
        signal.pause()


def burn(seconds: float) -> None:
    """Of work, however long that takes."""
    begun = time.process_time()
    while time.process_time() - begun < seconds:
        pass


@dataclass(frozen=True)
class Allowed:
    """Seconds of CPU: what this process has used, and its limits."""

    process: int
    used: float
    soft: int
    hard: int


def allowed() -> Allowed:
    return Allowed(os.getpid(), time.process_time(), *resource.getrlimit(resource.RLIMIT_CPU))


def eat() -> None:
    kept = []
    while True:
        kept.append(bytearray(20 * 2**20))


def leave() -> None:
    os._exit(3)


def crash() -> None:
    ctypes.string_at(0)


def recurse() -> None:
    recurse()


def raise_unsendable() -> None:
    raise UnsendableError("what happened", lambda: None)


def raise_unreadable() -> None:
    raise UnsendableError("what happened", None)


def return_unsendable() -> object:
    return lambda: None


def exit_politely() -> None:
    sys.exit(3)


def interrupt() -> None:
    raise KeyboardInterrupt


def raise_fetch_error() -> None:
    raise FetchError("status", "busy", transient=True, status=503, retry_after=timedelta(seconds=5))


def raise_parse_error() -> None:
    raise ParseError("not-a-feed", "a web page")


def raise_post_error() -> None:
    raise PostError("front-matter", "no title", line=3)


def send_twice(error: Exception) -> Exception:
    again: Exception = pickle.loads(pickle.dumps(error))
    return again
