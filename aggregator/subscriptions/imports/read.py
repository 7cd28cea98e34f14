"""Reads a file of subscriptions: its format is recognized by what is in it."""

from aggregator.errors import UsageError
from aggregator.opml import unzipped
from aggregator.subscriptions.imports import miniflux, opml, pluto, urls, venus
from aggregator.subscriptions.imports.found import Found
from aggregator.subscriptions.imports.ini import read_ini
from aggregator.text.normalize import legal

MAX_BYTES = 32 * 2**20  # bytes

KNOWN = "OPML, a planet's config.ini, Pluto's planet.ini, Miniflux's /v1/feeds in JSON, or lines of addresses"


def read_subscriptions(body: bytes, name: str) -> Found:
    """Raises UsageError if the file is too large, or of no format that is known."""
    from aggregator.text.encoding import decode  # slow to load

    body = unzipped(body, MAX_BYTES)
    if len(body) > MAX_BYTES:
        raise UsageError(f"{name} is larger than {MAX_BYTES // 2**20} MiB; name a smaller file")
    text = legal(decode(body))
    for read in (miniflux.read, opml.read, _read_ini, urls.read):  # lines of addresses are the least particular
        if found := read(text):
            return found
    raise UsageError(f"{name} is no list of subscriptions; known are {KNOWN}")


def _read_ini(text: str) -> Found | None:
    ini = read_ini(text)
    return pluto.read(ini) or venus.read(ini)
