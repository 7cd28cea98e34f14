"""The output tree on disk: files are written whole and replaced atomically; foreign files are never touched."""

import ctypes
import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from aggregator.errors import OutputError
from aggregator.model.published import Stamp
from aggregator.text.generator import FEEDS, INDEX, REMOVED, is_marked, is_whole

STAGING = ".aggregator-staging"
MANY = 32  # files; from here on one flush of the whole file system is cheaper
LIBC = ctypes.CDLL(None, use_errno=True)
MARKED = {INDEX, *FEEDS}  # names of files that bear our mark


class Tree:
    """Paths are POSIX and relative to `root`. Raises OutputError, with the path, for every error of the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        """Creates the folder, and removes temporary files of a killed run."""
        with self._translated(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(self.root / STAGING, ignore_errors=True)
            if not os.access(self.root, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def has_index(self) -> bool:
        """Whether there is a nonempty index; reads no file."""
        stamp = self.stamps([INDEX]).get(INDEX)
        return stamp is not None and stamp.size > 0

    def is_published(self) -> bool:
        """Whether the index, a feed or an archive page here bears our mark. Stops at the first one found, so this
        is slow only in a large foreign tree."""
        if self._is_marked(INDEX):
            return True
        there = _walk(str(self.root), "", passes=lambda name: not name.startswith("."))
        return any(self._is_marked(path) for path in there if path.rpartition("/")[2] in MARKED)

    def refuse_foreign_index(self) -> None:
        """Raises OutputError where index.json is another program's. An empty file, or one that is not JSON, counts as
        our own damaged one and is replaced."""
        data = self.read(INDEX)
        if data and is_whole(INDEX, data) and not is_marked(INDEX, data):
            raise OutputError(_FOREIGN.format(self.root / INDEX))

    def files(self) -> set[str]:
        """The paths of all files."""
        with self._translated(self.root):
            return set(_walk(str(self.root), ""))

    def stamps(self, paths: Iterable[str]) -> dict[str, Stamp]:
        """Stamps of those of `paths` that are regular files, with one lstat(2) each. Paths are strings, which cost half
        of what Path objects cost."""
        root, found = str(self.root), {}
        with self._translated(self.root):
            for path in paths:
                try:
                    status = os.lstat(f"{root}/{path}")
                except (FileNotFoundError, NotADirectoryError):
                    continue
                if stat.S_ISREG(status.st_mode):
                    found[path] = Stamp(status.st_size, status.st_mtime_ns)
        return found

    def sha256(self, path: str) -> str:
        """The digest of the file in hexadecimal; "" where it cannot be read."""
        with suppress(OSError), (self.root / path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
        return ""

    def read(self, path: str) -> bytes | None:
        """None where no regular file can be read; reading a pipe would block."""
        with suppress(OSError):
            file = self.root / path
            return file.read_bytes() if file.is_file() else None
        return None

    def refuse_foreign(self, paths: Collection[str], recorded: Container[str], *, marked_is_ours: bool) -> None:
        """Raises OutputError where one of `paths` is a folder, or a file that is not `recorded` as ours. Empty files
        may be replaced, and with `marked_is_ours` files that bear our mark. A link at a recorded path is replaced, and
        its target stays."""
        for path in paths:
            there = self.root / path
            with self._translated(there):
                kind = _kind(there)
                if kind == "folder":
                    raise OutputError(f"{there} is a folder where a file of ours must be; move it elsewhere")
                if kind and path not in recorded and not (kind == "file" and self._may_replace(path, marked_is_ours)):
                    raise OutputError(_FOREIGN.format(there))
        if INDEX in paths:
            self.refuse_foreign_index()

    def write(self, files: Mapping[str, bytes]) -> dict[str, Stamp]:
        """Writes all files to the disk before the first one is moved into place. Returns the stamp of each."""
        if not files:
            return {}
        staging = self.root / STAGING
        folders = sorted({(self.root / path).parent for path in files})
        flush_all = len(files) > MANY and hasattr(LIBC, "syncfs")
        try:
            with self._translated(self.root):
                staging.mkdir(exist_ok=True)
                stamps = {
                    path: self._stage(staging / str(i), path, data, flush=not flush_all)
                    for i, (path, data) in enumerate(files.items())
                }
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
        return stamps

    def remove(self, paths: Iterable[str]) -> None:
        """Removes files of ours, and folders that become empty."""
        for path in paths:
            with self._translated(self.root / path):
                (self.root / path).unlink(missing_ok=True)
            for folder in list(PurePosixPath(path).parents)[:-1]:
                with suppress(OSError):  # not empty
                    (self.root / folder).rmdir()

    def is_picture(self, path: str) -> bool:
        """Whether a page of ours shows the file as the picture of a post. It bears no mark of its own."""
        folder, _, name = path.rpartition("/")
        page = self.read(f"{folder}.html") if folder.startswith("entries/") else None
        is_ours = page is not None and is_marked(f"{folder}.html", page)
        return is_ours and f"{folder}/{quote(name)}".encode() in (page or b"")

    def _is_marked(self, path: str) -> bool:
        data = self.read(path)
        return data is not None and is_marked(path, data)

    def _may_replace(self, path: str, marked_is_ours: bool) -> bool:
        data = (self.root / path).read_bytes()
        is_damaged = path in {INDEX, REMOVED} and not is_whole(path, data)
        return not data or is_damaged or (marked_is_ours and (is_marked(path, data) or self.is_picture(path)))

    def _stage(self, temporary: Path, path: str, data: bytes, *, flush: bool) -> Stamp:
        with self._translated(self.root / path):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            try:
                rest = memoryview(data)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                if flush:
                    os.fsync(descriptor)
                status = os.fstat(descriptor)
                return Stamp(status.st_size, status.st_mtime_ns)
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
            raise OutputError(_message(error, Path(error.filename or path))) from error


class ReadOnlyTree(Tree):
    """A tree for dry runs: it reads, and `write` and `remove` do nothing. The folder need not exist or be writable."""

    def open(self) -> None:
        """Raises OutputError where the folder could not be created."""
        there = next(path for path in (self.root, *self.root.parents) if path.exists())
        with self._translated(there):
            if not there.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))

    def write(self, files: Mapping[str, bytes]) -> dict[str, Stamp]:  # noqa: ARG002
        return {}

    def remove(self, paths: Iterable[str]) -> None:
        pass


_FOREIGN = "{} was not written by this program and is in the way; move it elsewhere"


def _kind(there: Path) -> str:
    """The kind of what is at a path: "folder", "file", "other" (such as a link), "" for nothing."""
    try:
        mode = there.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return "folder" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "other"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _message(error: OSError, path: Path) -> str:
    why: dict[int | None, Callable[[], str]] = {
        errno.ENOSPC: lambda: "no room left on the disk for the output",
        errno.EDQUOT: lambda: "the disk quota leaves no room for the output",
        errno.EROFS: lambda: "the output is on a read-only file system",
        errno.EACCES: lambda: "the output cannot be written, its permissions forbid it",
        errno.ENOTDIR: lambda: "the output cannot be written, a file stands where a folder must be",
        errno.EEXIST: lambda: "the output cannot be written, a file stands where a folder must be",
        errno.EISDIR: lambda: "the output cannot be written, a folder stands where a file must be",
    }
    message = why.get(error.errno, lambda: f"the output cannot be written ({error.strerror or error})")
    return f"{message()}: {path}"


def _walk(folder: str, below: str, *, passes: Callable[[str], bool] | None = None) -> Iterator[str]:
    """Paths of files. `passes`: selects names; with it, folders that cannot be read are skipped."""
    with suppress(OSError) if passes else nullcontext(), os.scandir(folder) as entries:
        for entry in entries:
            name = f"{below}{entry.name}"
            if passes and not passes(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                if entry.name != STAGING:
                    yield from _walk(entry.path, f"{name}/", passes=passes)
            else:
                yield name


def _flush(folder: Path) -> None:
    """Makes renames in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_file_system(folder: Path) -> None:
    """Flushes the whole file system (syncfs(2)): for many files far cheaper than one flush each."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if LIBC.syncfs(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(folder))
    finally:
        os.close(descriptor)
