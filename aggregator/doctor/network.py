"""Whether names resolve and hosts of the sources can be connected to. No other host is asked, and nothing is sent."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from aggregator.app import App
from aggregator.config import SourceConfig
from aggregator.doctor.result import CheckResult, note, ok, problem
from aggregator.errors import FetchError
from aggregator.fetch.reach import reach
from aggregator.settings import fetch_settings

MOST = 3  # hosts that are tried
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
Place = tuple[str, int]  # host, port


def check_proxies(environment: Mapping[str, str]) -> Iterator[CheckResult]:
    """What a proxy's variable says may hold a password: only its name is shown."""
    if names := sorted(name for name in environment if name.lower() in PROXIES and environment[name]):
        message = f"{', '.join(names)} is set, and the program uses no proxy: it connects to sources itself"
        yield note("proxy", message, "let the machine reach ports 80 and 443 of the sources")


def check_network(app: App) -> Iterator[CheckResult]:
    places = hosts_of(app)
    if not places:
        yield ok("network", "no source over http(s) is due to be asked")
        return
    yield judge_network(asyncio.run(_reach_all(app, places)))


def hosts_of(app: App) -> list[Place]:
    """A few hosts of the sources that are not paused; none whose address has a variable."""
    addresses = (urlsplit(one.url) for one in app.config.feeds_to_pull if _is_plain(one))
    places = ((one.hostname, one.port or (443 if one.scheme == "https" else 80)) for one in addresses)
    return list(dict.fromkeys((host, port) for host, port in places if host))[:MOST]


def judge_network(found: Sequence[tuple[Place, str]]) -> CheckResult:
    """`found`: a host and what went wrong, "" for nothing. One host that works shows that the network does."""
    failed = [f"{host}:{port}: {wrong}" for (host, port), wrong in found if wrong]
    if not failed:
        return ok("network", f"names resolve, and {', '.join(host for (host, _), _ in found)} can be connected to")
    if len(failed) < len(found):
        return note("network", "; ".join(failed), "`aggregator check --online` asks every source")
    return problem(
        "network",
        "; ".join(failed),
        "look at the network and the name server of this machine (`getent hosts NAME`), at firewalls, and at"
        " `fetch.allow_networks` for private addresses; then `aggregator check --online`",
    )


def _is_plain(source: SourceConfig) -> bool:
    return source.is_remote and not source.paused and not source.has_variable


async def _reach_all(app: App, places: Sequence[Place]) -> list[tuple[Place, str]]:
    settings = fetch_settings(app.config)

    async def outcome(place: Place) -> tuple[Place, str]:
        try:
            await reach(*place, settings.allow_networks, settings.connect_timeout)
        except FetchError as error:
            return place, error.message
        return place, ""

    return list(await asyncio.gather(*map(outcome, places)))
