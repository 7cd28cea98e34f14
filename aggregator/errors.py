"""Every error a caller may want to catch.

AggregatorError
├── UsageError            wrong words on the command line, an unknown reference
├── ConfigError           config.yaml cannot be used; carries every problem found
├── LockedError           another process holds the state
├── ClockError            the clock stands before what is stored
├── StateError            the state is corrupt, newer than this program, or unreachable
│   └── DamagedError      … because one packed value in it cannot be read: what it says can be repaired
├── OutputError           the output tree cannot be written, or holds a file of somebody else
├── PullError             one source could not be pulled; what we had from it stays
│   ├── FetchError        … because its address did not give a usable answer
│   ├── PutOffError       … because its host is to be left alone: nobody was asked
│   └── ParseError        … because the answer is not a feed that can be read
└── PostError             one local post cannot be read; the others go on
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from aggregator.model.entry import Finding

LONGEST_MESSAGE = 2000  # characters


class AggregatorError(Exception):
    """Base of all; `exit_status` is what a command ends with: 2 usage or config, 3 locked, 4 state or output."""

    exit_status = 1

    @property
    def lines(self) -> tuple[str, ...]:
        """What is shown of it: one line, unless it says otherwise."""
        return (str(self),)


class UsageError(AggregatorError):
    """`more`: what there is to choose from, a line each."""

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
    """One value of the state is no such thing as it should be."""


class OutputError(AggregatorError):
    exit_status = 4


def _cut(message: str) -> str:
    """Much of a message comes from outside, and it goes into logs, pages and the state."""
    return message if len(message) <= LONGEST_MESSAGE else f"{message[: LONGEST_MESSAGE - 1]}…"


class PullError(AggregatorError):
    """One pull failed. `kind` is one of the words of `Problem`; `transient` = trying again may help. A message is cut.

    Errors of pulls and posts travel between processes: what `args` holds must be enough to make them again.
    """

    def __init__(self, kind: str, message: str, *, transient: bool = False) -> None:
        message = _cut(message)
        super().__init__(kind, message)
        self.kind = kind
        self.message = message
        self.transient = transient

    def __str__(self) -> str:
        return self.message


class FetchError(PullError):
    """No usable answer. `status` is the HTTP status (0 when there was none), `retry_after` what it asked for, `host`
    (host:port) who said so, "" where nobody did."""

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
    """Its host (host:port) is left alone until then."""

    def __init__(self, host: str, until: datetime) -> None:
        super().__init__("status", f"{host} is left alone until {until:%Y-%m-%d %H:%M} UTC", transient=True)
        self.host = host
        self.until = until


class ParseError(PullError):
    """The answer is no feed, or none that can be read within the limits."""


class PostError(AggregatorError):
    """One post cannot be read. `line` counts from 1, 0 where the whole file is meant."""

    def __init__(self, kind: str, message: str, *, line: int = 0) -> None:
        message = _cut(message)
        super().__init__(kind, message)
        self.kind = kind
        self.message = message
        self.line = line

    def __str__(self) -> str:
        return self.message
