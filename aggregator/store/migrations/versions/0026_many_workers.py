"""Many workers: rounds, shards of sources, leases of hosts, and the queue"""

import sqlalchemy as sa
from alembic import op

from aggregator.store.queue_schema import install

revision = "0026"
down_revision = "0025"

IN_ROUND, UNPLACED = sa.text("round_id IS NOT NULL"), sa.text("shard IS NULL")


def upgrade() -> None:
    op.create_table(
        "pull_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("merged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pull_round"),
    )
    op.create_table(
        "lease",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("worker", sa.String(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_lease"),
    )
    op.create_index("ix_lease_until", "lease", ["until"])
    op.create_table(
        "host_lease",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("place", name="pk_host_lease"),
    )
    op.create_index("ix_host_lease_token", "host_lease", ["token"])
    op.create_table(
        "worker",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("jobs", sa.Integer(), nullable=False),
        sa.Column("pulls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_worker"),
    )
    op.add_column("source", sa.Column("shard", sa.Integer(), nullable=True))
    op.add_column("source", sa.Column("round_id", sa.Integer(), nullable=True))
    op.create_index(
        "ix_source_round_id", "source", ["round_id", "shard"], sqlite_where=IN_ROUND, postgresql_where=IN_ROUND
    )
    op.create_index("ix_source_unplaced", "source", ["kind"], sqlite_where=UNPLACED, postgresql_where=UNPLACED)
    install(op.get_bind())
