"""Which entries left which category, and where they went"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "category_departure",
        sa.Column("category_id", sa.Integer(), sa.ForeignKey("category.id"), primary_key=True),
        sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.id"), primary_key=True),
        sa.Column("to_id", sa.Integer(), primary_key=True),
    )
    op.create_index("ix_category_departure_entry_id", "category_departure", ["entry_id"])
