"""A source that is a file on this machine."""

from pathlib import Path

from aggregator.app import App
from aggregator.errors import FetchError
from aggregator.fetch import Answer, Validators


def read_local(path: Path, app: App) -> Answer:
    """The answer for a source that is a local file. Raises FetchError."""
    most = app.config.fetch.max_bytes
    try:
        with path.open("rb") as file:
            body = file.read(most + 1)
    except OSError as error:
        raise FetchError("connect", f"{path}: {error.strerror}", transient=False) from error
    if len(body) > most:
        raise FetchError("too-large", f"{path} is larger than fetch.max_bytes ({most} bytes)", transient=False)
    return Answer(200, path.absolute().as_uri(), "", body, "", Validators(), {}, len(body))
