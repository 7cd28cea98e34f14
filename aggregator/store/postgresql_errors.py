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


def translate(error: SQLAlchemyError, name: str) -> AggregatorError:
    cause: Any = error.orig if isinstance(error, DBAPIError) else None
    code = getattr(cause, "sqlstate", None) or ""
    said = showable_text(" ".join(str(cause or error).split()))
    if code in LOCKED:
        return LockedError(f"another process is writing to the state {name}; try again")
    if code in ADVICE:
        return StateError(ADVICE[code].format(name))
    if code in NO_RIGHTS:
        return StateError(f"the user of the state {name} lacks a right ({said}); its owner can grant it")
    if code in LOGIN or "authentication failed" in said:
        return StateError(f"the server of the state {name} refuses the login: {said}")
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StateError(f"the connection to the state {name} was cut; what was under way was not stored ({said})")
    return StateError(f"the state {name} cannot be used: {said}")
