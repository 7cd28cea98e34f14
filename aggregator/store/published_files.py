"""The files of the output tree that are ours. They are recorded before they are written."""

from collections.abc import Iterable, Mapping

from sqlalchemy import bindparam, delete, insert, select, update

from aggregator.model.published import FileRow
from aggregator.store.dialects import among
from aggregator.store.schema import published_file
from aggregator.store.table import TableQueries

CHANGE = (
    update(published_file)
    .where(published_file.c.path == bindparam("path_"))
    .values(sha256=bindparam("sha256_"), size=bindparam("size_"), mtime=bindparam("mtime_"))
)
ALL = select(published_file.c.path, published_file.c.sha256, published_file.c.size, published_file.c.mtime)
CONTENTS = select(published_file.c.path, published_file.c.feed_id, published_file.c.sha256)
ADD = insert(published_file)


class PublishedFiles(TableQueries):
    def all(self) -> dict[str, str]:
        """Path → `FileRow.sha256`."""
        return {row[0]: row[1] for row in self._all(ALL)}

    def rows(self) -> dict[str, FileRow]:
        return {row[0]: FileRow.stored(*row[1:]) for row in self._all(ALL)}

    def contents(self) -> dict[str, tuple[str, str]]:
        """Path → (feed id, `FileRow.sha256`)."""
        return {row[0]: (row[1], row[2]) for row in self._all(CONTENTS)}

    def find(self, path: str) -> FileRow | None:
        row = self._connection.execute(ALL.where(published_file.c.path == path)).first()
        return FileRow.stored(*row[1:]) if row else None

    def add(self, files: Iterable[tuple[str, str]]) -> None:
        """Adds files, as (path, feed id), that are about to be written for the first time; their digest is ""."""
        self._execute_all(ADD, ({"path": path, "feed_id": feed_id, "sha256": ""} for path, feed_id in files))

    def change(self, rows: Mapping[str, FileRow]) -> None:
        """Updates files that were written; with "" as digest, those about to be written again."""
        self._execute_all(CHANGE, (_changed(path, row) for path, row in rows.items()))

    def forget(self, paths: Iterable[str]) -> None:
        self._change_each(delete(published_file).where(among(published_file.c.path)), paths)

    def of_feeds(self, paths: Iterable[str]) -> set[str]:
        """The ids of the feeds that the files belong to ("" for pages and indexes)."""
        statement = select(published_file.c.feed_id).where(among(published_file.c.path))
        return {row[0] for row in self._each(statement, paths)}


def _changed(path: str, row: FileRow) -> dict[str, object]:
    size, mtime = row.stamp or (None, None)
    return {"path_": path, "sha256_": row.sha256, "size_": size, "mtime_": mtime}
