"""serve: the published tree over HTTP."""

import sys

import typer

from aggregator.cli.open_app import app_of
from aggregator.cli.options import Host, LogFormat, Port
from aggregator.cli.output import show_message


def serve(
    context: typer.Context,
    host: Host = "",
    port: Port = None,
    log_format: LogFormat = "console",
) -> None:
    """Serve the published tree over HTTP until SIGTERM or Ctrl+C.

    Runs beside any other command, and serves what they publish.
    """
    from aggregator.daemon.log import Log, write_to_stderr
    from aggregator.web import (
        StateReader,
        address_to_open,
        api_routes,
        application_of,
        hub_routes,
        listen,
        run,
        serve_until_signal,
    )

    app = app_of(context)
    settings = app.config.server
    sockets = listen(host or settings.host, settings.port if port is None else port)
    routes = [*api_routes(settings.token), *hub_routes(app.config)]
    application = application_of(app, StateReader(app.store, app.output), routes=routes)
    log, options = Log(app.config.secrets()), context.obj
    write_to_stderr(log, verbose=options.verbose > 0, quiet=options.quiet, format=log_format)
    begun = f"serving {app.output} at {settings.public_url or address_to_open(sockets)}"
    if log_format == "json":
        log.info(begun)
    elif not options.quiet:
        show_message(str(begun))
        sys.stderr.flush()
    run(serve_until_signal(application, sockets, log_access=options.verbose > 0))
