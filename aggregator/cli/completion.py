"""What a shell completes: commands and options by typer, ids of sources from the config."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from aggregator.cli.output import say

SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
VARIABLE = "_AGGREGATOR_COMPLETE"


def for_a_named_shell(arguments: Sequence[str]) -> bool:
    """`--show-completion zsh`, and `--install-completion zsh`, in whatever shell that is said: whether it was."""
    if len(arguments) != 2 or arguments[1] not in SHELLS:
        return False
    from typer._completion_shared import get_completion_script, install

    what, shell = arguments
    if what == "--show-completion":
        sys.stdout.write(get_completion_script(prog_name="aggregator", complete_var=VARIABLE, shell=shell) + "\n")
    elif what == "--install-completion":
        _, path = install(shell=shell, prog_name="aggregator", complete_var=VARIABLE)
        say(f"installed in {path}; a new terminal knows it")
    else:
        return False
    return True


def config_file(given: Path | None) -> Path:
    """Of -c, else of the environment, else here."""
    return given or Path(os.environ.get("AGGREGATOR_CONFIG") or "config.yaml")


def source_ids(context: typer.Context, incomplete: str) -> list[str]:
    """Those of the config that begin so; none where it cannot be read: a shell that completes says nothing."""
    from aggregator.config import load_config
    from aggregator.errors import AggregatorError

    params: dict[str, Any] = context.find_root().params
    try:
        config = load_config(config_file(params.get("config")))
    except AggregatorError:
        return []
    return [one.id for one in config.sources if one.id.startswith(incomplete)]
