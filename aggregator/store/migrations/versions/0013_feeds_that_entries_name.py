"""The feed that an entry says it was taken from"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("sighting", sa.Column("origin", sa.String(), nullable=False, server_default=sa.text("''")))
