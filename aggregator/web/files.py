"""Reads files of the tree while other processes replace them.

The state is not consulted. A file is read once for each version, to compute its SHA-256 (the same one that index.json
and the state hold). After that one stat(2) tells whether it changed.
"""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator.web.media_types import FileType, file_type_of

MOST_IN_MEMORY = 16 * 2**20  # bytes; larger files are sent in chunks, uncompressed
MOST_KNOWN = 100_000
CHUNK = 2**18
ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO}

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """One version of a file. `path` is relative to the tree. `modified` is in seconds since 1970, and two versions
    never share it: a client that compares dates alone would miss a second change within one second.
    """

    path: str
    signature: Signature
    sha256: str
    size: int
    modified: int
    kind: FileType

    @property
    def is_large(self) -> bool:
        return self.size > MOST_IN_MEMORY


class ServedFiles:
    """Returns None for paths that do not exist, are no regular file, or lead out of the tree. Raises OSError where the
    disk fails."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._known: dict[str, ServedFile] = {}

    def known(self, path: str) -> ServedFile | None:
        """The version read before, if it is still the current one. Opens no file."""
        document = self._known.get(path)
        if document is None:
            return None
        try:
            status = os.stat(self._full_path(path))  # noqa: PTH116 - a Path costs three times as much
        except OSError:
            return None
        return document if document.signature == _signature(status) else None

    def has_any(self, paths: Iterable[str]) -> bool:
        """Whether one of them is a file of the tree. Waits for the disk."""
        for path in paths:
            with self._opened(path) as file:
                if file is not None:
                    return True
        return False

    def read(self, path: str) -> tuple[ServedFile, bytes] | None:
        """The current version with its bytes; b"" where it is large. Waits for the disk."""
        with self._opened(path) as file:
            if file is None:
                return None
            status = os.fstat(file.fileno())  # before reading, so that a change meanwhile is noticed
            is_large = status.st_size > MOST_IN_MEMORY
            data = b"" if is_large else file.read()
            sha256 = (hashlib.file_digest(file, "sha256") if is_large else hashlib.sha256(data)).hexdigest()
        size = status.st_size if is_large else len(data)
        modified = self._date(path, sha256, int(status.st_mtime))
        document = ServedFile(path, _signature(status), sha256, size, modified, file_type_of(path))
        self._keep(document)
        return document, data

    def chunks(self, document: ServedFile) -> Iterator[bytes]:
        """The bytes of exactly this version. Ends early where the file was replaced."""
        with self._opened(document.path) as file:
            while file and _signature(os.fstat(file.fileno())) == document.signature and (data := file.read(CHUNK)):
                yield data

    def _keep(self, document: ServedFile) -> None:
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[document.path] = document

    def _date(self, path: str, sha256: str, modified: int) -> int:
        before = self._known.get(path)
        if before is None:
            return modified
        return before.modified if before.sha256 == sha256 else max(modified, before.modified + 1)

    def _full_path(self, path: str) -> str:
        return f"{self._root}/{path}"

    @contextmanager
    def _opened(self, path: str) -> Iterator[io.BufferedReader | None]:
        try:
            descriptor = self._descriptor(path)
        except OSError as error:
            if error.errno not in ABSENT:
                raise
            descriptor = None
        if descriptor is None:
            yield None
            return
        with os.fdopen(descriptor, "rb") as file:
            yield file

    def _descriptor(self, path: str) -> int | None:
        """Follows symbolic links that stay in the tree and lead to no hidden file."""
        root = os.path.realpath(self._root)
        real = os.path.realpath(self._full_path(path), strict=True)
        inside = real.removeprefix(f"{root}/")
        if inside == real or any(level.startswith(".") for level in inside.split("/")):
            return None
        descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None


def _signature(status: os.stat_result) -> Signature:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
