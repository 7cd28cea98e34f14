"""Entries as they are rendered"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "rendered",
        sa.Column(
            "entry_id", sa.Integer(), sa.ForeignKey("entry.id", name="fk_rendered_entry_id_entry"), nullable=False
        ),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("shown", sa.String(), nullable=False),
        sa.Column("pieces", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", "variant", name="pk_rendered"),
    )
