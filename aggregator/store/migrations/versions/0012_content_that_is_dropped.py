"""Where pruned content of a sighting is kept, and the sketch of its text"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("sighting", sa.Column("kept_in", sa.String(), nullable=True))
    op.add_column("sighting", sa.Column("sketch", sa.LargeBinary(), nullable=True))
    whole, dropped = sa.text("kept_in IS NULL"), sa.text("kept_in IS NOT NULL")
    op.create_index("ix_sighting_whole_content", "sighting", ["entry_id"], sqlite_where=whole, postgresql_where=whole)
    op.create_index("ix_sighting_kept_in", "sighting", ["kept_in"], sqlite_where=dropped, postgresql_where=dropped)
