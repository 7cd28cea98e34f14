"""Files that are written together, so that the disk is waited for once; and what is noted when they stand."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from aggregator.publish.output_tree import sha256
from aggregator.store import Transaction

ENOUGH = 8 * 2**20  # bytes that are worth a flush of the disk, and fit in memory


@dataclass(frozen=True, slots=True)
class File:
    """What a file of the tree is to hold; `feed_id` is "" for pages and indexes."""

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
    """`note` is given those paths whose bytes changed."""

    files: Files
    note: Callable[[Transaction, Container[str]], None]
