"""Whether the disks have space for what a run and an upgrade write."""

import os
from collections.abc import Iterator
from pathlib import Path

from aggregator.app import App
from aggregator.doctor.paths import existing
from aggregator.doctor.result import CheckResult, megabytes, ok, problem

MARGIN = 64 * 2**20  # bytes: a run's new files before they replace the old ones, and the state's log of writes
FEW_FILES = 1000


def check_disks(app: App) -> Iterator[CheckResult]:
    if state := app.store.file:
        copy = state.stat().st_size if state.is_file() else 0  # an upgrade saves one, `db prune` writes one
        yield _disk("disk of the state", state.parent, copy + MARGIN)
    yield _disk("disk of the output", app.output, MARGIN)


def _disk(check: str, folder: Path, need: int) -> CheckResult:
    there = existing(folder)
    disk = os.statvfs(there)
    free = disk.f_bavail * disk.f_frsize
    return check_space(check, there, free=free, need=need, files=disk.f_favail if disk.f_files else None)


def check_space(check: str, folder: Path, *, free: int, need: int, files: int | None) -> CheckResult:
    """`files`: how many more the file system can hold; None where it has no limit."""
    if free < need:
        message = f"{megabytes(free)} free in {folder}; a run may need {megabytes(need)}"
        return problem(check, message, "free space on that disk, or move the planet to a larger one")
    if files is not None and files < FEW_FILES:
        return problem(check, f"{folder} can hold {files} more files", "delete files on that file system (`df -i`)")
    return ok(check, f"{megabytes(free)} free in {folder}")
