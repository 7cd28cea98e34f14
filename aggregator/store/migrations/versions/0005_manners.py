"""What publishers and their hosts ask for, addresses that moved, and answers kept for the next run"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    nothing, none = sa.text("''"), sa.text("0")
    op.add_column("source", sa.Column("due_at", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("poll_reason", sa.String(), nullable=False, server_default=nothing))
    op.add_column("source", sa.Column("last_status", sa.Integer(), nullable=False, server_default=none))
    op.add_column("source", sa.Column("fresh_for", sa.Integer(), nullable=False, server_default=none))
    op.add_column("source", sa.Column("pace", sa.LargeBinary(), nullable=True))
    op.add_column("source", sa.Column("host", sa.String(), nullable=False, server_default=nothing))
    op.add_column("source", sa.Column("moved_url", sa.String(), nullable=False, server_default=nothing))
    op.add_column("source", sa.Column("move_target", sa.String(), nullable=False, server_default=nothing))
    op.add_column("source", sa.Column("move_since", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("move_answers", sa.Integer(), nullable=False, server_default=none))
    op.add_column("source", sa.Column("move_refused", sa.String(), nullable=False, server_default=nothing))
    op.create_table(
        "host",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("refused_at", sa.BigInteger(), nullable=False),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("retry_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_host")),
    )
    op.create_table(
        "kept_answer",
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_kept_answer")),
    )
