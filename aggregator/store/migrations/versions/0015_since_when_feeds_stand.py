"""Since when a feed is in the tree, and which addresses a person ended"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.add_column("feed", sa.Column("stands_since", sa.BigInteger(), nullable=True))
    op.add_column("feed", sa.Column("ended_at", sa.BigInteger(), nullable=True))
