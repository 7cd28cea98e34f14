"""Entry point of Alembic: runs the migrations on the connection that engine.py passes."""

from alembic import context

from aggregator.store.schema import metadata

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("schema steps are run by the program: aggregator db upgrade")
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
