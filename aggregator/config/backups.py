"""Copies of the config, taken before a command changes it: `.aggregator/backups/` beside the config.

They stay there wherever the state is: whoever may change the config may write beside it, and a state can be in a
database. The name of a copy ends with its time, so that copies sort by age.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

FOLDER = ".aggregator/backups"
KEPT = 10  # copies of each config
TIME = "%Y%m%dT%H%M%S.%fZ"


def back_up(file: Path, now: datetime) -> Path:
    """Copies the config and drops its oldest copies; returns the path of the copy, which is always new. Raises
    OSError."""
    folder = file.parent / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = _create(file, max([now.astimezone(UTC), *(at + timedelta(microseconds=1) for at, _ in _copies(file))]))
    shutil.copyfile(file, copy)
    shutil.copymode(file, copy)
    for _, old in sorted(_copies(file))[:-KEPT]:
        old.unlink(missing_ok=True)
    return copy


def _create(file: Path, at: datetime) -> Path:
    """A new empty file, for its owner alone: the config may hold secrets."""
    while True:
        copy = file.parent / FOLDER / f"{file.name}.{at.strftime(TIME)}"
        with suppress(FileExistsError):  # another command took this name meanwhile
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return copy
        at += timedelta(microseconds=1)


def _copies(file: Path) -> Iterator[tuple[datetime, Path]]:
    """The copies of this config, with their times."""
    for copy in (file.parent / FOLDER).glob("*"):
        time = copy.name.removeprefix(f"{file.name}.")
        with suppress(ValueError):  # another file
            yield datetime.strptime(time, TIME).replace(tzinfo=UTC), copy
