"""The commit of which the program is: as its build recorded it, or as the clone that it runs from has it."""

from pathlib import Path

import aggregator

PACKAGE = Path(aggregator.__file__).parent
BUILT = "commit.txt"  # hatch_build.py writes it into the package
OURS = "hatch_build.py"  # beside the package in our own clones
SHOWN = 7  # hexadecimal digits, as git shows them


def commit(package: Path = PACKAGE) -> str:
    """Its first digits, "" where nobody knows. Reads two small files at most: git is not started."""
    return _read(package / BUILT) or _checked_out(package.parent)


def _checked_out(root: Path) -> str:
    """Changes that are not committed cannot be seen."""
    git = root / ".git"
    if not (root / OURS).exists():
        return ""
    if pointer := _read(git):  # a work tree beside others: its .git is a file
        git = root / pointer.removeprefix("gitdir: ")
    head = _read(git / "HEAD")
    ref = head.removeprefix("ref: ")
    shared = git / (_read(git / "commondir") or ".")
    found = head if ref == head else _read(git / ref) or _read(shared / ref) or _packed(shared, ref)
    return found[:SHOWN] if len(found) >= 40 and set(found) <= set("0123456789abcdef") else ""


def _packed(git: Path, ref: str) -> str:
    lines = (line.partition(" ") for line in _read(git / "packed-refs").splitlines())
    return next((digits for digits, _, name in lines if name == ref), "")


def _read(file: Path) -> str:
    """Its text, "" where it cannot be read: a version is told whatever is wrong."""
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
