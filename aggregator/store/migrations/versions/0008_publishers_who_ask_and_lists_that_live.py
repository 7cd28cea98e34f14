"""Publishers who ask not to be republished, and reading lists that are read again and again"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    for name in ("opt_out", "opt_out_header"):
        op.add_column("source", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("sighting", sa.Column("opt_out", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "reading_list",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("feeds", sa.LargeBinary(), nullable=True),
        sa.Column("ids", sa.JSON(), nullable=False),
        sa.Column("etag", sa.String(), nullable=False),
        sa.Column("last_modified", sa.String(), nullable=False),
        sa.Column("body_digest", sa.String(), nullable=False),
        sa.Column("last_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("last_success_at", sa.BigInteger(), nullable=True),
        sa.Column("next_read_at", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error_kind", sa.String(), nullable=False),
        sa.Column("error_message", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reading_list"),
    )
