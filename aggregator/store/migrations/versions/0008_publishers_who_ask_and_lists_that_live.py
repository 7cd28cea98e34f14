"""Publishers who ask not to be republished, and reading lists that are read again and again"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0003"


def upgrade() -> None:
    for name in ("opt_out", "opt_out_header"):
        op.add_column("source", sa.Column(name, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("sighting", sa.Column("opt_out", sa.Boolean(), nullable=False, server_default=sa.false()))
