"""What hubs are told, and who subscribes to our own hub"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

NOTHING, NONE = sa.text("''"), sa.text("0")


def text(name: str, default: sa.TextClause | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False, server_default=default)


def time(name: str, *, known: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=not known)


def count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=NONE)


def upgrade() -> None:
    op.create_table(
        "ping",
        text("path"),
        text("sha256"),
        time("changed_at", known=True),
        time("due_at"),
        count("failures"),
        time("sent_at"),
        count("status"),
        text("message", NOTHING),
        sa.PrimaryKeyConstraint("path", name="pk_ping"),
    )
    op.create_table(
        "hub_request",
        sa.Column("id", sa.Integer(), nullable=False),
        *map(text, ("mode", "path", "topic", "callback", "host")),
        text("secret", NOTHING),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        time("asked_at", known=True),
        time("due_at"),
        count("failures"),
        text("message", NOTHING),
        sa.PrimaryKeyConstraint("id", name="pk_hub_request"),
        sa.UniqueConstraint("path", "callback", name="uq_hub_request_path"),
    )
    op.create_table(
        "hub_subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        *map(text, ("path", "topic", "callback", "host")),
        text("secret", NOTHING),
        time("confirmed_at", known=True),
        time("expires_at", known=True),
        text("sha256", NOTHING),
        time("due_at"),
        count("failures"),
        time("failing_since"),
        time("delivered_at"),
        count("status"),
        text("message", NOTHING),
        time("ended_at"),
        text("ended_by", NOTHING),
        sa.PrimaryKeyConstraint("id", name="pk_hub_subscription"),
        sa.UniqueConstraint("path", "callback", name="uq_hub_subscription_path"),
    )
    op.create_index("ix_ping_due_at", "ping", ["due_at"])
    for table, columns in (("hub_request", ("host", "due_at")), ("hub_subscription", ("host", "due_at", "expires_at"))):
        for name in columns:
            op.create_index(f"ix_{table}_{name}", table, [name])
