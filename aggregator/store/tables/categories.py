"""Categories, and the entries in them."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from aggregator.store.tables.metadata import metadata
from aggregator.store.types import Shaped, are_terms

category = Table(
    "category",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("parent_id", Integer, ForeignKey("category.id")),
    Column("name", String, nullable=False),  # folded
    Column("label", String, nullable=False),  # as shown; it never changes
    Column("slug", String, nullable=False),
    Column("path", String, nullable=False, unique=True),  # slugs from the top, joined by /
    Column("depth", Integer, nullable=False),
    Column("moved_to", Integer),  # the category that its entries went to
    Column("founder", String, nullable=False, default=""),  # the source whose quota its feed counts against; "" = none
    UniqueConstraint("parent_id", "name"),
)

# For a category that no rule names and that has no feed yet: the first sources whose terms lead there.
category_source = Table(
    "category_source",
    metadata,
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("source_id", String, primary_key=True),
    Column("position", Integer, nullable=False),  # from 0, in order of arrival
)

# For an old address: entries that left a category and did not return, and where they went.
category_departure = Table(
    "category_departure",
    metadata,
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True, index=True),
    Column("to_id", Integer, primary_key=True),  # a category, 0 = none
)

entry_category = Table(
    "entry_category",
    metadata,
    Column("entry_id", Integer, ForeignKey("entry.id"), primary_key=True),
    Column("category_id", Integer, ForeignKey("category.id"), primary_key=True),
    Column("position", Integer),  # NULL = a parent of a category that it is placed in
    Column("terms", Shaped(are_terms)),  # where placed: for each level [term, scheme, or null for ours]
    Index("ix_entry_category_category", "category_id", "entry_id"),
)
