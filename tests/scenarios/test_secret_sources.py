"""Sources with a variable in their address, also those published before addresses were masked."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from aggregator.config import load_config
from aggregator.errors import ConfigError
from aggregator.store.fact_names import EXPOSED_REPORTED, HIDDEN_KINDS, PUBLISHED_BEFORE
from tests.commands.test_cli import Done, aggregator, report
from tests.laws.test_secrets import leaks, outputs, tree
from tests.support.planet import Planet, Upstream, rss

KEY = "s3cr3t-Key9"
SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"


def at(hour: int, key: str = KEY) -> dict[str, str]:
    return {"AGGREGATOR_NOW": f"2026-11-23T{hour:02d}:00:00Z", "KEY": key}


def written(planet: Planet, *sources: Mapping[str, object]) -> None:
    feeds = {"per_source": True, "archive": 1, "limit": 2}
    config = planet.config | {"sources": [*sources], "feeds": feeds}
    (planet.root / "config.yaml").write_text(yaml.safe_dump(config))


def document(upstream: Upstream, path: str, *more: str) -> str:
    url = upstream.url(path.rpartition("/")[0])
    entries = [
        {"title": "by guid", "guid": f"{url}/guid", "link": "https://blog.example/guid", "description": "one two"},
        {"title": "by link", "link": f"{url}/link", "description": "three four"},
        {"title": "by name", "guid": "tag:x.example,2020:name", "link": f"{url}/name", "description": url},
    ]
    return upstream.serve(path, rss(*[{"title": title, "guid": title} for title in more], *entries))


def ids(planet: Planet, feed: str = "all") -> dict[str, str]:
    return {head.title: head.id for head in planet.heads(feed)}


def every_id(planet: Planet) -> dict[str, str]:
    """Also of what was sealed."""
    files = sorted((planet.root / "feeds/all").rglob("atom.xml"))
    return {
        name: id_
        for file in files
        for name, id_ in ids(planet, str(file.parent.relative_to(planet.root / "feeds"))).items()
    }


def problems(done: Done) -> list[str]:
    return [one["message"] for one in report(done)["problems"] if one["kind"] == "config"]


def test_it_is_in_no_feed_unless_the_config_says_so(planet: Planet, upstream: Upstream) -> None:
    document(upstream, f"/{KEY}/feed")
    source = {"url": upstream.url("/${KEY}/feed")}
    written(planet, source)
    assert problems(aggregator(planet.root, "run", "--json", **at(12))) == []
    assert planet.heads() == []
    said = aggregator(planet.root, "check", **at(12)).stdout
    assert "has ${KEY} in its address, so it is in no feed; `publish: true` puts it there" in said
    assert (
        "in no feed (publish: false, or a secret in its address)" in aggregator(planet.root, "status", **at(12)).stdout
    )
    written(planet, source | {"publish": True})
    assert problems(aggregator(planet.root, "run", "--json", **at(13))) == []
    assert len(every_id(planet)) == 3
    assert leaks(dict(tree(planet.root)), [KEY]) == []
    [name] = [path.name for path in (planet.root / "feeds/source").iterdir() if "key" in path.name]
    assert name.endswith("-key-feed")
    entry = (planet.root / "feeds/all/atom.xml").read_text()
    assert upstream.url("/%E2%80%A6/feed") in entry


@pytest.mark.torture
def test_a_formerly_published_source_stays_and_is_reported_once(planet: Planet, upstream: Upstream) -> None:
    document(upstream, f"/{KEY}/feed")
    written(planet, {"url": upstream.url(f"/{KEY}/feed")})
    aggregator(planet.root, "run", **at(12))
    before, name = every_id(planet), next((planet.root / "feeds/source").iterdir()).name
    assert len(before) == 3
    assert "s3cr3t-key9" in name
    forget(planet)

    written(planet, {"url": upstream.url("/${KEY}/feed")})
    said = aggregator(planet.root, "check", **at(13)).stdout
    assert said.count("note: ") == 4  # one is about planet.example
    assert upstream.url("/…/feed") in said
    done = aggregator(planet.root, "run", "--force", "--json", **at(13))
    assert [message.partition(";")[0].partition(",")[0] for message in problems(done)] == [
        "its address contains ${KEY}",
        "its id is made of the value of ${KEY}",
        "the secret stands in ids of 2 entries",
    ]
    assert problems(aggregator(planet.root, "run", "--force", "--json", **at(14))) == []
    assert every_id(planet) == before
    assert [path.name for path in (planet.root / "feeds/source").iterdir()] == [name]
    texts = dict(tree(planet.root)) | dict(outputs("status", aggregator(planet.root, "status", "--json", **at(14))))
    assert leaks(without(texts, [*before.values(), name]), [KEY]) == []

    # what comes later finds what was known, and a new key changes nothing
    document(upstream, f"/{KEY}/feed", "new")
    aggregator(planet.root, "run", "--force", **at(15))
    assert {title: id_ for title, id_ in every_id(planet).items() if title != "new"} == before
    document(upstream, "/another-Key7/feed", "new")
    aggregator(planet.root, "run", "--force", **at(16, "another-Key7"))
    after = report(aggregator(planet.root, "regenerate", "--json", **at(17, "another-Key7")))
    assert (after["entries"]["new"], after["entries"]["updated"]) == (0, 0)
    assert {title: id_ for title, id_ in every_id(planet).items() if title != "new"} == before
    assert leaks(without(dict(tree(planet.root)), [*before.values(), name]), [KEY, "another-Key7"]) == []


def without(texts: Mapping[str, str], ids: Sequence[str]) -> dict[str, str]:
    """What stands beside ids that stay."""
    bare = dict(texts)
    for id_ in ids:
        bare = {path: text.replace(id_, "") for path, text in bare.items()}
    return bare


def forget(planet: Planet) -> None:
    """The state as versions left it that knew nothing of this."""
    with planet.app() as app, app.store.write() as tx:
        for fact in (PUBLISHED_BEFORE, HIDDEN_KINDS, EXPOSED_REPORTED):
            tx.facts.set(fact, "")


@pytest.mark.torture
def test_what_is_new_is_kept_back_though_others_stay(planet: Planet, upstream: Upstream) -> None:
    document(upstream, f"/a/{KEY}/feed")
    document(upstream, f"/b/{KEY}/feed")
    written(planet, {"id": "a", "url": upstream.url(f"/a/{KEY}/feed")})
    aggregator(planet.root, "run", **at(12))
    forget(planet)
    sources = [{"id": one, "url": upstream.url(f"/{one}/${{KEY}}/feed")} for one in "ab"]
    written(planet, *sources)
    aggregator(planet.root, "run", **at(13))
    assert [path.name for path in (planet.root / "feeds/source").iterdir()] == ["a"]
    written(planet, sources[0] | {"id": "renamed"}, sources[1])
    aggregator(planet.root, "run", **at(14))
    assert [path.name for path in (planet.root / "feeds/source").iterdir() if (path / "feed.json").exists()] == [
        "renamed"
    ]
    written(planet, sources[0] | {"publish": False}, sources[1])
    aggregator(planet.root, "run", **at(15))
    assert planet.heads() == []


@pytest.mark.torture
def test_a_list_keeps_its_variable_to_itself(planet: Planet, upstream: Upstream) -> None:
    feed = document(upstream, "/open/feed")
    upstream.serve(f"/{KEY}/list", f'<opml version="2.0"><body><outline xmlUrl="{feed}"/></body></opml>')
    written(planet, {"opml": upstream.url("/${KEY}/list"), "id": "list"})
    aggregator(planet.root, "run", **at(12))
    assert len(every_id(planet)) == 3
    assert upstream.url("/open/feed") in (planet.root / "feeds/sources.opml").read_text()


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("home", "link", "where", "in_text"), [
    ("https://blog.example/b/", "post/1", "https://blog.example/b/post/1", "https://blog.example/b/post/post/1"),
    ("https://blog.example/b/", "../1", "https://blog.example/1", "https://blog.example/1"),
    ("", "post/1", "", ""),
    ("", "/post/1", "{}/post/1", "{}/post/1"),
    ("", "//other.example/1", "http://other.example/1", "http://other.example/1"),
])  # fmt: skip
def test_a_relative_link_leads_below_the_channels_link(
    planet: Planet, upstream: Upstream, home: str, link: str, where: str, in_text: str
) -> None:
    """In a text it leads below the entry's own link."""
    entry = {"title": "x", "guid": "x", "link": link, "description": f'<a href="{link}">its text</a>'}
    upstream.serve(f"/{KEY}/feed", rss(entry, link=home))
    written(planet, {"url": upstream.url("/${KEY}/feed"), "publish": True})
    aggregator(planet.root, "run", **at(12))
    where, in_text = (one.format(upstream.url("").rstrip("/")) for one in (where, in_text))
    [item] = json.loads((planet.root / "feeds/all/feed.json").read_text())["items"]
    assert item.get("url", "") == where
    assert item["content_html"] == (f'<a href="{in_text}">its text</a>' if in_text else "<a>its text</a>")


