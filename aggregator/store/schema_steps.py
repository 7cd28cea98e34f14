"""Runs the migrations. Loads Alembic, which takes 0.1 s: imported only where a schema changes."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from aggregator.store.dialects import lift_limits


def known_steps() -> set[str]:
    """The migrations that this program has."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def take_steps(connection: Connection) -> None:
    """Applies what is missing, inside the transaction of the connection."""
    lift_limits(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
