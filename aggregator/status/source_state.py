"""What state a source is in: one answer for /status, `status`, the health page, the index and the pages of sources.

A pull that fails is a fault that may pass by itself; a source is failing when its recorded health says that it broke
(three failures in a row, or a day of them: diagnose.py).
"""

from typing import Literal

from aggregator.store import HealthRow, SourceRow

SourceState = Literal["new", "ok", "failing", "gone", "paused"]


def state_of(row: SourceRow, health: HealthRow | None) -> SourceState:
    """`new`: never read."""
    match row.state:
        case "paused" | "gone" | "ok":
            return row.state
        case "failing" if health and health.state in {"broke", "gone"}:
            return "failing"
    return "ok" if row.last_success_at else "new"
