"""The program, Python, SQLite and the libraries: which versions are here, and which the program was made for."""

import platform
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata

from aggregator import __version__
from aggregator.doctor.commit import commit
from aggregator.doctor.result import CheckResult, ok, problem

PROGRAM = "aggregator"
SHOWN = ("sqlalchemy", "feedparser", "feedgen", "httpx", "aiohttp", "lxml")  # of a report
FIRST_PYTHON, PYTHON_AFTER = (3, 11), (3, 15)
FIRST_SQLITE = (3, 35, 0)  # RETURNING
BOUNDS = (">=", "<")
INSTALL = "install it anew with its lock, `pip install --require-hashes -r requirements.lock`"


def program_version() -> str:
    """The version, and the commit if that is known, such as "0.9.0 (24cda03)"."""
    return f"{__version__} ({known})" if (known := commit()) else __version__


def check_versions() -> Iterator[CheckResult]:
    yield ok("program", f"aggregator {program_version()} in {sys.prefix}")
    yield check_python(sys.version_info[:2], platform.python_version())
    yield check_sqlite(sqlite3.sqlite_version_info, sqlite3.sqlite_version)
    yield check_libraries(list(_requirements()))


def check_python(version: tuple[int, ...], shown: str) -> CheckResult:
    if FIRST_PYTHON <= version < PYTHON_AFTER:
        return ok("python", f"Python {shown} on {platform.system()} {platform.release()}, {platform.machine()}")
    return problem("python", f"Python {shown}", "install the program with Python 3.11 to 3.14")


def check_sqlite(version: tuple[int, ...], shown: str) -> CheckResult:
    if version >= FIRST_SQLITE:
        return ok("sqlite", f"SQLite {shown}")
    return problem("sqlite", f"SQLite {shown} is too old", "use a Python that has SQLite 3.35 or newer")


def check_libraries(requirements: Iterable[tuple[str, str, str]]) -> CheckResult:
    """`requirements`: name, bounds such as ">=1.2,<2", installed version ("" where it is missing)."""
    wrong, shown = [], []
    for name, bounds, version in requirements:
        if not version:
            wrong.append(f"{name} is missing")
        elif not fits(version, bounds):
            wrong.append(f"{name} is {version}, not {bounds}")
        elif name in SHOWN:
            shown.append(f"{name} {version}")
    if wrong:
        return problem("libraries", "; ".join(wrong), INSTALL)
    return ok("libraries", ", ".join(shown) or "as the program wants them")


def fits(version: str, bounds: str) -> bool:
    """Whether a version lies within bounds of `>=` and `<` (PEP 440); others are not judged."""
    here = _numbers(version)
    for bound in bounds.split(","):
        if bound.startswith(BOUNDS[0]) and here < _numbers(bound[2:]):
            return False
        if bound.startswith(BOUNDS[1]) and not bound.startswith("<=") and here >= _numbers(bound[1:]):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    """The release, without zeros at its end: 2.0 and 2 are the same."""
    numbers = []
    for part in version.split("."):
        if not part.isdecimal():
            break
        numbers.append(int(part))
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _requirements() -> Iterator[tuple[str, str, str]]:
    """Those without a condition, as the installed program names them; none where it is not installed."""
    try:
        wanted = metadata.requires(PROGRAM) or []
    except metadata.PackageNotFoundError:
        return
    for one in wanted:
        if ";" not in one:
            name = one[: next((at for at, sign in enumerate(one) if sign in "<>=!~ ["), len(one))]
            yield name, one[len(name) :].replace(" ", ""), _installed(name)


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
