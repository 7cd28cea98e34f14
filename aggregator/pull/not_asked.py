"""Why a source is not asked whoever wants it to be, and until when."""

from dataclasses import dataclass
from datetime import datetime

from aggregator.model.problems import Problem
from aggregator.polling import Refusals
from aggregator.store import SourceRow, Transaction


@dataclass(frozen=True, slots=True)
class Unasked:
    """`until`: None where it takes a person."""

    why: str
    until: datetime | None = None


def unasked(tx: Transaction, row: SourceRow, now: datetime) -> Unasked | None:
    """None where it may be asked, due or not."""
    return why_unasked(row, tx.hosts.get(row.host) if row.host else None, now)


def why_unasked(row: SourceRow, refusals: Refusals | None, now: datetime) -> Unasked | None:
    resume = f"`aggregator source resume {row.id}`"
    if row.state == "paused":
        return Unasked(f"it is paused{_since(row)} and is not asked until {resume}")
    if row.state == "gone":
        return Unasked(f"it is gone{_since(row)}, as it said twice (410); {resume} asks once more")
    if row.retry_at and row.retry_at > now:
        why = f"it asked for patience (Retry-After) and is not asked until {_time(row.retry_at)}"
        return Unasked(why, row.retry_at)
    if refusals and refusals.until and refusals.retry_at and (until := min(refusals.until, refusals.retry_at)) > now:
        why = f"its host {row.host} asked for patience (Retry-After) and is left alone until {_time(until)}"
        return Unasked(why, until)
    return None


def as_problem(row: SourceRow, found: Unasked | None) -> Problem:
    """Of a source that a person named. What nothing is known to keep from being asked is leased to somebody else."""
    why = found.why if found else "another process is asking it at this moment"
    return Problem(row.id, "not-asked", f"nobody was asked: {why}", transient=found is None or found.until is not None)


def _since(row: SourceRow) -> str:
    return f" since {_time(row.state_since)}" if row.state_since else ""


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
