"""A text that stands once in RSS: whoever read it twice before sees no other entry, and no edit."""

import pytest

from aggregator.recover import recover
from tests.scenarios.test_archives import Past, item
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import HOUR, dated, prose

TEXT = f"<p>{prose('one')}</p>\n<p>{prose('two')} &amp; <em>more</em></p>"
SUMMARY = "<p>What it is about, in a few words.</p>"


def served(upstream: Upstream, **texts: str) -> str:
    """The feed of another planet, whose item has these texts."""
    head = {"title": "One", "link": "https://blog.example/1", "guid": "tag:blog.example,2020:1", "pubDate": dated(NOON)}
    named = {name.replace("_", ":"): text for name, text in texts.items()}
    root = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
    return upstream.serve("/planet", rss(head | named).replace('<rss version="2.0">', root))


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"description": TEXT, "content_encoded": TEXT}, {"description": TEXT}),
        ({"description": TEXT}, {"description": TEXT, "content_encoded": TEXT}),
        ({"content_encoded": TEXT}, {"description": TEXT}),
    ],
)
def test_a_planet_that_carries_ours_notices_nothing(
    planet: Planet, upstream: Upstream, before: dict[str, str], after: dict[str, str]
) -> None:
    planet.config["sources"] = [{"url": served(upstream, **before), "id": "other"}]
    planet.run(NOON)
    tree = planet.tree()
    served(upstream, **after)
    report = planet.run(NOON + HOUR, force=True)
    assert (report.sources.changed, report.entries.new, report.entries.updated) == (1, 0, 0)
    assert planet.tree() == tree


def test_a_summary_that_goes_is_seen_and_no_edit(planet: Planet, upstream: Upstream) -> None:
    """It was beside the content, and the content says the same as before."""
    planet.config["sources"] = [{"url": served(upstream, description=SUMMARY, content_encoded=TEXT), "id": "other"}]
    planet.run(NOON)
    assert b"in a few words" in (planet.root / "feeds/all/atom.xml").read_bytes()
    served(upstream, description=TEXT)
    report = planet.run(NOON + HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (0, 0)
    assert b"in a few words" not in (planet.root / "feeds/all/atom.xml").read_bytes()


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("texts", [{"description": TEXT, "content_encoded": TEXT}, {"description": TEXT}])
def test_a_tree_of_rss_alone_gives_the_text_back_as_content(
    planet: Planet, upstream: Upstream, texts: dict[str, str]
) -> None:
    planet.config["sources"] = [{"url": served(upstream, **texts), "id": "other"}]
    planet.config["feeds"] = {"formats": ["rss"]}
    planet.run(NOON)
    before = planet.tree()
    for file in (planet.root / ".aggregator").glob("state*"):
        file.unlink()
    with planet.app(NOON + HOUR) as app:
        planet.runner.run(recover(app, planet.pool))
    report = planet.run(NOON + 2 * HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (0, 0)
    assert planet.tree()["all/rss.xml"] == before["all/rss.xml"]


@pytest.mark.torture
def test_an_archive_of_atom_and_pages_is_recovered(planet: Planet, upstream: Upstream) -> None:
    past = Past(planet, upstream)
    del planet.config["feeds"]["formats"]
    past.run(
        *(
            {
                "title": f"Entry {n}",
                "link": f"https://blog.example/{n}",
                "guid": f"https://blog.example/{n}",
                "pubDate": dated(NOON - (65 - n) * HOUR),
                "description": f"<p>{n}: {prose(str(n))}</p>",
            }
            for n in range(65)
        )
    )
    before = planet.tree()
    for file in (planet.root / ".aggregator").glob("state*"):
        file.unlink()
    with planet.app(past.now) as app:
        planet.runner.run(recover(app, planet.pool))
    past.run()
    assert past.sealed() == {path: one for path, one in before.items() if "/archive/" in path}
    assert past.everything() == {f"Entry {n}" for n in range(65)}


@pytest.mark.torture
def test_an_archive_of_pages_alone_is_sealed_anew_at_other_addresses(planet: Planet, upstream: Upstream) -> None:
    """A page for people does not say which entries it holds, and an address never shows other entries."""
    past = Past(planet, upstream)
    planet.config["feeds"]["archive_formats"] = ["html"]
    past.run(*map(item, range(65)))
    for file in (planet.root / ".aggregator").glob("state*"):
        file.unlink()
    with planet.app(past.now) as app:
        planet.runner.run(recover(app, planet.pool))
    past.run()
    assert {path.split("/archive/")[1].split("/")[0] for path in past.sealed()} == {"2"}
