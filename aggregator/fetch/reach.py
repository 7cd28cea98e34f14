"""Connects to a host and sends nothing: whether a source could be asked."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address

from aggregator.errors import FetchError
from aggregator.fetch.dns import look_up
from aggregator.fetch.network_guard import Guard, Network


async def reach(host: str, port: int, allow: Iterable[Network], limit: timedelta) -> None:
    """Raises FetchError of kind dns, connect or forbidden-address."""
    guard = Guard(allow)
    try:
        async with asyncio.timeout(limit.total_seconds()):
            addresses = await look_up(host)
            guard.check(host, [ip_address(one.partition("%")[0]) for one in addresses])
    except TimeoutError:
        raise FetchError("dns", f"no name server answered within {limit.total_seconds():g} s") from None
    except (OSError, UnicodeError):
        raise FetchError("dns", "its name does not resolve") from None
    try:
        async with asyncio.timeout(limit.total_seconds()):
            _, writer = await asyncio.open_connection(addresses[0], port)
            writer.close()
    except TimeoutError:
        raise FetchError("connect", f"no connection within {limit.total_seconds():g} s") from None
    except OSError as error:
        raise FetchError("connect", f"no connection ({error.strerror or type(error).__name__})") from None
