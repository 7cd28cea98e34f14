"""The process that stays: it schedules and serves, takes up what changes beside it, and ends when it is told to."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from socket import socket

from aggregator.app import App
from aggregator.config import Config, load_config
from aggregator.daemon.batches import Batches
from aggregator.daemon.file_watch import WatchError, watch
from aggregator.daemon.log import Log
from aggregator.daemon.scheduler import Scheduler
from aggregator.daemon.systemd import Supervisor
from aggregator.errors import ConfigError
from aggregator.events import Observers
from aggregator.metrics import Counters
from aggregator.store import Store
from aggregator.web import Front, Measures, StateReader, api_routes, application_of, measures_of, serve
from aggregator.worker_pool import WorkerPool

LOOK_EVERY = 2.0  # seconds between looks at what nobody tells us of
JUMP = 30.0  # seconds that a clock may be set, or a machine sleep, without our plans being made anew
LAST_WORD = 9.0  # seconds after which a daemon that should end is ended

STAYS = "the config that was in force before stays in force"
DEFAULT_FOLDER = "posts"  # counts where the config names none, and it is there

Seen = tuple[object, ...]


async def work(app: App, sockets: Sequence[socket], journal: Log, *, log_access: bool = False) -> None:
    """Until SIGTERM or SIGINT. The state is open, and ours. Raises what an unusable state or output raises; later
    faults are told and tried again."""
    supervisor, measures = Supervisor(os.environ), measures_of(app)
    app = replace(app, observer=Observers(Counters(measures.registry), journal))
    with _signals() as stop:
        async with Batches(app, WorkerPool()) as batches:
            daemon = Daemon(batches, journal, supervisor, measures)
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, daemon.reload_soon)
            await daemon.run(sockets, stop, log_access=log_access)


@contextmanager
def _signals() -> Iterator[asyncio.Event]:
    """Whatever still hangs in a call to the system when it should have ended is left behind: state and tree are whole
    at any instant."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def end() -> None:
        if not stop.is_set():
            stop.set()
            last = threading.Timer(LAST_WORD, os._exit, (0,))
            last.daemon = True
            last.start()

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, end)
    yield stop


