"""Entries that were withdrawn, by feed"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("feed_id", sa.String(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column(
            "entry_id", sa.Integer(), sa.ForeignKey("entry.id", name="fk_withdrawal_entry_id_entry"), nullable=True
        ),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger(), nullable=False),
        sa.Column("stood", sa.Boolean(), nullable=False),
        sa.Column("permalink", sa.Boolean(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed_id", "public_id", name="pk_withdrawal"),
    )
    for name in ("public_id", "entry_id", "withdrawn_at"):
        op.create_index(f"ix_withdrawal_{name}", "withdrawal", [name])
