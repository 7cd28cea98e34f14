"""help and version: what `--help` and `--version` print, as commands."""

import difflib
import platform
from typing import Annotated, Any

import typer

from aggregator import __version__
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_line
from aggregator.errors import UsageError


def help_(
    context: typer.Context,
    command: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Such as run, or source add.", show_default=False)
    ] = None,
) -> None:
    """Show the help of a command."""
    shown: Any = context.find_root()
    for word in command or ():
        shown = _inner(shown, word)
    for line in shown.get_help().split("\n"):
        show_line(line)


def _inner(context: Any, word: str) -> typer.Context:
    """The context of the command `word` of a group; raises UsageError."""
    commands = getattr(context.command, "commands", {})
    if word not in commands:
        close = difflib.get_close_matches(word, commands, n=3, cutoff=0.5)
        hint = f"did you mean {' or '.join(close)}?" if close else f"there are {', '.join(commands)}" * bool(commands)
        raise UsageError(f"there is no command `{word}`" + (f"; {hint}" if hint else ""))
    return typer.Context(commands[word], parent=context, info_name=word, help_option_names=["-h", "--help"])


def version(json: Json = False) -> None:
    """Show the version of this program.

    The commit is shown, too, where it is known: of which a package was built, or which a clone has checked out.
    """
    from aggregator.doctor.commit import commit

    if json:
        show_json({"version": __version__, "commit": commit() or None, "python": platform.python_version()})
    else:
        show_version()


def show_version() -> None:
    from aggregator.doctor.versions import program_version

    show_line(f"aggregator {program_version()}")
