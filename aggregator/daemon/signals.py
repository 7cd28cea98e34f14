"""SIGTERM and SIGINT end a long-running process."""

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

EXIT_TIMEOUT = 9.0  # seconds from the signal until the process exits in any case


@contextmanager
def stopped_by_signals() -> Iterator[asyncio.Event]:
    """Yields an event that SIGTERM and SIGINT set. A call to the system may hang: then the process exits after
    EXIT_TIMEOUT, which is safe because state and tree are whole at any instant."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        if not stop.is_set():
            stop.set()
            timer = threading.Timer(EXIT_TIMEOUT, os._exit, (0,))
            timer.daemon = True
            timer.start()

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, end)
    yield stop
