"""The global options `-c`, `-v`, `-q` and `--json`: taken before, between and after the words of every command."""

import copy
import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperOption
from typer.main import get_command

from aggregator.cli.hints import remember_config
from aggregator.errors import UsageError

CONFIG, VERBOSE, QUIET, JSON = NAMES = ("global_config", "global_verbose", "global_quiet", "global_json")


@dataclass(slots=True)
class Options:
    """What the user gave of them. `verbose`: how many -v."""

    given_config: Path | None = None
    verbose: int = 0
    quiet: bool = False
    json: bool = False

    @property
    def config(self) -> Path:
        """The file of -c, else of $AGGREGATOR_CONFIG, else ./config.yaml."""
        return self.given_config or Path(os.environ.get("AGGREGATOR_CONFIG") or "config.yaml")

    def take(self, given: dict[str, Any]) -> None:
        """Takes the global options out of the parameters that a command was given."""
        config, verbose, quiet, json = (given.pop(name, None) for name in NAMES)
        if config is not None:
            self.given_config = Path(config)
            remember_config(self.given_config)
        self.verbose += verbose or 0
        self.quiet = self.quiet or bool(quiet)
        self.json = self.json or bool(json) or bool(given.get("json"))

    def pass_json(self, parameters: dict[str, Any], command: str) -> None:
        """Hands a `--json` that stood elsewhere to the command. Raises UsageError if it prints none."""
        if "json" in parameters:
            parameters["json"] = self.json
        elif self.json:
            raise UsageError(f"`{command}` prints no JSON; leave out --json")


def global_parameters(own: Iterable[str]) -> list[TyperOption]:
    """The global options, without the words that the `own` options of a command use."""
    taken = set(own)
    left = {one.name: [word for word in one.opts if word not in taken] for one in _parameters()}
    return [_with_words(one, left[one.name]) for one in _parameters() if left[one.name]]


def _with_words(option: TyperOption, words: list[str]) -> TyperOption:
    if option.opts == words:
        return option
    other = copy.copy(option)
    other.opts = words
    return other


@cache
def _parameters() -> tuple[TyperOption, ...]:
    app = typer.Typer(add_completion=False)
    app.command()(_declared)
    return tuple(one for one in get_command(app).params if isinstance(one, TyperOption))


def _declared(
    global_config: Annotated[
        Path | None,
        typer.Option(
            "-c",
            "--config",
            metavar="FILE",
            help="Config file. Default: $AGGREGATOR_CONFIG, else ./config.yaml.",
            show_default=False,
        ),
    ] = None,
    global_verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Print more details.", show_default=False)
    ] = 0,
    global_quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print problems only.")] = False,
    global_json: Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")] = False,
) -> None:
    """Declares the options; never called."""
