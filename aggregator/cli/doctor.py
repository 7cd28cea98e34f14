"""doctor: whether all is well, and what to do where not."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.hints import runnable
from aggregator.cli.open_app import load_app
from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_line
from aggregator.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from aggregator.doctor.result import CheckResult

MARKS = {"ok": "ok", "note": "note", "problem": "PROBLEM"}


def doctor(
    context: typer.Context,
    offline: Annotated[bool, typer.Option("--offline", help="Connect to no host of a source.")] = False,
    json: Json = False,
) -> int:
    """Examine machine, config, state and tree, and say what to do.

    Changes nothing. Connects to at most three hosts of sources, and sends them nothing. Exits with status 1 if it finds
    a problem, with 2 if the config cannot be used.
    """
    from aggregator.doctor.examine import examine_machine

    results = list(examine_machine())
    status = 0
    try:
        results += _examine(context, online=not offline)
    except (ConfigError, UsageError) as error:
        results.append(_unusable(error))
        status = error.exit_status
    _show(results, json=json, quiet=context.obj.quiet)
    return status or int(any(one.state == "problem" for one in results))


def _examine(context: typer.Context, *, online: bool) -> Iterator["CheckResult"]:
    from aggregator.doctor.examine import examine

    return examine(load_app(context.obj.config), online=online)


def _unusable(error: ConfigError | UsageError) -> "CheckResult":
    from aggregator.doctor.config import unreadable_config
    from aggregator.doctor.result import problem

    if isinstance(error, ConfigError):
        return unreadable_config(error.findings)
    return problem("config", str(error), "`aggregator help doctor` shows what it takes")


def _show(results: Iterable["CheckResult"], *, json: bool, quiet: bool) -> None:
    if json:
        show_json({"checks": list(map(_document, results))})
        return
    for one in results:
        if one.state != "ok" or not quiet:
            show_line(f"{MARKS[one.state]:>7}  {one.check}: {one.message}")
        if one.advice:
            show_line(f"{'':>7}  → {one.advice}")


def _document(one: "CheckResult") -> dict[str, Any]:
    return {"check": one.check, "state": one.state, "message": runnable(one.message), "advice": runnable(one.advice)}
