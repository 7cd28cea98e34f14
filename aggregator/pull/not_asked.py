"""Why even a forced pull skips a source, and until when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from aggregator.errors import PutOffError
from aggregator.model.problems import Problem
from aggregator.store import SourceRow, Transaction
from aggregator.text.counts import count_of
from aggregator.text.date_formats import to_the_minute


@dataclass(frozen=True, slots=True)
class NotAsked:
    """`until`: None if only a person can resume the source."""

    why: str
    until: datetime | None = None


def why_not_asked(tx: Transaction, row: SourceRow, now: datetime) -> NotAsked | None:
    """None if a forced pull may poll the source."""
    resume = f"`aggregator source resume {row.id}`"
    if row.state == "paused":
        return NotAsked(f"it is paused{_since(row)}; {resume} resumes it")
    if row.state == "gone":
        return NotAsked(f"it is gone{_since(row)} (two answers with 410); {resume} polls it again")
    if row.retry_at and row.retry_at > now:
        return NotAsked(f"it asked to wait until {to_the_minute(row.retry_at)} UTC (Retry-After)", row.retry_at)
    refusals = tx.hosts.get(row.host) if row.host else None
    if refusals and refusals.until and refusals.retry_at and (until := min(refusals.until, refusals.retry_at)) > now:
        return NotAsked(f"its host {row.host} asked to wait until {to_the_minute(until)} UTC (Retry-After)", until)
    return None


def as_problem(row: SourceRow, found: NotAsked | None) -> Problem:
    """For a source that a person named. `found` is None if another process holds its lease."""
    why = found.why if found else "another process is polling it now"
    return Problem(row.id, "not-asked", f"not polled: {why}", transient=found is None or found.until is not None)


def put_off_problems(put_off: Iterable[tuple[str, PutOffError]]) -> Iterator[Problem]:
    """For sources, by id, that nobody named: one for each paused host, at the first of its sources."""
    by_host: defaultdict[str, list[tuple[str, PutOffError]]] = defaultdict(list)
    for id_, error in put_off:
        by_host[error.host].append((id_, error))
    for (id_, error), *others in by_host.values():
        more = f"; {count_of(len(others), 'more source of it waits', 'more sources of it wait')}" if others else ""
        yield Problem(id_, "not-asked", f"not polled: {error}{more}", transient=True)


def _since(row: SourceRow) -> str:
    return f" since {to_the_minute(row.state_since)} UTC" if row.state_since else ""
