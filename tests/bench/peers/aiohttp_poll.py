"""aiohttp alone asks every address of the file URLS with the ETag that it had before; reading what was known is not
measured."""

import asyncio
import sys
from pathlib import Path

import aiohttp

from tests.bench.measure import print_spent

TOGETHER = 64


async def ask(urls: list[str], tags: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    turns = asyncio.Semaphore(TOGETHER)

    async def one(session: aiohttp.ClientSession, url: str) -> None:
        headers = {"If-None-Match": tags[url]} if url in tags else {}
        async with turns, session.get(url, headers=headers) as response:
            await response.read()
            found[url] = response.headers["ETag"]
            assert response.status == (304 if tags else 200)

    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(one(session, url) for url in urls))
    return found


def main(file: str) -> None:
    urls = Path(file).read_text().split()
    tags = asyncio.run(ask(urls, {}))
    print_spent(lambda: asyncio.run(ask(urls, tags)))


if __name__ == "__main__":
    main(*sys.argv[1:])
