"""daemon: schedule and serve."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from aggregator.cli.open_app import LogFormat, app_of


def add_to(app: typer.Typer) -> None:
    app.command("daemon")(daemon)


def daemon(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Else server.host of the config.", show_default=False)] = "",
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Else server.port; 0 is any.", show_default=False)
    ] = None,
    no_server: Annotated[bool, typer.Option("--no-server", help="Schedule only; something else serves.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for another process instead of giving up.")] = False,
    log_format: LogFormat = "console",
) -> None:
    """Pull what is due, read posts, publish and serve, until SIGTERM or Ctrl+C.

    Takes up what is saved, and what other commands do. SIGHUP reads the config again.
    """
    from aggregator.daemon.daemon import work
    from aggregator.daemon.log import Log, write_to_stderr
    from aggregator.web import address_to_open, listen, run

    app = replace(app_of(context), clock=lambda: datetime.now(UTC))
    settings, options = app.config.server, context.obj
    log = Log(app.config.secrets())
    write_to_stderr(log, verbose=options.verbose > 0, quiet=options.quiet, format=log_format)
    with app.store.exclusive(wait=wait), ExitStack() as at_end:
        app.store.open()
        at_end.callback(app.store.close)
        sockets = [] if no_server else listen(host or settings.host, settings.port if port is None else port)
        for one in sockets:
            at_end.enter_context(one)
        if sockets:
            log.info(f"serving {app.output} at {settings.public_url or address_to_open(sockets)}")
        run(work(app, sockets, log, log_access=options.verbose > 0))
