"""A client that stays open between batches: it keeps connections, and remembers gaps and pauses of hosts."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Generic, TypeVar

from aggregator.fetch.client import FetchSettings

Client = TypeVar("Client", bound=AbstractAsyncContextManager[Any, Any])


class KeptClient(Generic[Client]):
    def __init__(self) -> None:
        self._client: Client | None = None
        self._settings: FetchSettings | None = None

    async def open(self, settings: FetchSettings, make: Callable[[FetchSettings], Client]) -> Client:
        """The open one; a new one of `make` where the settings changed."""
        if self._client is None or self._settings != settings:
            await self.close()
            self._client, self._settings = make(settings), settings
        return self._client

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.__aexit__(None, None, None)
