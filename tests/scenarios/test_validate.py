"""Validation in a run: invalid entries are left out, valid ones are published, and the run names both."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import timedelta
from html import escape, unescape
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from lxml import etree

from aggregator.cli.explain_output import print_explanation
from aggregator.cli.status import _lacks
from aggregator.explain import Explanation, explain
from aggregator.explain.answer import LeftOut
from aggregator.fetch.url import parse
from aggregator.merge.named_sources import NamedSources, name_of
from aggregator.model.document import FeedInfo
from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.rendered import RenderedDocument
from aggregator.model.status import Status
from aggregator.opml import read_outlines
from aggregator.recover.recover import recover
from aggregator.render import FILES
from aggregator.render.atom import AtomFormat
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.pages import PageFormat
from aggregator.render.rss import RssFormat
from aggregator.render.status_page import StatusPage
from aggregator.report import Report
from aggregator.status.report import as_json as status_json
from aggregator.status.report import report as status_report
from aggregator.text.uris import as_uri
from aggregator.validate import Checker, Finding
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.samples import SITE

POST = "---\ntitle: {title}\ndate: 2026-11-01\ncategories: [{category}]\n---\nWords of {title}.\n"
DAY = timedelta(days=1)


@pytest.fixture
def posts(planet: Planet) -> Planet:
    """Two posts in one category; the feeds `all` and `news`."""
    planet.config["posts"] = [{"path": "posts"}]
    planet.post("good.md", POST.format(title="Good", category="News"))
    planet.post("bad.md", POST.format(title="Bad", category="News"))
    return planet


def breaks(monkeypatch: pytest.MonkeyPatch, form: type[Any], old: str, new: str) -> None:
    """From here on the format builds the entry `Bad` with `new` in the place of `old`."""
    build: Callable[[Any, Entry], Any] = form.build

    def broken(self: Any, one: Entry) -> Any:
        built = build(self, one)
        written = json.dumps(built) if isinstance(built, dict) else etree.tostring(built, encoding="unicode")
        assert old in written
        if one.clean.title != "Bad":
            return built
        changed = written.replace(old, new)
        return json.loads(changed) if isinstance(built, dict) else etree.fromstring(changed)

    monkeypatch.setattr(form, "build", broken)


def breaks_all(monkeypatch: pytest.MonkeyPatch, form: type[Any], change: Callable[[bytes], bytes]) -> None:
    document: Callable[..., RenderedDocument] = form.document

    def broken(*args: Any, **more: Any) -> RenderedDocument:
        made: RenderedDocument = document(*args, **more)
        before, entries, after = change(made.data).partition(made.between.join(made.entries))
        return replace(made, before=before, entries=made.entries if entries else (), after=after)

    monkeypatch.setattr(form, "document", broken)


def file(planet: Planet, path: str) -> bytes:
    return (planet.root / "feeds" / path).read_bytes()


def counts(planet: Planet, feed: str = "all") -> dict[str, int]:
    return {form: edition["entries"] for form, edition in planet.index()[feed]["formats"].items()}


def problems(report: Report) -> list[tuple[str, str]]:
    return [(problem.where, problem.message) for problem in report.problems if problem.kind == "render"]


def all_errors(planet: Planet) -> list[str]:
    checker, found = Checker(), []
    for path in sorted((planet.root / "feeds").rglob("*")):
        form = next((form for form, name in FILES.items() if name == path.name), "")
        where = str(path.relative_to(planet.root / "feeds"))
        if form and where.count("/") > 0:
            faults = checker.check(path.read_bytes(), form, f"https://planet.example/{where}")
            found += [f"{where}: {fault}" for fault in faults if fault.severity == "error"]
    return found


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    ("form", "kind", "old", "new", "rule"),
    [
        ("atom", AtomFormat, "<published>20", "<published>AD 20", "RFC 4287 3.3: a date of RFC 3339"),
        ("rss", RssFormat, "</pubDate>", "</pubDate><pubDate/>", "RSS 2.0: a date of RFC 822"),
        ("rss", RssFormat, "</pubDate>", "</pubDate><summary/>", "RSS 2.0: item has no such element"),
        ("json", JsonFormat, '"date_published"', '"published"', "JSON Feed 1.1: a key of an extension"),
    ],
)
def test_an_invalid_entry_is_left_out_of_that_format_and_named_once(
    posts: Planet, monkeypatch: pytest.MonkeyPatch, form: str, kind: type[Any], old: str, new: str, rule: str
) -> None:
    breaks(monkeypatch, kind, old, new)
    report = posts.run()
    assert counts(posts) == counts(posts, "news") == {"atom": 2, "rss": 2, "json": 2, "html": 2} | {form: 1}
    [(where, message)] = problems(report)
    assert where == "all"
    assert f": left out of {form}: {rule}" in message
    assert message.startswith("tag:planet.example,2026-11-23:posts/")
    assert report.failed
    assert all_errors(posts) == []


@pytest.mark.torture
def test_what_was_left_out_is_tried_again_by_regenerate_alone(posts: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        breaks(broken, RssFormat, "<guid", "<guide/><guid")
        assert problems(posts.run())
        before = posts.tree()
        assert problems(posts.regenerate())
        assert posts.tree() == before
    (posts.root / "feeds" / "all" / "rss.xml").unlink()
    assert problems(posts.run())
    assert not problems(posts.regenerate())
    assert counts(posts)["rss"] == counts(posts, "news")["rss"] == 2


def status_of(planet: Planet) -> Status:
    with planet.app() as app, app.store.read() as tx:
        return status_report(app, tx, NOON)


def explained(planet: Planet, title: str) -> tuple[Explanation, str]:
    with planet.app() as app:
        found = explain(app, title)
    written = StringIO()
    with redirect_stdout(written), patch.dict(os.environ, COLUMNS="300"):
        print_explanation(found, all_feeds=False)
    return found, written.getvalue()


@pytest.mark.torture
def test_an_entry_that_a_format_lacks_is_reported_as_long_as_it_lacks_it(
    posts: Planet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By every run, by the status and by explain, though nothing is published anew."""
    with monkeypatch.context() as broken:
        breaks(broken, RssFormat, "<guid", "<guide/><guid")
        [first] = problems(posts.run())
    for _ in range(2):
        again = posts.run()
        assert again.feeds.written == 0
        assert problems(again) == [first]
        assert again.failed
    rule = "RSS 2.0: item has no such element (here: guide)"
    [lack] = status_of(posts).lacks
    assert (lack.feeds, lack.format, lack.message) == (("all", "news"), "rss", first[1])
    assert list(_lacks((lack,))) == [f"feed all and 1 more: {first[1]}"]
    [left_out] = status_json(status_of(posts))["left_out"]
    assert (left_out["feeds"], left_out["why"]) == (("all", "news"), rule)
    assert b"left out of rss" in StatusPage(SITE).page(status_of(posts), 1, "n")
    found, text = explained(posts, "Bad")
    assert {one.id: one.left_out for one in found.feeds} == dict.fromkeys(("all", "news"), (LeftOut("rss.xml", rule),))
    assert "In 2 of 2 feeds, but not in every format" in text
    assert f"not in rss.xml of feed news: {rule}" in text
    found, text = explained(posts, "Good")
    assert not any(one.left_out for one in found.feeds)
    assert "In 2 of 2 feeds\n" in text
    posts.post("bad.md", POST.format(title="Better", category="News"))
    assert problems(posts.run(NOON + DAY)) == []
    assert status_of(posts).lacks == ()
    assert "left_out" not in status_json(status_of(posts))


