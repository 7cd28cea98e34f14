"""The root command, and errors as exit statuses."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from aggregator.cli import (
    categories,
    check,
    daemon,
    db,
    doctor,
    entry,
    explain,
    feed,
    init,
    plan,
    run,
    serve,
    source,
    status,
    subscriptions,
    worker,
)
from aggregator.cli import help as help_
from aggregator.cli.commands import Commands, path_of
from aggregator.cli.completion import VARIABLE, complete_named_shell
from aggregator.cli.global_options import Options
from aggregator.cli.hints import program_name, remember_config, runnable
from aggregator.cli.open_app import load_app
from aggregator.cli.output import show_json, show_message
from aggregator.errors import AggregatorError, ConfigError, DamagedError
from aggregator.text.masking import showable_text

COMMANDS: tuple[Callable[..., Any], ...] = (
    init.init,
    check.check,
    subscriptions.import_,
    run.run,
    run.regenerate,
    daemon.daemon,
    worker.worker,
    serve.serve,
    status.status,
    explain.explain,
    plan.plan,
    subscriptions.export,
    doctor.doctor,
    help_.help_,
    help_.version,
)

app = Commands(
    name="aggregator",
    help="Merge RSS, Atom and JSON feeds and local posts into clean feeds per category, and explain each decision.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add(*COMMANDS)
for group in (source, feed, categories, entry, db):
    group.add_to(app)


def _show_version(requested: bool) -> None:
    if requested:
        help_.show_version()
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Runs the command line. Each AggregatorError becomes one sentence on stderr and its exit status."""
    if complete_named_shell(sys.argv[1:]):
        return
    remember_config(None)
    try:
        result = _run()
    except typer.TyperException as error:
        message = error.format_message() + _help_hint(error)
        _report(message.split("\n"), [_problem("usage", runnable(message))])
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


def _help_hint(error: typer.TyperException) -> str:
    """The command that shows what the misused command takes, unless this is its help."""
    context = getattr(error, "ctx", None)
    if context is None or "\n" in error.format_message():
        return ""
    words = " ".join(("aggregator help", path_of(context))).strip()
    return f" `{words}` shows what it takes."


def _run() -> Any:
    """The command's return value. A damaged value in the state is repaired, and the command runs once more."""
    options = Options()
    try:
        return _run_once(options)
    except DamagedError:
        if not _repair(options):
            raise
    return _run_once(Options())


def _run_once(options: Options) -> Any:
    return app(standalone_mode=False, prog_name=program_name(), complete_var=VARIABLE, obj=options)


def _repair(options: Options) -> bool:
    """Whether something was repaired. It does not stop an engine at work; the next run reports the repairs."""
    from aggregator.maintenance.repair import repair
    from aggregator.worker_pool import run_with_pool

    app = load_app(options.config)
    with app.store.opened():
        problems = run_with_pool(lambda pool: repair(app, pool, report_later=True))
    for one in problems:
        show_message(f"{app.store.name}: {one.message}")
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
                "message": runnable(showable_text(f"{one.key}: {one.message}" if one.key else one.message)),
                "transient": False,
                "file": one.file,
                "line": one.line,
                "key": one.key,
            }
            for one in error.findings
        ]
    kind = type(error).__name__.removesuffix("Error").lower()
    return [_problem(kind, runnable(showable_text(str(error))))]


def _problem(kind: str, message: str) -> dict[str, Any]:
    return {"where": "", "kind": kind, "message": message, "transient": False}
