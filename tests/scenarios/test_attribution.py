"""Who says it: readers show neither `<source>` nor `atom:source`, so authors, titles and texts can name the source."""

import json
import shutil
from typing import Any

import pytest
from lxml import etree

from aggregator.recover import recover
from tests.commands.test_cli import aggregator
from tests.support.planet import Planet, rss

ATOM, DC = "{http://www.w3.org/2005/Atom}", "{http://purl.org/dc/elements/1.1/}"


@pytest.fixture
def planet_of_two(planet: Planet) -> Planet:
    """Two blogs with one title for each of their releases; the second names an author of the feed."""
    for id_, more in (("one", ""), ("two", "<managingEditor>jo@two.example (Jo)</managingEditor>")):
        item = {"title": "Release 1.2", "guid": f"{id_}-1", "link": f"https://{id_}.example/1"}
        item |= {"description": f"<p>What is new at {id_}.</p>", "pubDate": "Mon, 23 Nov 2026 08:00:00 GMT"}
        text = rss(item, title=f"Blog {id_} & Co", link=f"https://{id_}.example/")
        (planet.root / f"{id_}.xml").write_text(text.replace("<item>", f"{more}<item>", 1))
    planet.config["sources"] = [{"url": f"{id_}.xml", "id": id_} for id_ in ("one", "two")]
    planet.config["feeds"] = {"per_source": True}
    planet.post("hello.md", "---\ntitle: Hello\ndate: 2026-11-01\n---\nwords\n")
    return planet


def atom(planet: Planet, feed: str = "all") -> list[Any]:
    root = etree.fromstring((planet.root / f"feeds/{feed}/atom.xml").read_bytes())
    return root.findall(f"{ATOM}entry")


def titles(planet: Planet, feed: str = "all") -> list[str]:
    return sorted(one.findtext(f"{ATOM}title") for one in atom(planet, feed))


def test_an_entry_without_an_author_has_that_of_its_feed_else_the_name_of_its_source(planet_of_two: Planet) -> None:
    planet_of_two.run()
    wanted = {"https://one.example/1": "Blog one & Co", "https://two.example/1": "Jo"}
    found = {
        one.find(f"{ATOM}link").get("href"): one.findtext(f"{ATOM}author/{ATOM}name")
        for one in atom(planet_of_two)
        if one.find(f"{ATOM}author") is not None
    }
    assert found == wanted
    channel = etree.fromstring((planet_of_two.root / "feeds/all/rss.xml").read_bytes())
    creators = {one.findtext("link"): one.findtext(f"{DC}creator") for one in channel.iter("item")}
    assert {link: name for link, name in creators.items() if name} == wanted


def test_titles_name_the_source_in_combined_feeds_only(planet_of_two: Planet) -> None:
    planet_of_two.config["feeds"]["titles"] = "{source}: {title}"
    planet_of_two.run()
    assert titles(planet_of_two) == ["Blog one & Co: Release 1.2", "Blog two & Co: Release 1.2", "Planet: Hello"]
    assert titles(planet_of_two, "source/one") == ["Release 1.2"]
    document = json.loads((planet_of_two.root / "feeds/all/feed.json").read_bytes())
    assert sorted(one["title"] for one in document["items"]) == titles(planet_of_two)


@pytest.mark.torture
def test_one_feed_may_have_titles_of_its_own(planet_of_two: Planet) -> None:
    planet_of_two.config["feeds"]["about"] = {"all": {"titles": "{title} ({source})"}}
    planet_of_two.run()
    assert "Release 1.2 (Blog two & Co)" in titles(planet_of_two)
    planet_of_two.config["feeds"]["about"] = {}
    before = [one.findtext(f"{ATOM}updated") for one in atom(planet_of_two)]
    planet_of_two.run()
    assert titles(planet_of_two) == ["Hello", "Release 1.2", "Release 1.2"]
    assert [one.findtext(f"{ATOM}updated") for one in atom(planet_of_two)] == before


def test_a_line_at_the_head_of_the_text_names_the_source(planet_of_two: Planet) -> None:
    planet_of_two.config["feeds"]["byline"] = True
    planet_of_two.run()
    texts = [one.findtext(f"{ATOM}content") or one.findtext(f"{ATOM}summary") for one in atom(planet_of_two)]
    line = '<p><small>From <a href="https://one.example/">Blog one &amp; Co</a></small></p>'
    assert f"{line}<p>What is new at one.</p>" in texts
    assert "<p>words</p>\n" in texts or "<p>words</p>" in texts


@pytest.mark.torture
def test_a_recovered_state_knows_the_plain_titles_authors_and_texts(planet_of_two: Planet) -> None:
    planet_of_two.config["feeds"] |= {"titles": "{source}: {title}", "byline": True}
    planet_of_two.run()
    tree = planet_of_two.tree()
    shutil.rmtree(planet_of_two.root / ".aggregator")
    with planet_of_two.app() as app:
        planet_of_two.runner.run(recover(app, planet_of_two.pool))
    planet_of_two.run()
    feeds = {path: digest for path, digest in tree.items() if path.endswith(("atom.xml", "rss.xml", "feed.json"))}
    assert {path: planet_of_two.tree()[path] for path in feeds} == feeds


@pytest.mark.parametrize("template", ["{source}", "{title} by {author}"])
def test_a_faulty_template_has_its_line(planet_of_two: Planet, template: str) -> None:
    file = planet_of_two.root / "config.yaml"
    file.write_text(
        f'site: {{title: P, url: "https://p.example/", since: 2026-11-23}}\nfeeds:\n  titles: "{template}"\n'
    )
    done = aggregator(planet_of_two.root, "check")
    assert done.returncode == 2
    assert "config.yaml:3: feeds.titles" in done.stdout + done.stderr
