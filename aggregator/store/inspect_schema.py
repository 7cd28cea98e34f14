"""The schema of a state file, read without opening it for work: nothing is created or upgraded."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from aggregator.errors import StateError
from aggregator.store.head import HEAD

STEPS = Path(__file__).parent / "migrations" / "versions"
READ = "SELECT version_num FROM alembic_version"


@dataclass(frozen=True, slots=True)
class Schema:
    """`step`: the last migration that was applied; `is_known`: this program can upgrade from it."""

    step: str
    is_known: bool

    @property
    def is_newest(self) -> bool:
        return self.step == HEAD


def read_schema(file: Path) -> Schema:
    """Raises StateError where it is no readable state."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)) as connection:
            steps = [str(row[0]) for row in connection.execute(READ)]
    except sqlite3.Error as error:
        raise StateError(f"the state {file} cannot be read: {error}") from error
    return schema_of(steps[0] if len(steps) == 1 else "")


def schema_of(step: str) -> Schema:
    return Schema(step, any(one.name.startswith(f"{step}_") for one in STEPS.glob("*.py")) and bool(step))
