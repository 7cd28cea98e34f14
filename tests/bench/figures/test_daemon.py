"""The cost of a daemon with ten thousand unchanged sources: memory, and seconds of one core."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from aggregator.store import SourceRow, Store
from tests.support.running import daemon, eventually

pytestmark = pytest.mark.bench

COUNT = 10_000
CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 64, allow_networks: [127.0.0.0/8]}
server: {port: 0}
sources:
"""


class Unchanged(asyncio.Protocol):
    """Whatever is asked for did not change."""

    asked = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        Unchanged.asked += data.count(b"\r\n\r\n")
        self._transport.write(b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n')


@contextmanager
def unchanged() -> Iterator[int]:
    """The port of a host that answers 304."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        server = runner.run(_listen())
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            server.close()


async def _listen() -> asyncio.Server:
    return await asyncio.get_running_loop().create_server(Unchanged, "127.0.0.1", 0, backlog=512)


def known(state: Path, port: int, due: datetime) -> list[str]:
    """Sources that were pulled before; returns their lines of the config."""
    store = Store(state)
    store.open()
    with store.write() as tx:
        for n in range(COUNT):
            tx.sources.add(
                SourceRow(
                    id=f"source-{n}",
                    kind="feed",
                    url=f"http://127.0.0.1:{port}/{n}",
                    position=n,
                    etag='"x"',
                    body_digest="x",
                    state="ok",
                    last_success_at=due,
                    next_poll_at=due,
                )
            )
    store.close()
    return [f"  - {{id: source-{n}, url: 'http://127.0.0.1:{port}/{n}'}}" for n in range(COUNT)]


def spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def test_ten_thousand_sources_that_do_not_change(tmp_path: Path) -> None:
    with unchanged() as port:
        lines = known(tmp_path / ".aggregator/state.db", port, datetime.now(UTC) - timedelta(hours=1))
        (tmp_path / "config.yaml").write_text(CONFIG + "\n".join(lines) + "\n")
        with daemon(tmp_path) as running:
            process = psutil.Process(running.process.pid)
            print(f"\nready after {spent(process):.1f} s of work", end="")
            eventually(lambda: Unchanged.asked, within=120)
            first, began = spent(process), time.monotonic()
            print(f"\nthe first is asked after {first:.1f} s of work", end="")
            eventually(lambda: Unchanged.asked >= COUNT, within=600)
            time.sleep(3)
            took, work = time.monotonic() - began, spent(process) - first
            print(f"\n{COUNT:,} polls answered 304: {work:.1f} s of work in {took:.0f} s", end="")
            before = spent(process)
            time.sleep(20)
            print(f"\nat rest: {(spent(process) - before) / 20:.2%} of a core", end="")
            everybody = [process, *process.children(recursive=True)]
            memory = sum(one.memory_full_info().uss for one in everybody)
            print(f"\n{len(everybody)} process(es): {memory / 2**20:.0f} MiB")
            assert Unchanged.asked == COUNT
            assert running.end()[0] == 0
