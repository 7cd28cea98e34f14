"""What one check found."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`check`: what was looked at; `advice`: what to do, "" where all is well. A note is no problem."""

    check: str
    state: Literal["ok", "note", "problem"]
    message: str
    advice: str = ""


def ok(check: str, message: str) -> CheckResult:
    return CheckResult(check, "ok", message)


def note(check: str, message: str, advice: str) -> CheckResult:
    return CheckResult(check, "note", message, advice)


def problem(check: str, message: str, advice: str) -> CheckResult:
    return CheckResult(check, "problem", message, advice)


def megabytes(size: int) -> str:
    """Such as "1,204 MiB"."""
    return f"{size / 2**20:,.0f} MiB"
