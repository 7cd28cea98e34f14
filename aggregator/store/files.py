"""The files of the output tree that are ours: recorded before they are written."""

from collections.abc import Iterable

from sqlalchemy import bindparam, delete, insert, select, update

from aggregator.store.part import Part, chunks
from aggregator.store.schema import published_file

CHANGE = update(published_file).where(published_file.c.path == bindparam("path_")).values(sha256=bindparam("sha256_"))
ALL = select(published_file.c.path, published_file.c.sha256)
ADD = insert(published_file)


class Files(Part):
    def all(self) -> dict[str, str]:
        """path → SHA-256 of what we last meant to write there."""
        return {row[0]: row[1] for row in self._connection.execute(ALL)}

    def add(self, files: Iterable[tuple[str, str]]) -> None:
        """(path, feed id) of files about to be written for the first time; their digest is "" until they stand."""
        for chunk in chunks(files):
            rows = [{"path": path, "feed_id": feed_id, "sha256": ""} for path, feed_id in chunk]
            self._connection.execute(ADD, rows)

    def change(self, digests: Iterable[tuple[str, str]]) -> None:
        """(path, SHA-256) of files that stand; "" for those about to be written again."""
        for chunk in chunks(digests):
            self._connection.execute(CHANGE, [{"path_": path, "sha256_": sha256} for path, sha256 in chunk])

    def forget(self, paths: Iterable[str]) -> None:
        for chunk in chunks(paths):
            self._connection.execute(delete(published_file).where(published_file.c.path.in_(chunk)))

    def of_feeds(self, paths: Iterable[str]) -> set[str]:
        """The ids of the feeds that the files belong to ("" for pages and indexes)."""
        return {
            feed_id
            for chunk in chunks(paths)
            for feed_id in self._connection.execute(
                select(published_file.c.feed_id).where(published_file.c.path.in_(chunk))
            ).scalars()
        }