@pytest.mark.torture
def test_a_document_that_is_withheld_is_reported_as_long_as_it_is(
    posts: Planet, monkeypatch: pytest.MonkeyPatch
) -> None:
    posts.run()
    posts.post("new.md", POST.format(title="New", category="News"))
    with monkeypatch.context() as broken:
        breaks_all(broken, RssFormat, lambda data: data.replace(b'version="2.0"', b'version="2"'))
        assert len(problems(posts.run(NOON + DAY))) == 2
    [(where, message)] = problems(posts.run(NOON + DAY))
    assert (where, message.partition(":")[0]) == ("all", "rss is withheld, the version published before stays")
    _, text = explained(posts, "New")
    assert "not in rss.xml of feed all: the document is withheld: RSS 2.0: rss says version 2.0" in text
    assert not problems(posts.regenerate(NOON + DAY))
    assert status_of(posts).lacks == ()


@pytest.mark.torture
def test_what_a_sealed_page_lacks_is_reported_too(posts: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page is never written again, so its feed keeps what it lacks."""
    posts.config["feeds"] = {"limit": 1, "archive": 2, "window": "1s", "archive_formats": ["atom", "rss"]}
    with monkeypatch.context() as broken:
        breaks(broken, RssFormat, "<guid", "<guide/><guid")
        posts.run()
    for n in range(1, 4):
        posts.post(f"new{n}.md", POST.format(title=f"New {n}", category="News").replace("11-01", f"11-0{n + 1}"))
        report = posts.run(NOON + n * DAY)
    assert len(posts.titles()) < 5
    rule = "RSS 2.0: item has no such element (here: guide)"
    assert [message.endswith(f"left out of rss: {rule}") for _, message in problems(report)] == [True]
    assert [one.feeds for one in status_of(posts).lacks] == [("all/archive/1/1", "news/archive/1/1")]
    found, text = explained(posts, "Bad")
    assert {one.id: (one.in_, one.left_out) for one in found.feeds} == dict.fromkeys(
        ("all", "news"), (False, (LeftOut("archive/1/1/rss.xml", rule),))
    )
    assert f"not in archive/1/1/rss.xml of feed all: {rule}" in text


@pytest.mark.torture
def test_a_feed_that_is_gone_lacks_nothing(posts: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    posts.config["feeds"] = {"extra": [{"id": "more", "title": "More"}]}
    with monkeypatch.context() as broken:
        breaks(broken, RssFormat, "<guid", "<guide/><guid")
        posts.run()
        posts.config["feeds"] = {}
        posts.run()
    assert [one.feeds for one in status_of(posts).lacks] == [("all", "news")]


def test_where_the_feed_itself_is_wrong_the_old_file_stays(posts: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    posts.run()
    old, row = file(posts, "all/rss.xml"), posts.index()["all"]["formats"]["rss"]
    posts.post("new.md", POST.format(title="New", category="Other"))
    with monkeypatch.context() as broken:
        breaks_all(broken, RssFormat, lambda data: data.replace(b'version="2.0"', b'version="2"'))
        report = posts.run(NOON + DAY)
    assert file(posts, "all/rss.xml") == old
    assert posts.index()["all"]["formats"]["rss"] == row
    assert counts(posts) == {"atom": 3, "rss": 2, "json": 3, "html": 3}
    assert counts(posts, "other") == {"atom": 1, "json": 1, "html": 1}
    rule = "rss is withheld, the version published before stays: RSS 2.0: rss says version 2.0 (here: 2)"
    assert problems(report) == [("all", rule), ("other", rule)]
    posts.post("newer.md", POST.format(title="Newer", category="Other"))
    assert not problems(posts.run(NOON + 2 * DAY))
    assert counts(posts) == {"atom": 4, "rss": 4, "json": 4, "html": 4}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    ("form", "kind", "change"),
    [
        ("atom", AtomFormat, lambda data: data[:-9]),
        ("json", JsonFormat, lambda data: data.replace(b'"version"', b'"Version"')),
        ("html", PageFormat, lambda data: data.replace(b"</body>", b"<script>1</script></body>")),
        ("rss", RssFormat, lambda _: b""),
    ],
    ids=["cut off", "a key", "a script in a page", "nothing"],
)
def test_what_was_never_valid_is_never_published(
    posts: Planet, monkeypatch: pytest.MonkeyPatch, form: str, kind: type[Any], change: Callable[[bytes], bytes]
) -> None:
    breaks_all(monkeypatch, kind, change)
    report = posts.run()
    assert not (posts.root / "feeds" / "all" / FILES[form]).exists()
    assert set(counts(posts)) == set(FILES) - {form}
    assert {where for where, _ in problems(report)} == {"all", "news", *(["health"] if form == "atom" else [])}
    assert all_errors(posts) == []


def test_a_name_that_no_document_can_bear_costs_no_traceback(posts: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(self: Any, feed: Feed, address: str, entries: Any) -> bytes:
        raise ValueError("no control characters")

    monkeypatch.setattr(AtomFormat, "document", fails)
    assert problems(posts.run())[0] == (
        "all",
        "atom is withheld, the version published before stays: no control characters",
    )


def test_the_pages_of_a_user_s_own_templates_may_embed_what_he_likes(posts: Planet) -> None:
    from aggregator.render.page_templates import TEMPLATES

    own = posts.root / "own"
    own.mkdir()
    base = (TEMPLATES / "base.html").read_text("utf-8").replace("</body>", "<script>1</script></body>")
    (own / "base.html").write_text(base, "utf-8")
    posts.config["site"]["templates"] = "own"
    assert not problems(posts.run())
    assert b"<script>" in file(posts, "all/index.html")


def test_hostile_entries_are_published_tamed(planet: Planet, upstream: Upstream) -> None:
    """A title of 10 MB, ten thousand enclosures, dates beyond every calendar, ids that are none."""
    enclosures = "".join(
        f'<enclosure url="https://x.example/{n}.mp3" type="a b" length="-{n}"/>' for n in range(10_000)
    )
    document = rss(
        {"title": "x" * 10_000_000, "guid": "a b c", "link": "https://blog.example/title"},
        {
            "title": "Enclosures",
            "guid": "https://blog.example/a b",
            "link": "https://blog.example/e",
            "x": "ENCLOSURES",
        },
        {"title": "Year 1", "guid": "tag:x.example:1", "pubDate": "Mon, 01 Jan 0001 00:00:00 GMT"},
        {"title": "Year 9999", "guid": "urn:uuid:nonsense", "pubDate": "Fri, 31 Dec 9999 23:59:59 +0000"},
        {"title": "<script>1</script> ]]> \u0085", "description": "<p onclick=x><script>1</script>]]>&nbsp;\ufdd0"},
        {"title": "", "link": "https://blog.example/?a=1&copy=2", "guid": "https://[::1/broken"},
    ).replace("<x>ENCLOSURES</x>", enclosures)
    planet.config["sources"] = [{"url": upstream.serve("/hostile.xml", document), "id": "hostile"}]
    planet.config["fetch"] |= {"max_bytes": "32MiB", "timeout": "60s"}
    report = planet.run()
    assert problems(report) == []
    assert counts(planet) == {"atom": 6, "rss": 6, "json": 6, "html": 6}
    assert all_errors(planet) == []
    items = json.loads(file(planet, "all/feed.json"))["items"]
    assert max(len(item.get("title", "")) for item in items) <= 1001
    assert max(len(item.get("attachments", [])) for item in items) <= 200
    assert {item["date_published"][:4] for item in items} <= {"2026"}
    assert not any(" " in item["id"] for item in items)
    assert sum(path.stat().st_size for path in Path(planet.root, "feeds", "all").iterdir()) < 1_000_000


@pytest.mark.torture
def test_equal_stores_give_equal_bytes_behind_the_gate(posts: Planet) -> None:
    posts.run()
    before = posts.tree()
    posts.regenerate(NOON + DAY)
    assert posts.tree() == before


# what an entry says of its source


NO_IRIS = [
    "not an address",
    "urn:x:{curly}",
    "https://x.example/a|b",
    "x:^`",
    "http://[bad",
    "https:///path",
    'urn:"quoted"',
    "tag:nobody:1",
    "a:%zz",
    "x:",
    "\u202eurn:x:1",
    "urn:x:\u202e1",
]
SAID = """\
<source><id>{id}</id><title>The &lt;first&gt;</title><subtitle>of its kind</subtitle>
<updated>2026-11-01T00:00:00Z</updated>
<author><name>Ann</name><uri>{id}</uri><email>{id}</email></author><contributor><name>Bo</name><uri>{id}</uri></contributor>
<category term="c" scheme="{id}"/><link href="https://first.example/" hreflang="{id}" type="{id}"/>
<link href="https://first.example/2"/><link href="https://first.example/3"/><link rel="{id}" href="https://x.example/"/>
<link rel="via" href="{id}"/>
<generator uri="{id}" version="{id}">G</generator><icon>{id}</icon><logo>{id}</logo><rights>R</rights></source>
<author><name>Ada</name><uri>{id}</uri><email>{id}</email></author><contributor><name>Cy</name><uri>{id}</uri></contributor>
<link rel="via" href="{id}"/><category term="d" scheme="{id}"/>"""


def test_what_is_no_address_costs_itself_alone(planet: Planet, upstream: Upstream) -> None:
    """Of an entry's source, of people, of links and categories: the rest of the entry goes out in every format."""
    entries = "".join(
        f"<entry><id>urn:x:{n}</id><title>Entry {n}</title><updated>2026-11-{n + 1:02d}T00:00:00Z</updated>"
        f"<content>Words of entry {n}, which are its own.</content>{SAID.format(id=escape(bad, quote=True))}</entry>"
        for n, bad in enumerate(NO_IRIS)
    )
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:x:feed</id><title>F</title>'
    url = upstream.serve("/feed", f"{head}<updated>2026-11-20T00:00:00Z</updated>{entries}</feed>")
    planet.config["sources"] = [{"url": url, "id": "one"}]
    planet.config["feeds"] = {"min_entries": 1}
    report = planet.run()
    assert [one for one in report.problems if one.kind == "render"] == []
    assert counts(planet) == {"atom": len(NO_IRIS), "rss": len(NO_IRIS), "json": len(NO_IRIS), "html": len(NO_IRIS)}
    for entry in planet.atom().entries:
        assert (entry.source.title, entry.source.author) == ("The <first>", "Ann")
        assert entry.source.id.startswith("https://first.example/")  # what else names it
        assert next(link.href for link in entry.source.links if link.rel == "alternate") == "https://first.example/"
        assert [one.name for one in entry.authors] == ["Ada"]


ODD = [
    "a|b",
    "{a}",
    "[a]?b[]=1",
    "a^b",
    "a`b",
    "a b",
    "100%",
    "föö",
    "趣",
    "a\\b?c",
    "%zz",
    '"a"',
    "<a>",
    "%7Bok%7D",
    "a#b#c",
]


@pytest.mark.torture
def test_an_odd_address_of_a_source_costs_nothing(planet: Planet, upstream: Upstream) -> None:
    """A config has what an address bar takes; every format shows it as a URI, and another planet recognizes it."""
    planet.config["sources"] = sources = []
    for n, odd in enumerate(ODD):
        url = upstream.url(f"/{n}/{odd}")
        item = {
            "title": f"Entry {n}",
            "link": f"https://x.example/{n}/{odd}",
            "pubDate": "Fri, 20 Nov 2026 00:00:00 GMT",
        }
        upstream.serve(parse(as_uri(url)).raw_path.decode(), rss(item, title=f"Source {n}"))
        upstream.serve(parse(url).raw_path.decode(), rss(item, title=f"Source {n}"))
        sources.append({"url": url, "id": f"s{n}"})
    planet.config["site"] |= {
        "logo": "https://x.example/l|g.png",
        "author": {"name": "A", "uri": "https://x.example/{a}"},
    }
    report = planet.run()
    assert list(report.problems) == []
    assert counts(planet) == {"atom": len(ODD), "rss": len(ODD), "json": len(ODD), "html": len(ODD)}
    assert all_errors(planet) == []
    uris = [as_uri(upstream.url(f"/{n}/{odd}")) for n, odd in enumerate(ODD)]
    shown = [as_uri(f"https://x.example/{n}/{odd}") for n, odd in enumerate(ODD)]
    for path in ("all/atom.xml", "all/rss.xml", "all/feed.json"):
        assert all(uri in unescape(file(planet, path).decode()) for uri in (*uris, *shown)), path
    assert [outline.url for outline in read_outlines(file(planet, "sources.opml").decode())] == uris
    warnings = [found for form in ("atom", "json") for found in check(planet, f"all/{FILES[form]}", form)]
    assert [found for found in warnings if found.severity == "warning"] == []
    with planet.app() as app, app.store.read() as tx:
        named = NamedSources(app, {row.id: row for row in tx.sources.all()})
        assert [named.source_of(name_of(FeedInfo(self_link=uri))) for uri in uris] == [one["id"] for one in sources]
    ids = planet.ids()
    shutil.rmtree(planet.root / ".aggregator")
    with planet.app() as app:
        assert planet.runner.run(recover(app, planet.pool)).problems == ()
    again = planet.run(NOON + DAY, force=True)
    assert (again.entries.new, again.sources.failed, planet.ids()) == (0, 0, ids)
    assert len({entry.source.id for entry in planet.atom().entries}) == len(ODD)


def check(planet: Planet, path: str, form: str) -> list[Finding]:
    return Checker().check(file(planet, path), form, f"https://planet.example/{path}")
