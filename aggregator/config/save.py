"""config.yaml on the disk: replaced whole, only by what can be read, and with a copy of what stood there."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

from aggregator.config.load import load_config
from aggregator.errors import ConfigError
from aggregator.model.entry import Finding


def read_config_text(file: Path) -> str:
    """As it stands there, line ends and byte order mark with it; raises ConfigError."""
    with _translated(file, "read"):
        return file.read_bytes().decode("utf-8")


def save_config(file: Path, before: str, after: str) -> Path:
    """Replaces the file, or what the link `file` leads to; returns the path of the copy, which is a new one each time.

    Raises ConfigError, and changes nothing, where `after` has mistakes, or the file is not `before` any more.
    """
    check_config(file, after)
    if read_config_text(file) != before:
        raise ConfigError([Finding(str(file), 0, "", "was changed by somebody else just now; nothing is written")])
    with _translated(file, "written"):
        copy = _copy(file)
        _replace(file.resolve(), after)
    return copy


def check_config(file: Path, text: str) -> None:
    """Raises ConfigError with every mistake that the file would have if it held `text`."""
    with _translated(file, "written"):
        trial = _staged(file.parent, file, text)
    try:
        load_config(trial)
    except ConfigError as error:
        raise ConfigError([_as_of(one, trial, file) for one in error.findings]) from error
    finally:
        trial.unlink(missing_ok=True)


def _as_of(finding: Finding, trial: Path, file: Path) -> Finding:
    """What is wrong in the trial, in words about the file that it would become."""
    if finding.file != trial.name:
        return finding
    return replace(
        finding, file=file.name, message=f"{finding.message} (in the file as it would be; nothing is changed)"
    )


def _copy(file: Path) -> Path:
    """config.yaml.1, or the next number that is free."""
    for number in count(1):
        copy = file.with_name(f"{file.name}.{number}")
        with suppress(FileExistsError):
            os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            break
    shutil.copyfile(file, copy)
    shutil.copymode(file, copy)
    return copy


def _replace(file: Path, text: str) -> None:
    temporary = _staged(file.parent, file, text)
    try:
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _staged(folder: Path, like: Path, text: str) -> Path:
    """A new file with the owner and mode of `like`: it may hold secrets."""
    known = like.stat()
    descriptor, name = tempfile.mkstemp(prefix=f".{like.name}.", suffix=".new", dir=folder)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(text.encode("utf-8"))
        with suppress(OSError):  # only root may give files away
            os.fchown(descriptor, known.st_uid, known.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(known.st_mode))
        stream.flush()
        os.fsync(descriptor)
    return Path(name)


@contextmanager
def _translated(file: Path, done: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise ConfigError([Finding(str(file), 0, "", "is not UTF-8; save it as UTF-8")]) from error
    except OSError as error:
        raise ConfigError([Finding(str(file), 0, "", f"cannot be {done}: {error.strerror}")]) from error
