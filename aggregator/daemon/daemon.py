"""The daemon process: schedules, serves, reloads the config, and ends at SIGTERM or SIGINT."""

import asyncio
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
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
from aggregator.daemon.signals import stopped_by_signals
from aggregator.daemon.signatures import DEFAULT_FOLDER, Signature, config_signature, signature
from aggregator.daemon.systemd import Supervisor
from aggregator.errors import ConfigError
from aggregator.events import Observers
from aggregator.metrics import Counters
from aggregator.settings import templates_folder
from aggregator.store import Store
from aggregator.web import (
    Front,
    Measures,
    StateReader,
    api_routes,
    application_of,
    callback_routes,
    hub_routes,
    measures_of,
    serve,
)
from aggregator.worker_pool import WorkerPool

CHECK_SECONDS = 2.0  # seconds between checks for changes that the system does not report
JUMP = 30.0  # seconds that the clock may jump before all jobs are planned anew

OLD_STAYS = "the config that was in force before stays in force"


async def work(app: App, sockets: Sequence[socket], log: Log, *, log_access: bool = False) -> None:
    """Runs until SIGTERM or SIGINT. The caller holds the state open and locked. Raises where the state or the output
    cannot be used at the start; later errors are logged and the work is tried again."""
    supervisor, measures = Supervisor(os.environ), measures_of(app)
    app = replace(app, observer=Observers(Counters(measures.registry), log))
    with stopped_by_signals() as stop:
        async with Batches(app, WorkerPool()) as batches:
            daemon = Daemon(batches, log, supervisor, measures)
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, daemon.reload_soon)
            await daemon.run(sockets, stop, log_access=log_access)


