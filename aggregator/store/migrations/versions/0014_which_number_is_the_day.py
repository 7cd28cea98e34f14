"""Which number of a source's dates is the day"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column("source", sa.Column("date_order", sa.String(), nullable=False, server_default=sa.text("''")))
