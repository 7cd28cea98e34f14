"""Categories that move, and columns to decide them again without reading every entry"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("category", sa.Column("moved_to", sa.Integer(), nullable=True))
    op.add_column("feed", sa.Column("contents", sa.LargeBinary(), nullable=True))
    op.add_column("feed", sa.Column("moved_to", sa.String(), nullable=True))
    op.add_column("sighting", sa.Column("terms", sa.LargeBinary(), nullable=True))
    op.add_column("source", sa.Column("policy", sa.String(), nullable=False, server_default=sa.text("''")))
