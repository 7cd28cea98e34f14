"""Alembic's way in: runs the steps on the connection it is handed."""

from alembic import context

from aggregator.store.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("schema steps are run by the program: aggregator db upgrade")
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
