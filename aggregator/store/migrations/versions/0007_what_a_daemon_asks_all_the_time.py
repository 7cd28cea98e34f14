"""What a daemon asks all the time: which source is due next, what it leased, when the newest batch was"""

from alembic import op

revision = "0007"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_source_next_poll_at", "source", ["next_poll_at"])
    op.create_index("ix_source_lease", "source", ["lease"])
    op.create_index("ix_pull_batch_at", "pull", ["batch_at"])
