"""A daemon as a service manager runs it: a process of its own, with signals, log and datagrams."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import feedparser

from tests.support.serving import Client, Reply

CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 64, allow_networks: [127.0.0.0/8]}
posts: [{path: posts}]
feeds: {min_entries: 1}
server: {port: 0, token: open sesame}
"""
TOKEN = {"Authorization": "Bearer open sesame"}


def eventually(holds: Callable[[], object], within: float = 60) -> float:
    """Waits for it; returns how many seconds it took."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within, f"not within {within} s"
        time.sleep(0.01)
    return time.monotonic() - began


def patience(seconds: float) -> float:
    """So many seconds on a machine that does nothing else."""
    return seconds * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass
class Running:
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    @property
    def port(self) -> int:
        found = re.search(r"serving .* at http://127.0.0.1:(\d+)/", self.log)
        return int(found[1]) if found else 0

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        with Client(self.port) as client:
            return client.ask(path, method, **headers)

    def titles(self, feed: str = "all") -> list[str]:
        file = self.folder / "feeds" / feed / "atom.xml"
        document = feedparser.parse(file.read_bytes()) if file.exists() else {"entries": []}
        return [entry["title"] for entry in document["entries"]]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, float]:
        """The exit status, and after how many seconds."""
        began = time.monotonic()
        self.send(number)
        return self.process.wait(20), time.monotonic() - began


@contextmanager
def daemon(folder: Path, *words: str, environment: Mapping[str, str] | None = None) -> Iterator[Running]:
    command = [sys.executable, "-m", "aggregator", "-v", "-c", str(folder / "config.yaml"), "daemon", *words]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, env=os.environ | dict(environment or {}))
    running = Running(folder, process)
    try:
        eventually(lambda: "ready" in running.log or process.poll() is not None)
        yield running
    finally:
        process.kill()
        process.wait()


@contextmanager
def service_manager(address: str) -> Iterator[list[str]]:
    """Listens at the address (`@` begins an abstract one) and collects messages."""
    said: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(f"\0{address[1:]}" if address.startswith("@") else address)

        def listen() -> None:
            while words := one.recv(4096):
                said.append(words.decode())

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield said
        finally:
            one.shutdown(socket.SHUT_RDWR)
            thread.join()
