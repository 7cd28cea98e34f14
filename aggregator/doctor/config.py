"""The mistakes and notes of `check`, in short."""

import asyncio
from collections.abc import Iterator, Sequence

from aggregator.app import App
from aggregator.doctor.result import CheckResult, note, ok, problem
from aggregator.model.problems import Finding
from aggregator.preview.check import check_all, config_advice, source_notes

FEW = 3  # that are shown
CHECK = "`aggregator check` lists all, with lines"


def check_config(app: App) -> Iterator[CheckResult]:
    """Of posts and local files, too, offline. The state must be one that can be opened."""
    mistakes = asyncio.run(check_all(app, online=False))
    notes = config_advice(app) + source_notes(app)
    if mistakes:
        yield problem("posts and sources", summary(mistakes), CHECK)
    else:
        yield ok("posts and sources", "`aggregator check` finds no problem")
    if notes:
        yield note("config", summary(notes), CHECK)


def unreadable_config(mistakes: Sequence[Finding]) -> CheckResult:
    has_lines = any(one.line for one in mistakes)  # a file that is missing has none, and its message says what to do
    return problem("config", summary(mistakes), CHECK if has_lines else "then run `aggregator doctor` again")


def summary(findings: Sequence[Finding]) -> str:
    more = f"; and {len(findings) - FEW} more" if len(findings) > FEW else ""
    return "; ".join(map(str, findings[:FEW])) + more
