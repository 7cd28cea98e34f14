"""Which published files stand as we wrote them.

A file whose size and time of change are those that were recorded is taken for intact; of any other its digest decides.
A checkout, a copy or rsync changes times and no bytes: then what was recorded is renewed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aggregator.model.published import Stamp
from aggregator.publish.output_tree import Tree
from aggregator.store import FileRow


@dataclass(frozen=True, slots=True)
class Intact:
    """`paths`: what stands as it was written; `renewed`: those of them whose size or time was recorded otherwise."""

    paths: set[str]
    renewed: Mapping[str, FileRow]


def find_intact(tree: Tree, rows: Mapping[str, FileRow], *, thorough: bool) -> Intact:
    """`thorough`: digests are compared whatever sizes and times say."""
    stamps = tree.stamps(rows)
    trusted = set() if thorough else {path for path, stamp in stamps.items() if _is_trusted(rows[path], stamp)}
    looked_at = {path: stamp for path, stamp in stamps.items() if path not in trusted}
    equal = set(_equal(tree, rows, looked_at))
    renewed = {path: FileRow(rows[path].sha256, stamps[path]) for path in equal if rows[path].stamp != stamps[path]}
    return Intact(trusted | equal, renewed)


def _is_trusted(row: FileRow, stamp: Stamp) -> bool:
    return bool(row.sha256) and row.stamp == stamp


def _equal(tree: Tree, rows: Mapping[str, FileRow], looked_at: Mapping[str, Stamp]) -> Iterator[str]:
    """A size that differs says enough: such a file need not be read."""
    for path, stamp in looked_at.items():
        row = rows[path]
        has_size = row.stamp is None or row.stamp.size == stamp.size
        if row.sha256 and has_size and tree.sha256(path) == row.sha256:
            yield path
