"""How documents were read, so that unchanged entries are not read again"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "read_markup",
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("markup", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", name="pk_read_markup"),
    )
