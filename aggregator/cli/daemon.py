"""daemon: pull on schedule, publish and serve."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Host, LogFormat, Port, Wait


def daemon(
    context: typer.Context,
    host: Host = "",
    port: Port = None,
    no_server: Annotated[
        bool, typer.Option("--no-server", help="Pull and publish only; another server serves the tree.")
    ] = False,
    wait: Wait = False,
    log_format: LogFormat = "console",
) -> None:
    """Pull, publish and serve until SIGTERM or Ctrl+C.

    Picks up changes of config and posts, and of other commands. SIGHUP reloads the config.
    """
    from aggregator.daemon.daemon import work
    from aggregator.daemon.log import Log, write_to_stderr
    from aggregator.web import address_to_open, listen, run

    app = replace(app_of(context), clock=lambda: datetime.now(UTC))
    settings, options = app.config.server, context.obj
    log = Log(app.config.secrets())
    write_to_stderr(log, verbose=options.verbose > 0, quiet=options.quiet, format=log_format)
    with app.store.exclusive(wait=wait), ExitStack() as at_end:
        at_end.enter_context(app.store.opened())
        sockets = [] if no_server else listen(host or settings.host, settings.port if port is None else port)
        for one in sockets:
            at_end.enter_context(one)
        if no_server and settings.hub:
            log.warning("server.hub: nobody can subscribe, because --no-server leaves out the server")
        if sockets:
            log.info(f"serving {app.output} at {settings.public_url or address_to_open(sockets)}")
        run(work(app, sockets, log, log_access=options.verbose > 0))
