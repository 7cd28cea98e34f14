"""Archives of feeds: which page each entry was sealed on, and the pages"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("entry", sa.Column("shifted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_entry_shifted", "entry", ["shifted"])
    op.add_column("feed", sa.Column("generation", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("feed", sa.Column("archive", sa.String(), nullable=False, server_default=sa.text("''")))

    op.create_table(
        "archive_page",
        sa.Column("feed_id", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "number", name=op.f("pk_archive_page")),
    )
    op.create_table(
        "archive_entry",
        sa.Column("feed_id", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_archive_entry_entry_id_entry")),
        sa.PrimaryKeyConstraint("feed_id", "entry_id", name=op.f("pk_archive_entry")),
    )
    op.create_index("ix_archive_entry_entry_id", "archive_entry", ["entry_id"])
    op.create_index("ix_archive_entry_number", "archive_entry", ["number", "feed_id"])
