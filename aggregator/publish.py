"""The output tree on disk: whole files only, replaced atomically, never somebody else's."""

import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from aggregator.errors import OutputError

STAGING = ".aggregator-staging"
MARK = b"aggregator"  # stands in everything we write (see render)


class Tree:
    """Paths are below `root`, POSIX. Raises OutputError, with what is in the way, for whatever the disk refuses."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        """Makes the folder, and clears away what a killed run left half-written."""
        with self._translated(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.root / STAGING, ignore_errors=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def has_index(self) -> bool:
        """Whether a tree was published here."""
        index = self.root / "index.json"
        with suppress(OSError):
            return MARK in index.read_bytes()
        return False

    def files(self) -> set[str]:
        """Every file there is."""
        with self._translated(self.root):
            return set(_walk(str(self.root), ""))

    def refuse_foreign(self, paths: Iterable[str], *, marked_is_ours: bool) -> None:
        """Raises OutputError where a file of somebody else stands at one of `paths`."""
        for path in paths:
            there = self.root / path
            with self._translated(there):
                ours = marked_is_ours and there.is_file() and not there.is_symlink() and MARK in there.read_bytes()
            if not ours:
                raise OutputError(f"{there} was not written by this program and is in the way; move it elsewhere")

    def write(self, files: Mapping[str, bytes]) -> None:
        """All files whole on the disk before the first of them takes its place."""
        staging = self.root / STAGING
        try:
            staged = [(self._stage(staging, i, path, data), path) for i, (path, data) in enumerate(files.items())]
            for temporary, path in staged:
                self._place(temporary, path)
            for folder in {(self.root / path).parent for path in files}:
                _sync(folder)
        finally:
            shutil.rmtree(staging, ignore_errors=True)

    def remove(self, paths: Iterable[str]) -> None:
        """Files of ours, and the folders that they leave empty."""
        for path in paths:
            with self._translated(self.root / path):
                (self.root / path).unlink(missing_ok=True)
            for folder in list(PurePosixPath(path).parents)[:-1]:
                with suppress(OSError):  # not empty: somebody still lives there
                    (self.root / folder).rmdir()

    def _stage(self, staging: Path, number: int, path: str, data: bytes) -> Path:
        temporary = staging / str(number)
        with self._translated(self.root / path):
            staging.mkdir(exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(descriptor)
        return temporary

    def _place(self, temporary: Path, path: str) -> None:
        with self._translated(self.root / path):
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(self.root / path)

    @contextmanager
    def _translated(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(_sentence(error, path)) from error


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _sentence(error: OSError, path: Path) -> str:
    why: dict[int | None, Callable[[], str]] = {
        errno.ENOSPC: lambda: "no room left on the disk for the output",
        errno.EDQUOT: lambda: "the disk quota leaves no room for the output",
        errno.EROFS: lambda: "the output is on a read-only file system",
        errno.EACCES: lambda: "the output cannot be written, its permissions forbid it",
        errno.ENOTDIR: lambda: "the output cannot be written, a file stands where a folder must be",
        errno.EEXIST: lambda: "the output cannot be written, a file stands where a folder must be",
        errno.EISDIR: lambda: "the output cannot be written, a folder stands where a file must be",
    }
    sentence = why.get(error.errno, lambda: f"the output cannot be written ({error.strerror or error})")
    return f"{sentence()}: {path}"


def _walk(folder: str, below: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name != STAGING:
                    yield from _walk(entry.path, f"{name}/")
            else:
                yield name


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
