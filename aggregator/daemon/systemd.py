"""What the service manager is told: sd_notify(3), a datagram to where $NOTIFY_SOCKET says.

Where nobody listens nothing is sent; what cannot be sent is no reason to stop working.
"""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

PATIENCE = 1.0  # seconds for a manager with its hands full; who says that it lives says so again


class Supervisor:
    """Whoever started us and wants to know how we are."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._address = environment.get("NOTIFY_SOCKET", "")
        self.period = _watchdog(environment)

    def ready(self) -> None:
        self._tell("READY=1")

    def reloading(self) -> None:
        """`ready` tells of its end."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self) -> None:
        self._tell("STOPPING=1")

    def alive(self) -> None:
        self._tell("WATCHDOG=1", patience=0)

    def _tell(self, *lines: str, patience: float = PATIENCE) -> None:
        if not self._address.startswith(("/", "@")):
            return
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address  # abstract, unix(7)
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
            one.settimeout(patience)
            one.sendto("\n".join(lines).encode(), address)


def _watchdog(environment: Mapping[str, str]) -> timedelta | None:
    """How often to say that we live: twice in the time after which we are taken for dead (sd_watchdog_enabled(3)).
    None where nobody waits for it."""
    microseconds, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not microseconds.isdecimal() or int(microseconds) == 0 or pid not in {"", str(os.getpid())}:
        return None
    return timedelta(microseconds=int(microseconds)) / 2
