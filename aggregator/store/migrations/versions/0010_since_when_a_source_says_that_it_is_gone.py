"""Since when a source answers 410 Gone"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("source", sa.Column("gone_since", sa.BigInteger(), nullable=True))
    # Who was believed is believed when asked once more; who said it last can have said it no later than it was asked.
    op.execute("UPDATE source SET gone_since = state_since - 86400000000 WHERE state = 'gone'")  # a day
    op.execute("UPDATE source SET gone_since = last_attempt_at WHERE state != 'gone' AND last_status = 410")
