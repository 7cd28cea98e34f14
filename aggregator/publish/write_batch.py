"""Files that are written together, so that one flush of the disk serves them all."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from aggregator.publish.output_tree import sha256
from aggregator.store import Transaction

ENOUGH = 8 * 2**20  # bytes: enough for one flush of the disk, and few enough for memory


@dataclass(frozen=True, slots=True)
class File:
    """New content of a file in the tree; `feed_id` is "" for pages and indexes."""

    feed_id: str
    data: bytes
    sha256: str


Files = dict[str, File]  # by path


def file_of(data: bytes, feed_id: str = "") -> File:
    return File(feed_id, data, sha256(data))


def is_enough(files: Files) -> bool:
    return sum(len(file.data) for file in files.values()) > ENOUGH


@dataclass(frozen=True, slots=True)
class WriteBatch:
    """`record` is called after the write, with the paths whose bytes changed."""

    files: Files
    record: Callable[[Transaction, Container[str]], None]