class Daemon:
    def __init__(self, batches: Batches, journal: Log, supervisor: Supervisor, measures: Measures) -> None:
        self._batches = batches
        self._journal = journal
        self._supervisor = supervisor
        self._measures = measures
        self.scheduler = Scheduler(batches, journal)
        self._file = batches.app.config.file
        self._seen: Seen = ()
        self._watched: Seen = ()
        self._watching: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._reloads: set[asyncio.Task[None]] = set()
        self.front = Front()
        self._furnish(batches.app)

    async def run(self, sockets: Sequence[socket], stop: asyncio.Event, *, log_access: bool) -> None:
        self._seen = await asyncio.to_thread(_look_of, self._file)
        self.scheduler.start()
        waits: list[asyncio.Task[object]] = [asyncio.create_task(stop.wait())]
        if sockets:
            waits.append(asyncio.create_task(serve(self.front, sockets, stop, log_access=log_access)))
        beside = [asyncio.create_task(one) for one in (self._look_around(), self._watch_config(), self._live())]
        self._supervisor.ready()
        self._journal.say("ready")
        await asyncio.wait([*waits, *beside], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        self._supervisor.stopping()
        self._journal.say("ending")
        beside += [*self._reloads, *([self._watching] if self._watching else [])]
        for one in beside:
            one.cancel()
        await asyncio.gather(self.scheduler.stop(), *beside, return_exceptions=True)
        await asyncio.gather(*waits)

    @property
    def app(self) -> App:
        return self._batches.app

    def _furnish(self, app: App) -> None:
        """What is served changes with the config. Nothing of what was there before stays open: the state is, only while
        it is read."""
        self.front.application = application_of(
            app,
            StateReader(Store(app.store.path), app.output),
            next_change=self.scheduler.seconds_to_change,
            late=self.scheduler.trouble,
            measures=self._measures,
            routes=api_routes(app.config.server.token, self.scheduler),
        )

    # what changes beside us

    def reload_soon(self) -> None:
        """As SIGHUP wants it, whether the config seems to have changed or not."""
        task = asyncio.create_task(self._reload_as_told())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload_as_told(self) -> None:
        self._supervisor.reloading()
        await self._reload(changed=False)
        self._supervisor.ready()

    async def _reload(self, *, changed: bool = True) -> None:
        """`changed`: only where the config may read otherwise than when it was last looked at."""
        async with self._reloading:
            look = await asyncio.to_thread(_look_of, self._file)
            if changed and look == self._seen:
                return
            self._seen = look
            try:
                config = await asyncio.to_thread(load_config, self._file)
            except ConfigError as error:
                self._journal.config_refused(error)
                return
            self.put_in_force(config)

    def put_in_force(self, config: Config) -> None:
        self._journal.hush(config.secrets())
        before = self._batches.app.config
        if config.state != before.state:
            self._journal.warn(f"{self._file}: another state takes a restart; {STAYS}")
            return
        if (config.server.host, config.server.port) != (before.server.host, before.server.port):
            self._journal.warn(f"{self._file}: another server.host or server.port takes a restart")
        self._batches.put_in_force(config)
        self._furnish(self._batches.app)
        self.scheduler.look.soon()
        self._journal.say(f"{self._file} is taken up")

    async def _watch_config(self) -> None:
        """An editor puts another file in its place: so it is the folder that is watched. Where the system tells
        nothing, looking around finds it."""
        names = {self._file.name, DEFAULT_FOLDER}
        with suppress(WatchError):
            async for _ in watch([self._file.parent], deep=False, matters=lambda path: path.name in names):
                await self._reload()

    async def _look_around(self) -> None:
        """For what nobody tells: folders that came or went, a config on a disk that is not watched, another time."""
        offset = time.time() - time.monotonic()
        while True:
            try:
                await self._reload()
                await self._watch_what_stands()
            except Exception as error:  # noqa: BLE001 - it is tried again; serving goes on
                self._journal.fault("looking around", error, timedelta(seconds=LOOK_EVERY))
            if abs(time.time() - time.monotonic() - offset) > JUMP:
                offset = time.time() - time.monotonic()
                self._journal.say("the clock was set, or this machine slept: everything is planned anew")
                self.scheduler.wake()
            await asyncio.sleep(LOOK_EVERY)

    async def _watch_what_stands(self) -> None:
        """Posts folders, and the templates."""
        folders = await asyncio.to_thread(_standing, self._batches.app)
        looks = tuple(folders.values())
        if looks != self._watched:
            if self._watching:
                self._watching.cancel()
                self.scheduler.look.soon()
            self._watched = looks
            self._watching = asyncio.create_task(self._watch(list(folders), self._batches.app))

    async def _watch(self, folders: Sequence[Path], app: App) -> None:
        if not folders:
            return
        try:
            async for _ in watch(folders, deep=True, matters=partial(matters, app, folders)):
                if app.templates():
                    self._batches.publish_soon()
                self.scheduler.look.soon()
        except WatchError as error:
            self._journal.warn(f"{error}; they are read once a minute")

    # how we are

    async def _live(self) -> None:
        """Tells who watches over us that we live, as long as we come forward."""
        while self._supervisor.period:
            if not self.scheduler.is_stuck():
                self._supervisor.alive()
            await asyncio.sleep(self._supervisor.period.total_seconds())
        await asyncio.Event().wait()


def _look_of(file: Path) -> Seen:
    """Changes whenever the config may read otherwise."""
    return *_identity(file, of_content=True), (file.parent / DEFAULT_FOLDER).is_dir()


def _standing(app: App) -> dict[Path, Seen]:
    wanted = [(app.config.root / folder.path).absolute() for folder in app.folders]
    wanted += [own.absolute()] if (own := app.templates()) else []
    return {path: look for path in wanted if (look := _identity(path, of_content=False)) and path.is_dir()}


def _identity(path: Path, *, of_content: bool) -> Seen:
    try:
        status = path.stat()
    except OSError:
        return ()
    which = status.st_dev, status.st_ino
    return (*which, status.st_size, status.st_mtime_ns) if of_content else which


def matters(app: App, folders: Sequence[Path], path: Path) -> bool:
    """Whether a change of `path`, below one of the watched `folders`, is not our own and not of something hidden."""
    if path.is_relative_to(app.output.absolute()) or path.name.startswith(app.store.path.name):
        return False
    below = [path.relative_to(folder) for folder in folders if path.is_relative_to(folder)]
    return any(not any(part.startswith(".") for part in one.parts) for one in below)
