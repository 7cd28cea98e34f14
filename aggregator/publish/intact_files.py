"""Finds published files that are as we wrote them.

A file with the recorded size and modification time is taken as intact; for any other file the digest decides. A
checkout, a copy or rsync changes times but no bytes: then the recorded times are updated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aggregator.model.published import FileRow, Stamp
from aggregator.publish.output_tree import Tree


@dataclass(frozen=True, slots=True)
class Intact:
    """`paths`: files that are as we wrote them; `renewed`: rows of those whose recorded size or time was outdated."""

    paths: set[str]
    renewed: Mapping[str, FileRow]


def find_intact(tree: Tree, rows: Mapping[str, FileRow], *, thorough: bool) -> Intact:
    """`thorough`: compares the digests of all files."""
    stamps = tree.stamps(rows)
    trusted = set() if thorough else {path for path, stamp in stamps.items() if _is_trusted(rows[path], stamp)}
    candidates = {path: stamp for path, stamp in stamps.items() if path not in trusted}
    equal = set(_equal(tree, rows, candidates))
    renewed = {path: FileRow(rows[path].sha256, stamps[path]) for path in equal if rows[path].stamp != stamps[path]}
    return Intact(trusted | equal, renewed)


def _is_trusted(row: FileRow, stamp: Stamp) -> bool:
    return bool(row.sha256) and row.stamp == stamp


def _equal(tree: Tree, rows: Mapping[str, FileRow], candidates: Mapping[str, Stamp]) -> Iterator[str]:
    """Paths whose digest is as recorded. A file of another size need not be read."""
    for path, stamp in candidates.items():
        row = rows[path]
        has_size = row.stamp is None or row.stamp.size == stamp.size
        if row.sha256 and has_size and tree.sha256(path) == row.sha256:
            yield path
