"""republish: how much of an entry is shown; rights and source stay with it in every format."""

import json
from typing import Any

import pytest
from lxml import etree, html

from aggregator.publish.entry_reader import EXCERPT
from tests.support.planet import Planet, Upstream
from tests.support.simulation import hanzi, prose

WORDS = prose("long", 200)
HAN = hanzi("long", 900)
TEXTS = {
    "words": (f"<p>First.</p><p>{WORDS} <b>bold</b></p>", f"First. {WORDS}"),
    "Han": (f"<p>{HAN}</p>", HAN),
    "markup": (f'<p>{"<b>a</b> " * 250}</p><img src="https://b.example/i.png" alt="x">', "a " * 250),
    "references": (f"<p>{'&amp;&lt;&gt; ' * 150}</p>", "&<> " * 150),
    "one": ("<p>Short &amp; <i>sweet</i></p>", "Short & sweet"),
}
FEED = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title><id>urn:x:b</id><rights>{whole}</rights>'
    '<updated>2026-11-20T00:00:00Z</updated><link href="https://b.example/"/><entry><id>urn:x:1</id><title>One</title>'
    '<updated>2026-11-20T00:00:00Z</updated><link href="https://b.example/1"/>{own}'
    '<content type="html">{text}</content><link rel="license" href="https://cc.example/by"/></entry></feed>'
)


def publish(planet: Planet, upstream: Upstream, text: str, policy: str, own: str = "") -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    url = upstream.serve("/b", FEED.format(whole="Of the blog", own=own, text=escaped))
    planet.config["sources"] = [{"url": url, "id": "b", "republish": policy}]
    planet.run()


def shown(planet: Planet) -> dict[str, str]:
    """The words that each format shows of the one entry, and that stand nowhere in it twice."""
    folder = planet.root / "feeds" / "all"
    atom: Any = etree.parse(folder / "atom.xml").find("{*}entry")
    item = json.loads((folder / "feed.json").read_bytes())["items"][0]
    page = html.parse(str(folder / "index.html")).find(".//div[@class='content']")
    said = {
        "atom": (atom.findtext("{*}content") or "") + (atom.findtext("{*}summary") or ""),
        "rss": etree.parse(folder / "rss.xml").findtext("channel/item/description") or "",
        "json": item.get("content_html") or item.get("content_text") or "",
        "html": "" if page is None else html.tostring(page, encoding="unicode"),
    }
    return {form: _words(markup) for form, markup in said.items()}


def _words(markup: str) -> str:
    element: Any = html.fromstring(f"<div>{markup}</div>")
    return " ".join(element.text_content().split())


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("text", TEXTS)
def test_an_excerpt_ends_between_words_and_outside_of_markup(planet: Planet, upstream: Upstream, text: str) -> None:
    markup, words = TEXTS[text]
    publish(planet, upstream, markup, "excerpt")
    said = shown(planet)
    assert len(set(said.values())) == 1, said
    excerpt = said["atom"]
    if text == "one":
        assert excerpt == words
        return
    assert excerpt.endswith("…")
    assert EXCERPT - 110 < len(excerpt) <= EXCERPT
    assert words.startswith(excerpt[:-1])
    assert text == "Han" or words[len(excerpt) - 1] == " "
    for name in ("atom.xml", "rss.xml", "feed.json", "index.html"):
        assert b"bold" not in (planet.root / "feeds" / "all" / name).read_bytes()


@pytest.mark.parametrize(("policy", "expected"), [("full", "First."), ("link", "")])
def test_all_or_nothing(planet: Planet, upstream: Upstream, policy: str, expected: str) -> None:
    publish(planet, upstream, TEXTS["words"][0], policy)
    assert {words[:6] for words in shown(planet).values()} == {expected}


OWN = "<rights>© Ann</rights>"


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("policy", ["full", "excerpt", "link"])
@pytest.mark.parametrize(("own", "rights"), [(OWN, "© Ann"), ("", "Of the blog")], ids=["its own", "its source's"])
def test_rights_and_license_stand_in_every_format(
    planet: Planet, upstream: Upstream, policy: str, own: str, rights: str
) -> None:
    publish(planet, upstream, TEXTS["one"][0], policy, own)
    folder = planet.root / "feeds" / "all"
    entry: Any = etree.parse(folder / "atom.xml").find("{*}entry")
    assert (entry.findtext("{*}rights") or entry.findtext("{*}source/{*}rights")) == rights
    assert [one.get("href") for one in entry.findall("{*}link[@rel='license']")] == ["https://cc.example/by"]
    item: Any = etree.parse(folder / "rss.xml").find("channel/item")
    assert item.findtext("{http://purl.org/dc/elements/1.1/}rights") == rights
    assert item.findtext("{http://backend.userland.com/creativeCommonsRssModule}license") == "https://cc.example/by"
    said = json.loads((folder / "feed.json").read_bytes())["items"][0]["_aggregator"]
    assert (said["rights"], said["links"][0]["rel"]) == (rights, "license")
    link: Any = html.parse(str(folder / "index.html")).find(".//article/footer/a")
    assert (link.get("href"), link.get("rel"), link.text) == ("https://cc.example/by", "license noopener", rights)
