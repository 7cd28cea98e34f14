"""Entries that were read before are not read again when the next document of their source comes."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from aggregator.codec import unpack
from aggregator.model.document import ReadMarkup
from aggregator.store.schema import read_markup
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)


def feed(*numbers: int) -> str:
    return rss(*({"title": f"Post {n}", "guid": f"urn:x:{n}", "link": f"https://blog.example/{n}"} for n in numbers))


def remembered(planet: Planet) -> dict[str, str]:
    """Digest of markup → item, of the source."""
    with planet.app() as app, app.store.read() as tx:
        packed = tx.read_markups.get("blog")
    return dict(unpack(packed, ReadMarkup).items) if packed else {}


def forget(planet: Planet) -> None:
    with planet.app() as app, app.store.write() as tx:
        tx._connection.execute(delete(read_markup))


def grown(planet: Planet, upstream: Upstream, *, forgetful: bool = False) -> dict[str, str]:
    """The tree after documents with new, edited, missing and returning entries."""
    planet.config["sources"] = [{"url": upstream.url("/feed.xml"), "id": "blog"}]
    documents = [feed(2, 1), feed(3, 2, 1), feed(4, 3, 1), feed(4, 3, 2, 1).replace("Post 3", "Edited 3"), feed(5, 4)]
    for hour, document in enumerate(documents):
        upstream.serve("/feed.xml", document)
        planet.run(NOON + hour * HOUR, force=True)
        if forgetful:
            forget(planet)
    return planet.tree()


def test_each_document_teaches_its_entries(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.url("/feed.xml"), "id": "blog"}]
    upstream.serve("/feed.xml", feed(2, 1))
    planet.run()
    before = remembered(planet)
    upstream.serve("/feed.xml", feed(3, 2))
    planet.run(NOON + HOUR, force=True)
    after = remembered(planet)
    assert (len(before), len(after), len(before.items() & after.items())) == (2, 2, 1)


def test_what_was_read_before_may_be_forgotten_at_any_time(
    planet: Planet, upstream: Upstream, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = Planet(tmp_path_factory.mktemp("other"), planet.runner, planet.pool)
    assert grown(planet, upstream) == grown(other, upstream, forgetful=True)


def test_a_source_under_another_id_is_read_whole_once(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.url("/feed.xml"), "id": "blog"}]
    upstream.serve("/feed.xml", feed(2, 1))
    planet.run()
    ids = planet.ids()
    planet.config["sources"] = [{"url": upstream.url("/feed.xml"), "id": "journal"}]
    upstream.serve("/feed.xml", feed(3, 2, 1))
    planet.run(NOON + HOUR, force=True)
    assert (remembered(planet), planet.ids()[-2:]) == ({}, ids)


def test_a_source_with_a_secret_is_read_whole(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.url("/feed.xml?token=s3cr3tvalue"), "id": "blog"}]
    upstream.serve("/feed.xml?token=s3cr3tvalue", feed(1))
    planet.run()
    assert planet.titles() == ["Post 1"]
    assert remembered(planet) == {}
