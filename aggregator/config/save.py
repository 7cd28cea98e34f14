"""Replaces config.yaml atomically by a valid text, and keeps a copy of the old file."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config.backups import back_up
from aggregator.config.load import load_config
from aggregator.errors import ConfigError
from aggregator.model.problems import Finding


def read_config_text(file: Path) -> str:
    """The text with its line ends and byte order mark; raises ConfigError."""
    with _with_config_errors(file, "read"):
        return file.read_bytes().decode("utf-8")


def save_config(file: Path, before: str, after: str) -> Path:
    """Replaces the file, or the target of the link `file`; returns the path of the copy, which is new each time.

    Raises ConfigError and changes nothing if `after` has mistakes or the file no longer holds `before`.
    """
    check_config(file, after)
    if read_config_text(file) != before:
        raise ConfigError([Finding(str(file), 0, "", "was changed by another program meanwhile; nothing is written")])
    with _with_config_errors(file, "written"):
        copy = back_up(file, datetime.now(UTC))
        _replace(file.resolve(), after)
    return copy


def check_config(file: Path, text: str) -> None:
    """Raises ConfigError with all mistakes that the file would have with this `text`."""
    with _with_config_errors(file, "written"):
        trial = _staged(file.parent, file, text)
    try:
        load_config(trial)
    except ConfigError as error:
        raise ConfigError([_about(one, trial, file) for one in error.findings]) from error
    finally:
        trial.unlink(missing_ok=True)


def _about(finding: Finding, trial: Path, file: Path) -> Finding:
    """A finding about the trial file as one about the config file."""
    if finding.file != trial.name:
        return finding
    return replace(finding, file=file.name, message=f"{finding.message} (in the new text; nothing is changed)")


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
def _with_config_errors(file: Path, done: str) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise ConfigError([Finding(str(file), 0, "", "is not UTF-8; save it as UTF-8")]) from error
    except OSError as error:
        raise ConfigError([Finding(str(file), 0, "", f"cannot be {done}: {error.strerror}")]) from error
