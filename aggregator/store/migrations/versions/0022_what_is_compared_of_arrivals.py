"""What is compared of arrivals"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("arrival", sa.Column("comparable", sa.LargeBinary(), nullable=True))
