"""db copy: moves the state between SQLite and PostgreSQL."""

import os
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.options import Json, Wait
from aggregator.cli.output import show_json, show_message
from aggregator.text.counts import count_of

STATE = "A file, or `postgresql://user@host/database`; `${NAME}` in it stands for an environment variable."


def copy(
    context: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM", help=STATE)],
    target: Annotated[str, typer.Argument(metavar="TO", help="The same; a new file, or an empty database.")],
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Copy a state to another database, from SQLite to PostgreSQL or back.

    Copies every row or none, and compares how many there are. Nobody may work on either state meanwhile. The config
    stays as it is: `state` in it says which of the two is used.
    """
    from aggregator.maintenance.copy_state import copy_state
    from aggregator.store import Store

    one, other = (Store(_place(text)) for text in (source, target))
    counts = copy_state(one, other, wait=wait)
    if json:
        show_json({"from": one.name, "to": other.name, "tables": dict(counts)})
    elif not context.obj.quiet:
        rows = count_of(sum(counts.values()), "row")
        entries = count_of(counts["entry"], "entry", "entries")
        show_message(f"copied {rows} ({entries}) from {one.name} to {other.name}; `state:` in the config names one")


def _place(text: str) -> Path | str:
    """Raises UsageError."""
    from aggregator.config.state_address import check_state, state_at
    from aggregator.config.yaml_lines import VARIABLE
    from aggregator.errors import UsageError

    for name in VARIABLE.findall(text):
        if name not in os.environ:
            raise UsageError(f"the environment variable {name} is not set")
    expanded = VARIABLE.sub(lambda match: os.environ[match[1]], text)
    try:
        return state_at(check_state(expanded), Path())
    except ValueError as error:
        raise UsageError(str(error)) from error
