"""The files of the tree as they stand at this moment, while other processes replace them.

Nothing is asked of the state: a file is its own record. It is read once for each version, to know its SHA-256 (which
is what index.json and the state say of it, too); from then on one stat(2) tells whether it is still the same.
"""

import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aggregator.web.media_types import Kind, kind_of

MOST_IN_MEMORY = 16 * 2**20  # bytes of a file that is sent as a whole, and compressed
MOST_KNOWN = 100_000
CHUNK = 2**18
ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO}

Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ServedFile:
    """One version of a file. `path` is below the tree; `modified` in seconds since 1970, never the same for two
    versions that were read here: who asks by date alone would miss a second change within a second.
    """

    path: str
    signature: Signature
    sha256: str
    size: int
    modified: int
    kind: Kind

    @property
    def is_large(self) -> bool:
        return self.size > MOST_IN_MEMORY


class ServedFiles:
    """Raises OSError for what the disk refuses; what is not there, no plain file, or outside of the tree is None."""

    def __init__(self, root: Path) -> None:
        self._root = str(root)
        self._known: dict[str, ServedFile] = {}

    def known(self, path: str) -> ServedFile | None:
        """What was read before, if it still stands there. Opens nothing."""
        document = self._known.get(path)
        if document is None:
            return None
        try:
            status = os.stat(self._place(path))  # noqa: PTH116 - a Path costs three times as much
        except OSError:
            return None
        return document if document.signature == _signature(status) else None

    def read(self, path: str) -> tuple[ServedFile, bytes] | None:
        """The file as it is now, with its bytes, or none of them where it is large. Waits for the disk."""
        with self._opened(path) as file:
            if file is None:
                return None
            status = os.fstat(file.fileno())  # before reading: what changes meanwhile will differ from it
            is_large = status.st_size > MOST_IN_MEMORY
            data = b"" if is_large else file.read()
            sha256 = (hashlib.file_digest(file, "sha256") if is_large else hashlib.sha256(data)).hexdigest()
        size = status.st_size if is_large else len(data)
        modified = self._date(path, sha256, int(status.st_mtime))
        document = ServedFile(path, _signature(status), sha256, size, modified, kind_of(path))
        self._keep(document)
        return document, data

    def chunks(self, document: ServedFile) -> Iterator[bytes]:
        """The bytes of exactly this version; fewer of them where it was replaced."""
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

    def _place(self, path: str) -> str:
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
        """Links are followed as long as they stay in the tree, and lead to nothing hidden in it."""
        root = os.path.realpath(self._root)
        real = os.path.realpath(self._place(path), strict=True)
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
