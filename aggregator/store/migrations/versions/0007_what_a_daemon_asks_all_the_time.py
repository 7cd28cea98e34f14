"""Indexes for the daemon's frequent queries: the next due source, and leases"""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_index("ix_source_next_poll_at", "source", ["next_poll_at"])
    op.create_index("ix_source_lease", "source", ["lease"])
