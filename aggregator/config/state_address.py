"""Where the state is: the path of an SQLite file, or the address of a PostgreSQL database."""

from pathlib import Path

SCHEMES = ("postgresql://", "postgres://")


def is_server(state: str) -> bool:
    return state.startswith(SCHEMES)


def check_state(state: str) -> str:
    """Raises ValueError. What else may be wrong with an address, its server says."""
    if "://" in state and not is_server(state):
        raise ValueError("no such kind of database; write the path of a file (SQLite), or postgresql://…")
    return state


def state_at(state: str, root: Path) -> Path | str:
    """The path below `root`, or the address in the scheme that its library knows."""
    return f"postgresql://{state.partition('://')[2]}" if is_server(state) else root / state
