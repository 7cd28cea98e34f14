"""worker: one of many machines on one state."""

from contextlib import ExitStack
from typing import Annotated

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Host, LogFormat, Wait


def worker(
    context: typer.Context,
    roles: Annotated[
        str, typer.Option("--roles", help="What it does: pull, merge, publish, with commas between.")
    ] = "pull,merge,publish",
    host: Host = "",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            help="Serve /readyz and /metrics; the tree, too, if it publishes.",
            show_default=False,
        ),
    ] = None,
    wait: Wait = False,
    log_format: LogFormat = "console",
) -> None:
    """Work with others on one state in PostgreSQL.

    Start as many as are needed, on any machines with the same config. Each ends at SIGTERM or Ctrl+C.
    """
    from aggregator.daemon.log import Log, write_to_stderr
    from aggregator.web import address_to_open, listen, run
    from aggregator.workers.timing import parse_roles

    app, wanted = app_of(context), parse_roles(roles)
    log, options = Log(app.config.secrets()), context.obj
    write_to_stderr(log, verbose=options.verbose > 0, quiet=options.quiet, format=log_format)
    if app.config.server.hub:
        log.warning("server.hub: nobody can subscribe, because workers are no hub; `aggregator daemon` is one")
    with ExitStack() as at_end:
        at_end.enter_context(app.store.shared(wait=wait))
        from aggregator.workers.worker import work

        at_end.enter_context(app.store.opened())
        sockets = [] if port is None else listen(host or app.config.server.host, port)
        for one in sockets:
            at_end.enter_context(one)
        if sockets:
            log.info(f"serving at {address_to_open(sockets)}")
        run(work(app, wanted, log, sockets=sockets))
