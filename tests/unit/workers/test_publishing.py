"""Workers publish, and tell the hub of `feeds.hub` what changed."""

from aggregator.report import Report
from aggregator.workers.merging import Merging
from aggregator.workers.timing import Timing
from tests.support.foreign_servers import Answered, foreign
from tests.support.planet import Planet
from tests.support.postgresql import Server


def test_the_hub_hears_of_what_workers_publish(planet: Planet, postgresql: Server, database: str) -> None:
    postgresql.empty(database)
    planet.post("a.md", "---\ntitle: First\ndate: 2026-11-01\ncategories: [News]\n---\nWords.\n")
    planet.config["state"] = postgresql.address(database)
    with foreign(lambda _: Answered(204)) as hub:
        planet.config["feeds"] = {"hub": hub.url()}
        with planet.app() as app:

            async def work() -> Report:
                merging, report = Merging(app, planet.pool, Timing(), "worker"), Report()
                assert await merging.merge(report)
                await merging.publish(report)
                with app.store.write() as tx:
                    assert not tx.pings.waiting()
                assert not await merging.merge(Report())
                with app.store.write() as tx:
                    tx.pings.changed({"news/rss.xml": "a digest"}, app.clock())
                assert await merging.merge(Report())
                return report

            assert not planet.runner.run(work()).problems
        told = {one.form["hub.url"] for one in hub.received}
    assert {f"https://planet.example/{feed}/atom.xml" for feed in ("all", "news", "health")} <= told
