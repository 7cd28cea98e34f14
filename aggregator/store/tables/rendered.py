"""Entries as they are written."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from aggregator.store.tables.metadata import metadata

# Every entry that stands in a document which is not sealed, in every format. A row that is missing, or was made of
# something else than what is shown now, is made anew.
rendered = Table(
    "rendered",
    metadata,
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True, autoincrement=False),
    Column("variant", String, primary_key=True),  # language of pages | template of titles; "" = those of site and entry
    Column("shown", String, nullable=False),  # digest of all that it was made of
    Column("pieces", LargeBinary, nullable=False),  # by format: its bytes, or why it is left out
)
