"""Whether a worker is ready, for GET /readyz. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta

FAILING_AFTER = 3  # errors of one job in a row; fewer pass by themselves


@dataclass(slots=True)
class Readiness:
    """`failures`: job → how often it failed in a row, and why at last."""

    failures: dict[str, tuple[int, str]] = field(default_factory=dict)
    heard_at: float | None = None

    def succeeded(self, job: str) -> None:
        self.failures.pop(job, None)

    def failed(self, job: str, why: str) -> None:
        self.failures[job] = (self.failures.get(job, (0, ""))[0] + 1, why)

    def heard(self, now: float) -> None:
        """The database took a sign of life, at `now` seconds."""
        self.heard_at = now

    def trouble(self, now: float, silent: timedelta, *, is_reached: bool) -> str:
        """Why this worker cannot do its work, as a sentence; "" where it can. `silent`: how long the database may be
        out of reach; `is_reached`: whether the queue answers."""
        if not is_reached:
            return "the queue in the database cannot be reached"
        if self.heard_at is None or now - self.heard_at > silent.total_seconds():
            return "the database took no sign of life of this worker for a while"
        for job, (count, why) in self.failures.items():
            if count >= FAILING_AFTER:
                return f"{job} failed {count} times in a row: {why}"
        return ""
