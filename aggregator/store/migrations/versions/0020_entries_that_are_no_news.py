"""Entries that are no news"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

NO_NEWS = sa.text("backlog > ''")


def upgrade() -> None:
    op.add_column("entry", sa.Column("backlog", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("entry", sa.Column("backlog_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_entry_backlog", "entry", ["backlog"], sqlite_where=NO_NEWS, postgresql_where=NO_NEWS)
