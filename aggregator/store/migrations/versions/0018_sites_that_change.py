"""Sites that change: what a source showed, and since when it is another site"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("source", sa.Column("site_changed_at", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("site_evidence", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("source", sa.Column("site_trusted_at", sa.BigInteger(), nullable=True))
    op.add_column("source", sa.Column("site_memory", sa.LargeBinary(), nullable=True))
    op.add_column("health", sa.Column("site_changed_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_sighting_source_seen", "sighting", ["source_id", "first_seen_at"])
