"""The output tree on disk: whole files only, replaced atomically, never somebody else's."""

import ctypes
import errno
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from aggregator.errors import OutputError

STAGING = ".aggregator-staging"
MANY = 32  # files, from which on the file system is flushed as a whole
LIBC = ctypes.CDLL(None, use_errno=True)
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

    def read(self, path: str) -> bytes | None:
        """None where nothing can be read."""
        with suppress(OSError):
            return (self.root / path).read_bytes()
        return None

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
        if not files:
            return
        staging = self.root / STAGING
        folders = sorted({(self.root / path).parent for path in files})
        flush_all = len(files) > MANY and hasattr(LIBC, "syncfs")
        try:
            with self._translated(self.root):
                staging.mkdir(exist_ok=True)
                for i, (path, data) in enumerate(files.items()):
                    self._stage(staging / str(i), path, data, flush=not flush_all)
                if flush_all:
                    _flush_file_system(staging)
                for folder in folders:
                    folder.mkdir(parents=True, exist_ok=True)
                for i, path in enumerate(files):
                    self._place(staging / str(i), path)
                for folder in () if flush_all else folders:
                    _flush(folder)
                if flush_all:
                    _flush_file_system(self.root)
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

    def _stage(self, temporary: Path, path: str, data: bytes, *, flush: bool) -> None:
        with self._translated(self.root / path):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                if flush:
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _place(self, temporary: Path, path: str) -> None:
        with self._translated(self.root / path):
            temporary.replace(self.root / path)

    @contextmanager
    def _translated(self, path: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(_sentence(error, Path(error.filename or path))) from error


class Preview(Tree):
    """A tree that is read and left as it is: what would be written or removed is not. It need not be there yet, and
    who previews it need not be allowed to write.
    """

    def open(self) -> None:
        """Refuses what could not become a folder."""
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        with self._translated(there):
            if not there.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    def files(self) -> set[str]:
        return super().files() if self.root.exists() else set()

    def write(self, files: Mapping[str, bytes]) -> None:
        pass

    def remove(self, paths: Iterable[str]) -> None:
        pass


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


def _flush(folder: Path) -> None:
    """What was renamed in `folder` stays so through a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_file_system(folder: Path) -> None:
    """The same for everything at once (syncfs(2)): for many files far cheaper than one after another."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if LIBC.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