@pytest.mark.torture
def test_a_word_is_no_key_whatever_its_parameter_is_called(planet: Planet, upstream: Upstream) -> None:
    link = "https://blog.example/technology?key=technology&id=1"
    upstream.serve("/feed?key=technology", rss({"title": "On technology", "guid": "x", "link": link}))
    written(planet, {"url": upstream.url("/feed?key=technology")})
    aggregator(planet.root, "run", **at(12))
    [item] = json.loads((planet.root / "feeds/all/feed.json").read_text())["items"]
    assert (item["title"], item["url"]) == ("On technology", "https://blog.example/technology?id=1")
    assert item["_aggregator"]["source"]["url"] == upstream.url("/feed?key=%E2%80%A6")


def test_a_variable_that_is_published_elsewhere_is_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(SITE.replace("Planet", "'${NAME}'") + "sources: [{url: 'https://${NAME}.example/${KEY}/f'}]\n")
    [source] = load_config(file, {"NAME": "planets", "KEY": KEY}).sources
    assert source.hidden.values == ((KEY, "${KEY}"),)
    assert (source.id, source.is_published) == ("name-example-key-f", False)
    assert source.public_url == "https://….example/…/f"
    assert source.shown_url == "https://${NAME}.example/${KEY}/f"


@pytest.mark.parametrize(
    "address", ["https://me:hunter2@x.example/f", "https://hunter2@x.example/f", "ftp://a:hunter2@x.example/"]
)
def test_a_password_in_an_address_is_refused_and_not_said_again(tmp_path: Path, address: str) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"{SITE}sources: [{{url: '{address}'}}]\n")
    with pytest.raises(ConfigError) as error:
        load_config(file, {})
    assert "hunter2" not in str(error.value)
    assert "x.example" in str(error.value)


