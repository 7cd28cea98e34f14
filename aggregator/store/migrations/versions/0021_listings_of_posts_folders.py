"""Listings of posts folders"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

NOTED, WAITING = sa.text("notes IS NOT NULL"), sa.text("waits_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("source", sa.Column("listing", sa.String(), nullable=False, server_default=sa.text("''")))
    op.create_index("ix_post_file_state", "post_file", ["source_id", "state"])
    op.create_index("ix_post_file_notes", "post_file", ["source_id"], sqlite_where=NOTED, postgresql_where=NOTED)
    op.create_index(
        "ix_post_file_waits_until", "post_file", ["waits_until"], sqlite_where=WAITING, postgresql_where=WAITING
    )