class Daemon:
    def __init__(self, batches: Batches, log: Log, supervisor: Supervisor, measures: Measures) -> None:
        self._batches = batches
        self._log = log
        self._supervisor = supervisor
        self._measures = measures
        self.scheduler = Scheduler(batches, log)
        self._file = batches.app.config.file
        self._seen: Signature = ()
        self._watched: Signature = ()
        self._watching: asyncio.Task[None] | None = None
        self._reloading = asyncio.Lock()
        self._reloads: set[asyncio.Task[None]] = set()
        self.front = Front()
        self._replace_application(batches.app)

    async def run(self, sockets: Sequence[socket], stop: asyncio.Event, *, log_access: bool) -> None:
        self._seen = await asyncio.to_thread(config_signature, self._file)
        self.scheduler.start(is_reachable=bool(sockets))
        ending: list[asyncio.Task[object]] = [asyncio.create_task(stop.wait())]
        if sockets:
            ending.append(asyncio.create_task(serve(self.front, sockets, stop, log_access=log_access)))
        tasks = [asyncio.create_task(one) for one in (self._check_regularly(), self._watch_config(), self._watchdog())]
        self._supervisor.ready()
        self._log.info("ready")
        await asyncio.wait([*ending, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        self._supervisor.stopping()
        self._log.info("ending")
        tasks += [*self._reloads, *([self._watching] if self._watching else [])]
        for one in tasks:
            one.cancel()
        await asyncio.gather(self.scheduler.stop(), *tasks, return_exceptions=True)
        await asyncio.gather(*ending)

    def _replace_application(self, app: App) -> None:
        """Replaces the served application. The former one needs no closing: it opens the state only to read it."""
        self.front.application = application_of(
            app,
            StateReader(Store(app.store.at), app.output),
            next_change=self.scheduler.seconds_to_change,
            late=self.scheduler.trouble,
            measures=self._measures,
            routes=[
                *api_routes(app.config.server.token, self.scheduler),
                *hub_routes(app.config, self.scheduler),
                *callback_routes(app, self.scheduler.take_in.soon),
            ],
        )

    # changes from outside

    def reload_soon(self) -> None:
        """Handles SIGHUP: reads the config again, even where its file did not change."""
        task = asyncio.create_task(self._reload_on_signal())
        self._reloads.add(task)
        task.add_done_callback(self._reloads.discard)

    async def _reload_on_signal(self) -> None:
        self._supervisor.reloading()
        await self._reload(changed=False)
        self._supervisor.ready()

    async def _reload(self, *, changed: bool = True) -> None:
        """`changed`: only where the file, or the default posts folder, changed since the timer check."""
        async with self._reloading:
            seen = await asyncio.to_thread(config_signature, self._file)
            if changed and seen == self._seen:
                return
            self._seen = seen
            try:
                config = await asyncio.to_thread(load_config, self._file)
            except ConfigError as error:
                self._log.config_refused(error)
                return
            self.put_in_force(config)

    def put_in_force(self, config: Config) -> None:
        self._log.add_secrets(config.secrets())
        before = self._batches.app.config
        if config.state != before.state:
            self._log.warning(f"{self._file}: another state needs a restart; {OLD_STAYS}")
            return
        if (config.server.host, config.server.port) != (before.server.host, before.server.port):
            self._log.warning(f"{self._file}: another server.host or server.port needs a restart")
        self._batches.put_in_force(config)
        self._replace_application(self._batches.app)
        self.scheduler.read_local.soon()
        self._log.info(f"{self._file} was reloaded")

    async def _watch_config(self) -> None:
        """Watches the folder, because editors replace the file. Where the system cannot watch it,
        `_check_regularly` notices the change."""
        names = {self._file.name, DEFAULT_FOLDER}
        with suppress(WatchError):
            async for _ in watch([self._file.parent], deep=False, matters=lambda path: path.name in names):
                await self._reload()

    async def _check_regularly(self) -> None:
        """Notices new and removed folders, a config on a disk that cannot be watched, and jumps of the clock."""
        offset = time.time() - time.monotonic()
        while True:
            try:
                await self._reload()
                await self._watch_folders()
            except Exception as error:  # noqa: BLE001 - tried again; serving continues
                self._log.log_job_failure("checking for changes", error, timedelta(seconds=CHECK_SECONDS))
            if abs(time.time() - time.monotonic() - offset) > JUMP:
                offset = time.time() - time.monotonic()
                self._log.info("the clock was set, or this machine slept; all jobs are planned anew")
                self.scheduler.wake()
            await asyncio.sleep(CHECK_SECONDS)

    async def _watch_folders(self) -> None:
        """Watches posts folders and templates that exist."""
        folders = await asyncio.to_thread(_existing_folders, self._batches.app)
        signatures = tuple(folders.values())
        if signatures != self._watched:
            if self._watching:
                self._watching.cancel()
                self.scheduler.read_local.soon()
            self._watched = signatures
            self._watching = asyncio.create_task(self._watch(list(folders), self._batches.app))

    async def _watch(self, folders: Sequence[Path], app: App) -> None:
        if not folders:
            return
        try:
            async for _ in watch(folders, deep=True, matters=partial(matters, app, folders)):
                if templates_folder(app.config):
                    self._batches.publish_soon()
                self.scheduler.read_local.soon()
        except WatchError as error:
            self._log.warning(f"{error}; they are read once a minute")

    # watchdog

    async def _watchdog(self) -> None:
        """Notifies the watchdog while work makes progress."""
        while self._supervisor.period:
            if not self.scheduler.is_stuck():
                self._supervisor.alive()
            await asyncio.sleep(self._supervisor.period.total_seconds())
        await asyncio.Event().wait()


def _existing_folders(app: App) -> dict[Path, Signature]:
    wanted = [(app.config.root / folder.path).absolute() for folder in app.folders]
    wanted += [own.absolute()] if (own := templates_folder(app.config)) else []
    return {path: found for path in wanted if (found := signature(path, of_content=False)) and path.is_dir()}


def matters(app: App, folders: Sequence[Path], path: Path) -> bool:
    """Whether to react to a change of `path`: it lies below one of `folders`, is not hidden and not written by us."""
    state = app.store.file
    if path.is_relative_to(app.output.absolute()) or (state and path.name.startswith(state.name)):
        return False
    below = [path.relative_to(folder) for folder in folders if path.is_relative_to(folder)]
    return any(not any(part.startswith(".") for part in one.parts) for one in below)
