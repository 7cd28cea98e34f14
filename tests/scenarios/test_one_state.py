"""The state of a source is the same wherever it is told."""

from datetime import timedelta

import pytest
from lxml import html

from aggregator.render.status_page import remedies
from aggregator.status.report import report
from tests.commands.test_cli import aggregator
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
ENTRY = {"title": "One", "link": "https://blog.example/1", "guid": "1", "description": "Words."}


def subscribe(planet: Planet, upstream: Upstream, *ids: str) -> None:
    planet.config["sources"] = [{"url": upstream.url(f"/{id_}"), "id": id_, "title": id_} for id_ in ids]


def page(planet: Planet, path: str) -> html.HtmlElement:
    return html.document_fromstring((planet.root / "feeds" / path).read_text())


def told(planet: Planet, path: str, id_: str) -> str:
    """What a page says beside the name of a source."""
    rows = page(planet, path).xpath(f"//li[*[@class='name'][.='{id_}']]/span[@class='facts']/*[1]")
    return " ".join(rows[0].text_content().split()) if rows else ""


def state(planet: Planet, id_: str) -> str:
    with planet.app() as app, app.store.read() as tx:
        return next(one.state for one in report(app, tx, NOON).sources if one.id == id_)


@pytest.mark.torture
def test_everybody_is_told_the_same(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream, "good", "bad", "late", "off")
    planet.config["sources"][3]["paused"] = True
    for id_ in ("good", "bad"):
        upstream.serve(f"/{id_}", rss(ENTRY | {"guid": id_}))
    planet.run()
    upstream.serve("/bad", "", status=500)
    for hour in (1, 2, 3):
        planet.run(NOON + hour * HOUR, force=True)
        words = {"good": "well", "bad": "well" if hour < 3 else "broken since 23 November 2026"}
        words |= {"late": "not read yet" if hour < 2 else "broken since 23 November 2026"}
        for id_, said in words.items():
            assert told(planet, "index.html", id_) == told(planet, "health/index.html", id_) == said, (hour, id_)
            is_failing = said.startswith("broken")
            assert (state(planet, id_) == "failing") == is_failing
    assert told(planet, "index.html", "off") == "paused since 23 November 2026"
    assert state(planet, "off") == "paused"


def test_what_was_not_read_yet_is_not_well(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream, "good", "late")
    upstream.serve("/good", rss(ENTRY))
    planet.run()
    sections = {
        section.findtext("h2"): [name.text_content() for name in section.iterfind("ul/li/*[@class='name']")]
        for section in page(planet, "health/index.html").iterfind(".//main/section")
    }
    assert sections["Not read yet"] == ["late"]
    assert "late" not in sections["Well"]


def test_the_same_advice_is_given_once(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream, "one", "two", "three")
    upstream.serve("/three", "", status=401)
    planet.run()
    with planet.app() as app, app.store.read() as tx:
        found = remedies(report(app, tx, NOON).sources)
    assert [[one.id for one in ones] for _, ones in found] == [["one", "two"], ["three"]]
    shown = aggregator(planet.root, "status").stdout
    assert shown.count("There is nothing at its address.") == 1
    assert "or remove it. (2 sources)" in shown
    assert shown.count("It requires a user name and a password.") == 1
