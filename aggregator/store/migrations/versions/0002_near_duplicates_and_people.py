"""Near-duplicates, holding, tombstones, and what a person says"""

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
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signature_at"), ["at"], unique=False)

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
    with op.batch_alter_table("override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_override_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_override_other_id"), ["other_id"], unique=False)

    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_back", sa.String(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column("kept_back_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("joined_to", sa.Integer(), nullable=True))
        batch_op.create_index("ix_entry_kept_back", ["kept_back"], unique=False)

    with op.batch_alter_table("pull", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
        batch_op.add_column(sa.Column("new", sa.Integer(), nullable=False, server_default=sa.text("0")))

    with op.batch_alter_table("sighting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("echo", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("recalled", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index("ix_sighting_source_title", ["source_id", "title"], unique=False)

    with op.batch_alter_table("source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("boilerplate", sa.LargeBinary(), nullable=True))
