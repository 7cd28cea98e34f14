"""Every error a caller may want to catch.

AggregatorError
├── UsageError            the command line is wrong, or names something unknown
├── ConfigError           config.yaml cannot be used; carries every problem found
├── LockedError           another process holds the state
├── ClockError            the clock is behind the times in the state
├── StateError            the state is corrupt, newer than this program, or unreachable
│   └── DamagedError      … because one packed value cannot be read; it can be repaired
├── OutputError           the output tree cannot be written, or holds a file of another program
├── PullError             one source could not be pulled; its stored entries stay
│   ├── FetchError        … because its address gave no usable answer
│   ├── PutOffError       … because its host is paused: no request was made
│   └── ParseError        … because the answer is not a readable feed
└── PostError             one local post cannot be read; other posts are not affected
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model.problems import Finding

LONGEST_MESSAGE = 2000  # characters


class AggregatorError(Exception):
    """Base class. `exit_status` is the exit status of the command: 2 usage or config, 3 locked, 4 state or output."""

    exit_status = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines to print."""
        return (str(self),)


class UsageError(AggregatorError):
    """`more`: the possible choices, one line each."""

    exit_status = 2

    def __init__(self, message: str, more: Sequence[str] = ()) -> None:
        super().__init__("\n".join((message, *more)))
        self._lines = (message, *more)

    @property
    def lines(self) -> tuple[str, ...]:
        return self._lines


class ConfigError(AggregatorError):
    exit_status = 2

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(map(str, self.findings))


class LockedError(AggregatorError):
    exit_status = 3


class InterruptedRehearsalError(AggregatorError):
    exit_status = 130


class ClockError(AggregatorError):
    exit_status = 4


class StateError(AggregatorError):
    exit_status = 4


class DamagedError(StateError):
    """One value of the state does not decode to its type."""


class OutputError(AggregatorError):
    exit_status = 4


def _cut(message: str) -> str:
    """Limits the length: a message quotes foreign text, and goes into logs, pages and the state."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"


class ProblemError(AggregatorError):
    """Ends as a `Problem` of this `kind`. Long messages are cut.

    These errors are pickled between processes: `args` must be enough to rebuild them.
    """

    def __init__(self, kind: str, message: str) -> None:
        message = _cut(message)
        super().__init__(kind, message)
        self.kind = kind
        self.message = message

    def __str__(self) -> str:
        return self.message


class PullError(ProblemError):
    """One pull failed. `transient`: trying again may help."""

    def __init__(self, kind: str, message: str, *, transient: bool = False) -> None:
        super().__init__(kind, message)
        self.transient = transient


class FetchError(PullError):
    """No usable answer. `status` is the HTTP status (0: no answer), `retry_after` the wait that the host asked for,
    `host` the host:port that asked for it, "" if none did."""

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        transient: bool = False,
        status: int = 0,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(kind, message, transient=transient)
        self.status = status
        self.retry_after = retry_after
        self.host = ""


class PutOffError(PullError):
    """The source was not pulled: its host (host:port) is paused until `until`."""

    def __init__(self, host: str, until: datetime) -> None:
        why = "refused several sources (429, or 503 with Retry-After)"
        super().__init__("status", f"{host} {why} and is left alone until {until:%Y-%m-%d %H:%M} UTC", transient=True)
        self.host = host
        self.until = until


class BusyHostError(PutOffError):
    """The source was not pulled: another process asks its host. It keeps its place in the queue."""


class ParseError(PullError):
    """The answer is not a feed, or cannot be read within the limits."""


class PostError(ProblemError):
    """One post cannot be read. `line` counts from 1; 0 means the whole file."""

    def __init__(self, kind: str, message: str, *, line: int = 0) -> None:
        super().__init__(kind, message)
        self.line = line
