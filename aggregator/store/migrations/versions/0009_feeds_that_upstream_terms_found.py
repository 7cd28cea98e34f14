"""The source whose quota a category's feed counts against, and the sources of categories without a feed.

Categories that exist already count against no quota: no row is added for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("category", sa.Column("founder", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_table(
        "category_source",
        sa.Column("category_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name="fk_category_source_category_id_category"),
        sa.PrimaryKeyConstraint("category_id", "source_id", name="pk_category_source"),
    )
