"""A fetcher that stays open between batches, because it remembers the gaps and pauses of hosts."""

from aggregator.app import App
from aggregator.fetch import Fetcher, FetchSettings
from aggregator.settings import fetch_settings


class KeptFetcher:
    def __init__(self) -> None:
        self._fetcher: Fetcher | None = None
        self._settings: FetchSettings | None = None

    async def open(self, app: App) -> Fetcher:
        """The open one; a new one where the settings changed."""
        settings = fetch_settings(app.config)
        if self._fetcher is None or self._settings != settings:
            await self.close()
            self._fetcher, self._settings = Fetcher(settings, now=app.clock), settings
        return self._fetcher

    async def close(self) -> None:
        fetcher, self._fetcher = self._fetcher, None
        if fetcher:
            await fetcher.__aexit__(None, None, None)
