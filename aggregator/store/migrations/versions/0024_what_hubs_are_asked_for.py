"""What hubs are asked for, and what they deliver (WebSub)"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"

WAITING = sa.text("body IS NOT NULL")
COUNTS = ("accepted", "unsigned", "forged", "repeated", "too_large", "unreadable", "told", "missed")


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("source_id", "hub", "topic", "callback", "secret")),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("next_at", "asked_at", "expires_at")),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sa.UniqueConstraint("callback", name="uq_subscription_callback"),
    )
    op.create_index("ix_subscription_source_id", "subscription", ["source_id"])
    op.create_index("ix_subscription_next_at", "subscription", ["next_at"])
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
    )
    op.create_index("ix_delivery_digest", "delivery", ["subscription_id", "digest"], unique=True)
    op.create_index("ix_delivery_at", "delivery", ["at"])
    op.create_index(
        "ix_delivery_waiting", "delivery", ["subscription_id"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.create_table(
        "hub_tally",
        sa.Column("hub", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("by_push", "by_poll", "missed")),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("told_at", "missed_at")),
        sa.PrimaryKeyConstraint("hub", name="pk_hub_tally"),
    )
    for name in ("hub", "topic", "cloud"):
        op.add_column("source", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("source", sa.Column("hub_proved", sa.Boolean(), nullable=False, server_default=sa.false()))
