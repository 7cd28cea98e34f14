"""How the last document of each source was read, so that entries which did not change need not be read again.

A row may be missing or old: then the next document is read whole.
"""

from collections.abc import Mapping

from sqlalchemy import bindparam, delete, insert, select

from aggregator.store.dialects import among
from aggregator.store.schema import read_markup
from aggregator.store.table import TableQueries

GET = select(read_markup.c.markup).where(read_markup.c.source_id == bindparam("source_id_"))
DROP = delete(read_markup).where(among(read_markup.c.source_id))
ADD = insert(read_markup)


class ReadMarkups(TableQueries):
    def get(self, source_id: str) -> bytes | None:
        """The packed ReadMarkup."""
        return self._connection.execute(GET, {"source_id_": source_id}).scalar()

    def put(self, markups: Mapping[str, bytes]) -> None:
        """`markups`: by source."""
        self._change_each(DROP, markups)
        self._execute_all(ADD, ({"source_id": id_, "markup": markup} for id_, markup in markups.items()))
