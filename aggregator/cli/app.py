"""The root command: global options, and errors as exit statuses."""

import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from aggregator import __version__
from aggregator.cli import (
    categories,
    check,
    daemon,
    db,
    entry,
    explain,
    feed,
    init,
    opml,
    plan,
    run,
    serve,
    source,
    status,
)
from aggregator.cli.completion import complete_named_shell, config_file
from aggregator.cli.open_app import load_app
from aggregator.cli.output import show_json, show_message
from aggregator.errors import AggregatorError, ConfigError, DamagedError
from aggregator.text.masking import showable_text


@dataclass(frozen=True, slots=True)
class Options:
    """The global options, which stand before the command."""

    config: Path
    verbose: int = 0
    quiet: bool = False


COMMANDS: tuple[Callable[..., Any], ...] = (
    init.init,
    check.check,
    run.run,
    run.regenerate,
    daemon.daemon,
    plan.plan,
    serve.serve,
    status.status,
    opml.import_,
    opml.export,
    explain.explain,
)

app = typer.Typer(
    name="aggregator",
    help="Merge RSS, Atom and JSON feeds and local posts into clean feeds per category, and explain each decision.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in COMMANDS:
    app.command(command.__name__.removesuffix("_"))(command)
for group in (source, feed, categories, entry, db):
    group.add_to(app)


def _show_version(requested: bool) -> None:
    if requested:
        typer.echo(f"aggregator {__version__}")
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option("-c", "--config", help="Config file. Default: $AGGREGATOR_CONFIG, else ./config.yaml."),
    ] = None,
    verbose: Annotated[
        int, typer.Option("-v", "--verbose", count=True, help="Print more details.", show_default=False)
    ] = 0,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print problems only.")] = False,
    version: Annotated[  # noqa: ARG001 - typer calls _show_version
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    parsed: list[Options] = context.obj
    context.obj = Options(config_file(config), verbose, quiet)
    parsed.append(context.obj)


def main() -> None:
    """Runs the command line. Each AggregatorError becomes one sentence on stderr and its exit status."""
    if complete_named_shell(sys.argv[1:]):
        return
    try:
        result = _run()
    except typer.TyperException as error:
        _report([error.format_message()], [_problem("usage", error.format_message())])
        sys.exit(error.exit_code)
    except AggregatorError as error:
        _report(map(showable_text, error.lines), _problems(error))
        sys.exit(error.exit_status)
    except (KeyboardInterrupt, typer.Abort):
        sys.stderr.write("interrupted; finished work is stored, and the next run continues\n")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of stdout closed it. stdout becomes /dev/null, so that the flush at exit raises nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    sys.exit(result if isinstance(result, int) else 0)


def _run() -> Any:
    """The command's return value. A damaged value in the state is repaired, and the command runs once more."""
    parsed: list[Options] = []
    try:
        return app(standalone_mode=False, prog_name="aggregator", obj=parsed)
    except DamagedError:
        if not (parsed and _repair(parsed[0])):
            raise
    return app(standalone_mode=False, prog_name="aggregator", obj=[])


def _repair(options: Options) -> bool:
    """Whether something was repaired."""
    import asyncio

    from aggregator.maintenance.repair import repair_beside

    app = load_app(options.config)
    app.store.open()
    try:
        problems = asyncio.run(repair_beside(app))
    finally:
        app.store.close()
    for one in problems:
        show_message(f"{app.store.path}: {one.message}")
    return bool(problems)


def _report(lines: Iterable[str], problems: list[dict[str, Any]]) -> None:
    if "--json" in sys.argv:
        show_json({"problems": problems})
    show_message(*(line for line in lines if line))


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
