"""What is compared of arrivals; one index for an id or a link in its own source and in others"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("arrival", sa.Column("comparable", sa.LargeBinary(), nullable=True))
    for name in ("upstream", "canonical"):
        op.drop_index(f"ix_sighting_{name}", "sighting")
        op.drop_index(f"ix_sighting_source_{name}", "sighting")
    op.create_index("ix_sighting_upstream", "sighting", ["upstream_id", "source_id"])
    op.create_index("ix_sighting_canonical", "sighting", ["canonical", "source_id"])
