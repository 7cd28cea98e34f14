"""The lock of the one engine that works on a state: a file beside the state, locked by flock(2)."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from aggregator.errors import LockedError, StateError


@contextmanager
def exclusive(state: Path, *, wait: bool = False) -> Iterator[None]:
    """Locks `state` for one engine; raises LockedError at once where another has the lock, unless `wait`."""
    path = state.with_name(state.name + ".lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StateError(f"the state {state} cannot be used: {error.strerror}: {path}") from error
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not wait:
                    raise LockedError(f"another process{_holder(descriptor)} works on the state {state}") from error
                time.sleep(0.2)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> str:
    with suppress(OSError, ValueError):
        return f" (pid {int(os.pread(descriptor, 20, 0))})"
    return ""


def find_holder(state: Path) -> int | None:
    """The process that holds the lock of `state`, 0 if it cannot be told; None for none. Creates no file."""
    try:
        descriptor = os.open(state.with_name(state.name + ".lock"), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        with suppress(OSError, ValueError):
            return int(os.pread(descriptor, 20, 0))
        return 0
    else:
        return None
    finally:
        os.close(descriptor)
