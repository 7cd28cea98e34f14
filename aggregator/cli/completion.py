"""Shell completion: typer completes commands and options; source ids come from the config."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from aggregator.cli.output import show_message

if TYPE_CHECKING:
    from aggregator.config import Config

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
VARIABLE = "_AGGREGATOR_COMPLETE"


def complete_named_shell(arguments: Sequence[str]) -> bool:
    """Handles `--show-completion SHELL` and `--install-completion SHELL`; typer itself knows the current shell only.
    Returns whether `arguments` were one of them."""
    if len(arguments) != 2 or arguments[1] not in SHELLS:
        return False
    from typer._completion_shared import get_completion_script, install

    option, shell = arguments
    if option == "--show-completion":
        sys.stdout.write(get_completion_script(prog_name="aggregator", complete_var=VARIABLE, shell=shell) + "\n")
    elif option == "--install-completion":
        _, path = install(shell=shell, prog_name="aggregator", complete_var=VARIABLE)
        show_message(f"installed completion in {path}; open a new terminal to use it")
    else:
        return False
    return True


def source_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Source ids in the config that start with `incomplete`; none if the config cannot be read, since a shell shows no
    errors while it completes."""
    config = _config(context)
    return [one.id for one in config.sources if one.id.startswith(incomplete)] if config else []


def approved_source_ids(context: typer.Context, incomplete: str) -> list[str]:
    """The same for sources and posts folders with `approve: true`."""
    config = _config(context)
    if config is None:
        return []
    found = (
        *(one.id for one in config.posts if one.approve),
        *(one.id for one in config.sources if one.approve),
    )
    return [id_ for id_ in found if id_.startswith(incomplete)]


def _config(context: typer.Context) -> "Config | None":
    from aggregator.config import load_config
    from aggregator.errors import AggregatorError

    try:
        return load_config(context.obj.config)
    except AggregatorError:
        return None
