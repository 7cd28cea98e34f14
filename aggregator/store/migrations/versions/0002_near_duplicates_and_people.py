"""Near-duplicates, held entries, tombstones and overrides"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:

    op.create_table(
        "band",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sighting_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "sighting_id", name=op.f("pk_band")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signature",
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("scheme", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sighting_id", name=op.f("pk_signature")),
    )
    op.create_index("ix_signature_at", "signature", ["at"])

    op.create_table(
        "override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=True),
        sa.Column("sighting_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_override_entry_id_entry")),
        sa.ForeignKeyConstraint(["other_id"], ["entry.id"], name=op.f("fk_override_other_id_entry")),
        sa.ForeignKeyConstraint(["sighting_id"], ["sighting.id"], name=op.f("fk_override_sighting_id_sighting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_override")),
    )
    op.create_index("ix_override_entry_id", "override", ["entry_id"])
    op.create_index("ix_override_other_id", "override", ["other_id"])

    op.add_column("entry", sa.Column("kept_back", sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("entry", sa.Column("kept_back_at", sa.BigInteger(), nullable=True))
    op.add_column("entry", sa.Column("joined_to", sa.Integer(), nullable=True))
    op.create_index("ix_entry_kept_back", "entry", ["kept_back"])

    op.add_column("pull", sa.Column("deleted", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("pull", sa.Column("new", sa.Integer(), nullable=False, server_default=sa.text("0")))

    op.add_column("sighting", sa.Column("deleted_at", sa.BigInteger(), nullable=True))
    op.add_column("sighting", sa.Column("echo", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("sighting", sa.Column("recalled", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_sighting_source_title", "sighting", ["source_id", "title"])

    op.add_column("source", sa.Column("boilerplate", sa.LargeBinary(), nullable=True))
