"""The program's front door: global options, and errors as exit statuses."""

import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator import __version__
from aggregator.cli import categories, check, daemon, db, entry, explain, init, opml, plan, run, serve, source, status
from aggregator.cli.completion import config_file, for_a_named_shell
from aggregator.cli.open_app import house_at
from aggregator.cli.output import say, show_json
from aggregator.errors import AggregatorError, ConfigError, DamagedError
from aggregator.text.masking import showable_text


@dataclass(frozen=True, slots=True)
class Options:
    """What stands before the command."""

    config: Path
    verbose: int = 0
    quiet: bool = False


app = typer.Typer(
    name="aggregator",
    help="Many sources in, clean category feeds out, and an answer to every why.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for group in (init, check, run, daemon, plan, serve, status, source, opml, explain, categories, entry, db):
    group.add_to(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"aggregator {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", help="The config file; else $AGGREGATOR_CONFIG, else ./config.yaml."),
    ] = None,
    verbose: Annotated[int, typer.Option("-v", "--verbose", count=True, help="Say more.", show_default=False)] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say only what went wrong.")] = False,
    version: Annotated[  # noqa: ARG001 - typer calls _version
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and stop.")
    ] = False,
) -> None:
    said: list[Options] = context.obj
    context.obj = Options(config_file(config), verbose, quiet)
    said.append(context.obj)


def main() -> None:
    """Runs the command line; every error of ours ends it with one clear sentence and its exit status."""
    if for_a_named_shell(sys.argv[1:]):
        return
    try:
        status_ = _run()
    except typer.TyperException as error:
        _report([error.format_message()], [_problem("usage", error.format_message())])
        sys.exit(error.exit_code)
    except AggregatorError as error:
        _report(map(showable_text, error.lines), _problems(error))
        sys.exit(error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted; what was done is kept, the next run goes on from there\n")
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough; Python must not complain about it when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(status_ if isinstance(status_, int) else 0)


def _run() -> Any:
    """What the command ends with. Where it meets a value of the state that cannot be read, that is repaired first."""
    said: list[Options] = []
    try:
        return app(standalone_mode=False, prog_name="aggregator", obj=said)
    except DamagedError:
        if not (said and _repaired(said[0])):
            raise
    return app(standalone_mode=False, prog_name="aggregator", obj=[])


def _repaired(options: Options) -> bool:
    import asyncio

    from aggregator.maintenance.repair import repair_beside

    app = house_at(options.config)
    app.store.open()
    try:
        problems = asyncio.run(repair_beside(app))
    finally:
        app.store.close()
    for one in problems:
        say(f"{app.store.path}: {one.message}")
    return bool(problems)


def _report(lines: Iterable[str], problems: list[dict[str, Any]]) -> None:
    if "--json" in sys.argv:
        show_json({"problems": problems})
    say(*(line for line in lines if line))


def _problems(error: AggregatorError) -> list[dict[str, Any]]:
    if isinstance(error, ConfigError):
        return [
            {
                "where": f"{one.file}:{one.line}" if one.line else one.file,
                "kind": "config",
                "message": showable_text(f"{one.key}: {one.message}" if one.key else one.message),
                "transient": False,
                "file": one.file,
                "line": one.line,
                "key": one.key,
            }
            for one in error.findings
        ]
    kind = type(error).__name__.removesuffix("Error").lower()
    return [_problem(kind, showable_text(str(error)))]


def _problem(kind: str, message: str) -> dict[str, Any]:
    return {"where": "", "kind": kind, "message": message, "transient": False}