@pytest.mark.torture
def test_export_has_the_sources_that_the_published_list_leaves_out(planet: Planet, upstream: Upstream) -> None:
    document(upstream, f"/{KEY}/feed")
    written(planet, {"id": "a", "url": upstream.url("/${KEY}/feed"), "publish": True})
    aggregator(planet.root, "run", **at(12))
    assert "xmlUrl" not in (planet.root / "feeds/sources.opml").read_text()
    done = aggregator(planet.root, "export", "--json", **at(12))
    assert upstream.url(f"/{KEY}/feed") in report(done)["opml"]
    assert report(done)["secret"] == ["a"]
    assert "holds secrets: the addresses of a are complete" in done.stderr


@pytest.mark.torture
def test_a_host_in_a_variable_takes_the_links_to_it_along(planet: Planet, upstream: Upstream) -> None:
    host = upstream.url("").removeprefix("http://")
    entries = [{"title": "there", "guid": "1", "link": upstream.url("/1")}, {"title": "out", "guid": "2", "link": "/2"}]
    upstream.serve("/feed", rss(*entries))
    written(planet, {"url": "http://${HOST}/feed", "publish": True})
    done = aggregator(planet.root, "run", "--json", HOST=host, **at(12))
    [said] = problems(done)
    assert said.startswith("the host of its address contains ${HOST}, so links to that host are left out;")
    items = json.loads((planet.root / "feeds/all/feed.json").read_text())["items"]
    assert {item["title"]: item.get("url") for item in items} == {"there": None, "out": "https://blog.example/2"}
    assert leaks(dict(tree(planet.root)), [host]) == []


@pytest.mark.torture
def test_a_list_and_a_feed_keep_the_ids_that_they_have(planet: Planet, upstream: Upstream) -> None:
    feed = document(upstream, f"/{KEY}/feed")
    listed = document(upstream, "/listed/feed")
    opml = upstream.serve(f"/{KEY}/list", f'<opml version="2.0"><body><outline xmlUrl="{listed}"/></body></opml>')
    written(planet, {"url": feed}, {"opml": opml})
    aggregator(planet.root, "run", **at(12))
    before = report(aggregator(planet.root, "source", "list", "--json", **at(12)))["sources"]
    forget(planet)
    written(planet, {"url": upstream.url("/${KEY}/feed")}, {"opml": upstream.url("/${KEY}/list")})
    assert "note: " in aggregator(planet.root, "check", **at(13)).stdout
    aggregator(planet.root, "run", "--force", **at(13))
    after = report(aggregator(planet.root, "source", "list", "--json", **at(13)))["sources"]
    assert [one["id"] for one in after] == [one["id"] for one in before]
    assert leaks({one["id"]: one["url"] for one in after}, [KEY]) == []
