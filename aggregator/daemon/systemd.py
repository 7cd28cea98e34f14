"""Notifies the service manager, as sd_notify(3) describes: datagrams to $NOTIFY_SOCKET.

Without that variable nothing is sent. Errors of sending are ignored.
"""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

TIMEOUT = 1.0  # seconds for a busy manager; the watchdog message does not wait, because it is repeated


class Supervisor:
    """The service manager that started this process, if any."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.period = _watchdog(environment)

    def ready(self) -> None:
        self._send("READY=1")

    def reloading(self) -> None:
        """Call `ready` after it."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._send("STOPPING=1")

    def alive(self) -> None:
        self._send("WATCHDOG=1", timeout=0)

    def _send(self, *lines: str, timeout: float = TIMEOUT) -> None:
        if not self._address.startswith(("/", "@")):
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address  # abstract, unix(7)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.settimeout(timeout)
            notify.sendto("\n".join(lines).encode(), address)


def _watchdog(environment: Mapping[str, str]) -> timedelta | None:
    """The interval of watchdog messages: half of the manager's timeout (sd_watchdog_enabled(3)). None where there is
    no watchdog for this process."""
    microseconds, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0 or pid not in {"", str(os.getpid())}:
        return None
    return timedelta(microseconds=int(microseconds)) / 2
