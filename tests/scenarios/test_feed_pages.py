"""Which HTML pages are made of feeds, and in which formats archives are written: what changes, and what stays."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest
from lxml import etree

from aggregator.preview.dry_run import app_on_copy
from aggregator.preview.plan import plan
from aggregator.worker_pool import WorkerPool
from tests.scenarios.test_archives import SITE, Past, item, names
from tests.support.planet import Planet, Upstream
from tests.support.simulation import DAY

EVERY = ["atom", "rss", "json", "html"]
WEB = "{http://www.w3.org/2005/Atom}link"


@pytest.fixture
def past(planet: Planet, upstream: Upstream) -> Past:
    """Sixty-five entries, of which sixty fill three pages."""
    one = Past(planet, upstream)
    del planet.config["feeds"]["formats"]
    planet.config["feeds"]["per_source"] = True
    one.run(*map(item, range(65)))
    return one


def publish(past: Past, **feeds: Any) -> Any:
    past.planet.config["feeds"] |= feeds
    return past.run()


def files(past: Past, name: str) -> set[str]:
    return {path for path in past.planet.tree() if path.endswith(f"/{name}")}


def folders_of_pages(past: Past) -> set[str]:
    return {path.removesuffix("index.html") for path in files(past, "index.html")} - {"health/"}


def dangling(past: Past) -> list[tuple[str, str]]:
    """Links of documents and pages into the tree, to a file that is not there."""
    tree, found = past.planet.tree(), []
    for path in tree:
        body = (past.planet.root / "feeds" / path).read_bytes()
        for href in hrefs(path, body):
            there = href.removeprefix(SITE) if href.startswith(SITE) else resolved(path, href)
            if there is not None and (there + "index.html" if there.endswith("/") or not there else there) not in tree:
                found.append((path, href))
    return found


def hrefs(path: str, body: bytes) -> list[str]:
    if path.endswith(".html"):
        return [one.get("href") or "#" for one in etree.HTML(body.decode()).iter("a", "link")]
    if path.endswith("feed.json"):
        head = json.loads(body)
        return [head[key] for key in ("home_page_url", "feed_url", "next_url") if key in head]
    if path.endswith((".xml", ".opml")):
        root = etree.fromstring(body)
        head = root if root.tag.endswith("feed") else root[0]
        links = [one.get("href") or "" for one in head.findall(WEB)] + [one.text or "" for one in head.findall("link")]
        addresses = [(one.get("xmlUrl"), one.get("htmlUrl")) for one in root.iter("outline")]
        return links + [address for pair in addresses for address in pair if address]
    return []


def resolved(path: str, href: str) -> str | None:
    """The path in the tree that a relative link leads to; None for one that leads elsewhere."""
    if ":" in href or href.startswith(("#", "/")):
        return None
    levels = list(PurePosixPath(path).parent.parts)
    for level in href.partition("#")[0].split("/"):
        if level == "..":
            levels.pop()
        elif level not in {"", "."}:
            levels.append(level)
    return "/".join(levels) + ("/" if href.endswith("/") else "")


def test_archives_are_atom_and_pages_and_the_others_name_none(past: Past) -> None:
    assert {path.rpartition("/")[2] for path in past.sealed()} == {"atom.xml", "index.html"}
    assert past.everything() == set(names(range(65)))
    assert [address for address, _ in past.walk(form="rss")] == [f"{SITE}all/rss.xml"]
    assert "next_url" not in json.loads(past.read(f"{SITE}all/feed.json"))
    assert past.planet.index()["all"]["archive"]["formats"] == ["atom", "html"]
    assert dangling(past) == []


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("feed", ["all", "news", "jobs", "source/a"])
def test_each_entry_is_found_once_on_the_way_back(past: Past, feed: str) -> None:
    """RFC 5005 4: the documents of an archive together are the whole feed. What a full page and the newest entries
    share is in both; each entry of the archive is on one page."""
    newest, *pages = past.titles(feed)
    sealed = [title for page in pages for title in page]
    assert len(sealed) == len(set(sealed))
    wanted = {f"Entry {n}" for n in range(65) if feed not in {"news", "jobs"} or (n % 2 == (feed == "news"))}
    assert {*newest, *sealed} == wanted
    assert [title for title in newest if title not in sealed] == [
        title for title in newest if title in wanted - {*sealed}
    ]


@pytest.mark.torture
def test_an_archive_of_the_version_before_stays_and_goes_on_in_the_new_formats(past: Past) -> None:
    publish(past, archive_formats=EVERY)
    before = past.sealed()
    assert {path.rpartition("/")[2] for path in before} == {"atom.xml", "rss.xml", "feed.json", "index.html"}
    publish(past, archive_formats=["atom", "html"])
    assert past.sealed() == before
    past.run(*map(item, range(65, 85)))
    new = past.sealed().keys() - before.keys()
    assert before.items() <= past.sealed().items()
    assert {path.rpartition("/")[2] for path in new} == {"atom.xml", "index.html"}
    assert all(path.split("/archive/")[1].startswith("1/") for path in new)
    assert past.everything() == set(names(range(85)))
    assert [address for address, _ in past.walk(form="rss")] == [f"{SITE}all/rss.xml"]
    assert dangling(past) == []


@pytest.mark.torture
def test_where_there_is_no_atom_the_first_format_has_the_archive(past: Past) -> None:
    publish(past, formats=["rss", "json"])
    past.run(*map(item, range(65, 85)))
    assert {title for document in past.titles(form="rss") for title in document} == set(names(range(85)))
    assert "next_url" not in json.loads(past.read(f"{SITE}all/feed.json"))


@pytest.mark.torture
def test_no_format_at_all_keeps_the_past_for_later(past: Past) -> None:
    publish(past, archive_formats=[])
    past.run(*map(item, range(65, 85)))
    assert "archive" not in past.planet.index()["all"]
    assert [address for address, _ in past.walk()] == [f"{SITE}all/atom.xml"]
    publish(past, archive_formats=["atom"])
    assert past.everything() == set(names(range(85)))
    assert dangling(past) == []


@pytest.mark.torture
def test_without_archive_pages_only_these_go(past: Past) -> None:
    sealed = past.sealed()
    publish(past, pages="window")
    assert folders_of_pages(past) == {"all/", "news/", "jobs/", "source/a/"}
    assert past.sealed() == {path: one for path, one in sealed.items() if path.endswith("atom.xml")}
    past.run(*map(item, range(65, 85)))
    assert past.everything() == set(names(range(85)))
    new = {address for address, _ in past.walk()} - {f"{SITE}{path}" for path in sealed}
    found = [page for page in dangling(past) if page[0] not in sealed]  # what was sealed before is never changed
    assert len(new) == 2
    assert found == []


@pytest.mark.torture
def test_without_pages_every_link_leads_to_what_exists(past: Past) -> None:
    sealed = past.sealed()
    publish(past, pages="none")
    past.run(*map(item, range(65, 85)))
    assert folders_of_pages(past) == set()
    assert "html" not in past.planet.index()["all"]["formats"]
    assert [one for one in dangling(past) if one[0] not in sealed] == []
    front = (past.planet.root / "feeds" / "index.html").read_text("utf-8")
    assert 'href="news/atom.xml"' in front
    assert "index.html" not in front.replace("health/index.html", "")


@pytest.mark.torture
def test_pages_that_come_back_are_as_they_were(past: Past) -> None:
    before = past.planet.tree()
    publish(past, pages="none")
    publish(past, pages="all")
    assert past.sealed() == {path: one for path, one in before.items() if "/archive/" in path}
    assert past.planet.tree() == before
    tree = past.planet.tree()
    past.run()
    assert past.planet.tree() == tree


@pytest.mark.torture
def test_a_page_that_is_not_wanted_is_not_restored(past: Past) -> None:
    publish(past, pages="window")
    for path in past.sealed():
        (past.planet.root / "feeds" / path).unlink()
    past.run()
    assert {path.rpartition("/")[2] for path in past.sealed()} == {"atom.xml"}
    assert past.everything() == set(names(range(65)))


@pytest.mark.torture
def test_pages_of_sources_that_join_later_follow_the_key(past: Past) -> None:
    publish(past, pages="window")
    past.now += 2 * DAY
    past.planet.config["sources"].append(
        {"url": past.upstream.serve("/b", "<rss version='2.0'><channel/></rss>"), "id": "b"}
    )
    past.run()
    assert files(past, "index.html") == {
        "all/index.html",
        "news/index.html",
        "jobs/index.html",
        "source/a/index.html",
        "source/b/index.html",
        "health/index.html",
    }


@pytest.mark.torture
@pytest.mark.parametrize(
    ("edit", "moves"),
    [({"archive_formats": EVERY}, True), ({"pages": "window"}, True), ({"archive_formats": ["atom"]}, False)],
)
def test_a_plan_tells_of_archive_pages_that_come_and_go(
    past: Past, pool: WorkerPool, monkeypatch: pytest.MonkeyPatch, edit: dict[str, Any], moves: bool
) -> None:
    async def planned() -> set[str]:
        with past.planet.app(past.now) as app, app_on_copy(app) as preview:
            return {one.id for one in (await plan(preview, pool)).feeds if one.addresses}

    past.planet.config["feeds"] |= edit
    expected = {"all", "news", "jobs", "source/a"} if moves else set()
    assert past.planet.runner.run(planned()) == expected
    monkeypatch.setattr("aggregator.preview.plan.MOST_RENDERED", 1)
    assert past.planet.runner.run(planned()) == expected
