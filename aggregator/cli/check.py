"""check: every problem in config and posts, without a run."""

from contextlib import nullcontext
from typing import Annotated

import typer

from aggregator.cli.options import Json
from aggregator.cli.output import show_json, show_line, show_message
from aggregator.cli.progress import show_progress
from aggregator.errors import ConfigError
from aggregator.model.problems import Finding


def check(
    context: typer.Context,
    online: Annotated[bool, typer.Option("--online", help="Also fetch each source once.")] = False,
    tree: Annotated[
        bool, typer.Option("--tree", help="Also read every published document whole, and check it.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of config.yaml for editors, and exit.")
    ] = False,
    json: Json = False,
) -> int:
    """Report every problem in config and posts, with file and line."""
    import asyncio

    if schema:
        from aggregator.config.json_schema import config_schema

        show_json(config_schema())
        return 0

    from aggregator.app import App, clock_from
    from aggregator.config import load_config
    from aggregator.preview.check import check_all, config_advice, other_files_of, source_notes
    from aggregator.store import Store

    try:
        config = load_config(context.obj.config)
    except ConfigError as error:
        _show(error.findings, [], json=json)
        return error.exit_status
    app = App(config, Store(config.state_at), clock_from({}))
    with show_progress(context, "checking") if online else nullcontext(lambda _: None) as progress:
        findings = asyncio.run(check_all(app, online=online, progress=progress))
    if tree:
        from aggregator.preview.tree_check import check_tree

        findings += check_tree(app)
    notes = config_advice(app) + source_notes(app) + (other_files_of(app) if context.obj.verbose else [])
    _show(findings, notes, json=json)
    if findings:
        return 1
    if not json and not context.obj.quiet:
        show_message(f"{context.obj.config}: no problems")
    return 0


def _show(findings: list[Finding], notes: list[Finding], *, json: bool) -> None:
    """`notes` are worth knowing, but not problems."""
    if json:
        show_json({"problems": findings} | ({"notes": notes} if notes else {}))
        return
    for one in findings:
        show_line(str(one))
    for one in notes:
        show_line(f"note: {one}")
