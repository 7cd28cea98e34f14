"""Errors of PostgreSQL in our words. Its codes are in appendix A of its manual."""

from typing import Any

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from aggregator.errors import AggregatorError, LockedError, StateError
from aggregator.text.masking import showable_text

LOCKED = {"55P03", "40P01", "40001", "55006"}  # lock not available, deadlock, serialization failure, object in use
ADVICE = {
    "53100": "no room left on the disk of the server of the state {}",
    "53200": "the server of the state {} has no memory left",
    "53300": "the server of the state {} has no connection free; raise its max_connections, or run fewer workers",
    "25006": "the state {} cannot be written: its server is read-only, a standby perhaps; name the primary",
    "3D000": "the database of the state {} does not exist; create it: `createdb --encoding=UTF8 NAME`",
    "57014": "a statement on the state {} took longer than the server may take, and was ended; try again",
    "XX001": "the state {} is damaged; restore a backup",
    "XX002": "an index of the state {} is damaged; `reindexdb` makes it anew",
}
NO_RIGHTS = {"42501"}
LOGIN = {"28000", "28P01"}
CUT = {"57P01", "57P02", "08003", "08006"}  # the server ended it, or it broke
# Of a connection that was refused, libpq tells the words alone.
IN_WORDS = {
    "too many clients": "53300",
    "connection slots": "53300",
    "starting up": "57P03",
    "shutting down": "57P03",
    "not yet accepting": "57P03",
    "authentication failed": "28P01",
    "no password": "28P01",
    "pg_hba.conf": "28000",
}
STARTING = {"57P03", "53300"}  # it starts or ends, or has no connection free


def code_of(error: Exception | None) -> str:
    """The code of an error of psycopg, "" where it has none."""
    if code := getattr(error, "sqlstate", None):
        return str(code)
    said = str(error)
    if "database" in said and "does not exist" in said:
        return "3D000"
    return next((code for words, code in IN_WORDS.items() if words in said), "")


def is_of_database(error: Exception) -> bool:
    """Whether SQLAlchemy or psycopg raised it."""
    return isinstance(error, SQLAlchemyError) or type(error).__module__.partition(".")[0] == "psycopg"


def translate(error: Exception, name: str) -> AggregatorError:
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    code = code_of(cause)
    said = showable_text(" ".join(str(cause).split()))
    if code in LOCKED:
        return LockedError(f"another process is writing to the state {name}; try again")
    if code in ADVICE:
        return StateError(ADVICE[code].format(name))
    if code in NO_RIGHTS:
        return StateError(f"the user of the state {name} lacks a right ({said}); its owner can grant it")
    if code in LOGIN:
        return StateError(f"the server of the state {name} refuses the login: {said}")
    if code in CUT or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return StateError(f"the connection to the state {name} was cut; what was under way was not stored ({said})")
    return StateError(f"the state {name} cannot be used: {said}")
