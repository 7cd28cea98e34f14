"""Options that several commands share."""

from typing import Annotated, Literal

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document to stdout.")]
Wait = Annotated[
    bool, typer.Option("--wait", help="Wait for another process to release the state instead of exiting with status 3.")
]
Host = Annotated[
    str,
    typer.Option(
        "--host", metavar="HOST", help="Address to listen on. Default: server.host in the config.", show_default=False
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Port to listen on; 0 picks a free one. Default: server.port in the config.",
        show_default=False,
    ),
]
LogFormat = Annotated[
    Literal["console", "json"],
    typer.Option("--log-format", help="Format of log lines on stderr: text, or one JSON document per line."),
]
