"""Resolves names to addresses that the guard permits.

`getaddrinfo` cannot be cancelled and may hang as long as a name server does. In asyncio's executor a hanging lookup
would keep the program from ending, so each lookup has its own daemon thread.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

from aggregator.errors import FetchError
from aggregator.fetch.network_guard import Address, Guard

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""Name in, textual addresses out; raises OSError if there are none."""


async def look_up(host: str) -> Sequence[str]:
    """The addresses of a name, in the system's order of preference."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[Sequence[str]] = loop.create_future()

    def work() -> None:
        try:
            found, error = _addresses(host), None
        except (OSError, UnicodeError) as failure:
            found, error = (), failure
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(_complete, answer, found, error)

    threading.Thread(target=work, name=f"look up {host}", daemon=True).start()
    return await answer


def _addresses(host: str) -> Sequence[str]:
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return tuple(dict.fromkeys(str(where[0]) for *_, where in answers))


def _complete(answer: asyncio.Future[Sequence[str]], found: Sequence[str], error: Exception | None) -> None:
    if answer.done():
        return
    if error is None:
        answer.set_result(found)
    else:
        answer.set_exception(error)


class GuardedResolver(AbstractResolver):
    """The connector's resolver; it also knows which lookups are still running."""

    def __init__(self, guard: Guard, resolve: Resolve, limit: timedelta) -> None:
        self._guard = guard
        self._resolve = resolve
        self._limit = limit.total_seconds()
        self._under_way: set[str] = set()

    def is_looking_up(self, host: str) -> bool:
        return host in self._under_way

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self._addresses(host)
        self._guard.check(host, addresses)
        return [_result(host, port, address) for address in addresses if _fits(address, family)]

    async def close(self) -> None:
        """Nothing to close: a waiting lookup thread ends by itself or with the program."""

    async def _addresses(self, host: str) -> list[Address]:
        self._under_way.add(host)
        try:
            async with asyncio.timeout(self._limit):
                found = await self._resolve(host)
        except TimeoutError as error:
            raise slow_lookup(host, self._limit) from error
        except (OSError, UnicodeError, RuntimeError) as error:
            raise _unknown(host, error) from error
        finally:
            self._under_way.discard(host)
        if not found:
            raise _unknown(host, "no address")
        return [_address(host, text) for text in found]


def slow_lookup(host: str, seconds: float) -> FetchError:
    return FetchError("dns", f"{host}: the name server did not answer within {seconds:g} s", transient=True)


def _unknown(host: str, why: object) -> FetchError:
    said = why.strerror if isinstance(why, OSError) and why.strerror else why
    return FetchError(
        "dns", f"{host} has no address ({said}); is it spelled right, and is this machine online?", transient=True
    )


def _address(host: str, text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise _unknown(host, error) from error


def _fits(address: Address, family: int) -> bool:
    return family in (socket.AF_UNSPEC, _family(address))


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6


def _result(host: str, port: int, address: Address) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=str(address),
        port=port,
        family=_family(address),
        proto=socket.IPPROTO_TCP,
        flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
    )
