"""Whether files and folders can be read and written, and read by a web server of another user."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from aggregator.app import App
from aggregator.doctor.result import CheckResult, note, ok, problem
from aggregator.text.generator import INDEX

READABLE, REACHABLE = stat.S_IROTH, stat.S_IROTH | stat.S_IXOTH  # by others: a file, a folder


def check_paths(app: App) -> Iterator[CheckResult]:
    yield ok("config", f"{app.config.file.name} in {app.config.root.absolute()}")
    if state := app.store.file:
        yield _writable("state folder", state.parent, "`state:`")
        if state.is_file():
            yield _state_file(state)
    yield _writable("output", app.output, "`output:`")
    if (app.output / INDEX).is_file():
        yield check_readable(app.output, (app.output / INDEX).stat().st_mode, app.output.stat().st_mode)


def _writable(check: str, folder: Path, key: str) -> CheckResult:
    there = existing(folder)
    if not there.is_dir():
        return problem(check, f"{there} is a file where a folder must be", f"move it elsewhere, or change {key}")
    if os.statvfs(there).f_flag & os.ST_RDONLY:
        return problem(check, f"{there} is on a read-only file system", f"mount it to be written, or change {key}")
    if not os.access(there, os.W_OK | os.X_OK):
        user = os.geteuid()
        command = f"`chown {user} {quote(str(there))}` as root"
        return problem(check, f"{there} cannot be written by user {user}", f"{command}, or change {key}")
    return ok(check, f"{folder} can be written" if there == folder else f"{folder} can be made")


def _state_file(file: Path) -> CheckResult:
    if os.access(file, os.R_OK | os.W_OK):
        return ok("state file", f"{file} can be written")
    return problem(
        "state file",
        f"{file} cannot be written by user {os.geteuid()}",
        f"`chmod u+rw {quote(str(file))}` by its owner",
    )


def check_readable(output: Path, file_mode: int, folder_mode: int) -> CheckResult:
    if file_mode & READABLE and folder_mode & REACHABLE == REACHABLE:
        return ok("readable", f"a web server of another user can read {output}")
    return note(
        "readable",
        f"a web server of another user cannot read {output} ({INDEX}: {stat.filemode(file_mode)},"
        f" the folder: {stat.filemode(folder_mode)})",
        f"if one serves the tree, `chmod -R o+rX {quote(str(output))}`, and umask 022 for runs"
        " (UMask=0022 in a unit of systemd); `aggregator serve` needs neither",
    )


def existing(path: Path) -> Path:
    """The path, or the nearest folder above it that exists."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())
