"""sources.opml: the published list of sources."""

from typing import Any

import pytest
from lxml import etree

from aggregator.config import load_config
from aggregator.opml import read_outlines
from aggregator.store import Store
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import HOUR


def outlines(planet: Planet) -> list[tuple[str, str, str]]:
    text = (planet.root / "feeds" / "sources.opml").read_text(encoding="utf-8")
    return [(one.url, one.text, one.site) for one in read_outlines(text)]


def test_what_anybody_may_read_stands_in_it(planet: Planet, upstream: Upstream) -> None:
    def source(id_: str, **more: Any) -> dict[str, Any]:
        return {"id": id_, "url": upstream.serve(f"/{id_}", rss({"title": id_}, title=f"Its <{id_}> & more"))} | more

    (planet.root / "local.xml").write_text(rss({"title": "x"}))
    hidden = [
        source("off", publish=False),
        source("auth", auth="bearer x", publish=True),
        source("headers", headers={"X-Key": "x"}, publish=True),
        {"id": "file", "url": "local.xml"},
    ]
    shown = [source("a", categories=["Tech/Python", "News"]), source("b", title="B, by us")]
    planet.config["sources"] = [*hidden, *shown]
    planet.run()
    a, b = (one["url"] for one in shown)
    assert outlines(planet) == [
        (b, "B, by us", "https://blog.example/"),
        (a, "Its <a> & more", "https://blog.example/"),
    ]
    data = (planet.root / "feeds" / "sources.opml").read_bytes()
    assert b"generator: aggregator" in data
    root = etree.fromstring(data)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [element.tag for element in root.findall("head/*")] == ["title", "dateModified", "ownerName"]
    assert root.findtext("head/dateModified") == "Mon, 23 Nov 2026 12:00:00 GMT"
    assert all(one.get("text") for one in root.iter("outline"))
    assert b'href="sources.opml"' in (planet.root / "feeds" / "index.html").read_bytes()

    tree = planet.tree()
    planet.regenerate(NOON + HOUR)
    assert planet.tree() == tree


@pytest.mark.torture
def test_an_address_from_the_environment_stays_here(planet: Planet, upstream: Upstream) -> None:
    from aggregator.app import App
    from aggregator.publish.subscriptions_opml import shared_outlines

    url = upstream.serve("/secret?key=k1", rss({"title": "x"}))
    planet.config["sources"] = [{"id": "s", "url": url}, {"id": "open", "url": upstream.url("/secret?author=k1")}]
    planet.run()
    assert [one[0] for one in outlines(planet)] == [upstream.url("/secret?author=k1")]
    (planet.root / "config.yaml").write_text(
        "site: {title: P, url: https://planet.example/, since: 2026-11-23}\n"
        f"sources: [{{id: s, url: '{url.removesuffix('k1')}${{KEY}}'}}]\n"
    )
    config = load_config(planet.root / "config.yaml", {"KEY": "k1"})
    store = Store(planet.root / config.state)
    store.open()
    with store.read() as tx:
        assert shared_outlines(App(config, store, lambda: NOON), tx) == []
    store.close()
