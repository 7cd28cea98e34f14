"""The newest sightings of a source, by an index"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_index("ix_sighting_source", "sighting", ["source_id", "id"])
