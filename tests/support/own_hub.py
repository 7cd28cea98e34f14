"""A planet that is its own hub, served over HTTP; the test says when what waits is sent, and what time it is."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import select

from aggregator import pipeline
from aggregator.app import App
from aggregator.one_shot.batch import RunOptions
from aggregator.store import HubSubscriptionRow
from aggregator.web import Front, hub_routes
from aggregator.web.app import application
from aggregator.web.files import ServedFiles
from aggregator.web.state_reader import MovedFeeds
from aggregator.web.tree import Site, TreeAnswers
from aggregator.websub.hub import take
from aggregator.websub.messages import messages_of
from aggregator.websub.outbox import Outbox
from tests.support.planet import NOON, Planet, Upstream
from tests.support.serving import Client, Reply

SITE = "https://planet.example/"
TOPIC = f"{SITE}news/atom.xml"
POST = "---\ntitle: {0}\ndate: 2026-11-01\ncategories: [News]\n---\nWords of {0}.\n"
FORM = "application/x-www-form-urlencoded"


@dataclass
class OwnHub:
    planet: Planet
    app: App
    port: int
    now: datetime = NOON
    calls: int = 0
    limit: timedelta = timedelta(seconds=10)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def address(self) -> str:
        return "http://127.0.0.1:8080/planet/websub/hub"

    # what the daemon does

    def take_request(self, form: bytes) -> None:
        take(self.app, form)

    def deliver_soon(self) -> None:
        self.calls += 1

    def publish(self, title: str) -> None:
        self.planet.post(f"{title}.md", POST.format(title))
        self.planet.runner.run(pipeline.run(self.app, self.planet.pool, RunOptions()))

    def send_all(self, *, rounds: int = 100) -> datetime | None:
        """Sends what is due until nothing is; returns when more is."""
        return self.planet.runner.run(self._send_all(rounds))

    async def _send_all(self, rounds: int) -> datetime | None:
        outbox = Outbox(lambda: self.app, messages_of, self.answered.set, limit=self.limit)
        next_at = await outbox.run()
        while not outbox.is_idle and rounds:
            await self.answered.wait()
            self.answered.clear()
            next_at = await outbox.run()
            rounds -= 1
        await outbox.close()
        return next_at

    # what subscribers do

    def post(self, form: bytes, content_type: str = FORM, path: str = "/websub/hub") -> Reply:
        with Client(self.port) as client:
            client.send(path, "POST", form, Content_Type=content_type, Content_Length=str(len(form)))
            return client.reply()

    def ask(self, mode: str, callback: str, topic: str = TOPIC, **more: str) -> Reply:
        """Other fields of the form: `lease_seconds="60"`, `secret="s"`."""
        form = {"hub.mode": mode, "hub.topic": topic, "hub.callback": callback}
        return self.post(urlencode(form | {f"hub.{name}": value for name, value in more.items()}).encode())

    def subscribe(self, callback: str, topic: str = TOPIC, **more: str) -> None:
        answer = self.ask("subscribe", callback, topic, **more)
        assert answer.status == 202, answer
        self.send_all()

    def rows(self) -> list[HubSubscriptionRow]:
        """The live subscriptions to the feed of news."""

        with self.app.store.read() as tx:
            rows = tx.hub_subscriptions._connection.execute(select(*HubSubscriptionRow.columns()))
            return [HubSubscriptionRow(*row) for row in rows]

    def document(self, path: str = "news/atom.xml") -> bytes:
        return (self.app.output / path).read_bytes()


def build(planet: Planet, _: Upstream | None = None) -> None:
    """Publishes at noon."""
    planet.config["server"] = {"hub": True, "public_url": "http://127.0.0.1:8080/planet/"}
    planet.post("First.md", POST.format("First"))
    planet.run()


@contextmanager
def open_hub(planet: Planet, front: Front, port: int) -> Iterator[OwnHub]:
    """Of a planet that was built; `front` is served on that port."""
    with planet.app() as app:
        hub = OwnHub(planet, app, port)
        hub.app = replace(app, clock=lambda: hub.now)
        tree = TreeAnswers(Site(SITE, hub.address), ServedFiles(app.output), MovedFeeds(dict), lambda: 0)
        front.application = application(tree, trouble=str, routes=hub_routes(app.config, hub))
        yield hub
