"""Reading lists: `sources: - opml: …`, read again whenever they are due."""

from typing import Any

import pytest
import yaml

from aggregator.opml import read_outlines
from aggregator.pull.reading_list_sources import MOST, assign_ids, feeds_of, with_resolved_sources
from aggregator.store import ListRow, SourceRow
from tests.commands.test_cli import aggregator, report
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import DAY, HOUR


def opml(*outlines: str) -> str:
    return f'<?xml version="1.0"?><opml version="2.0"><body>{"".join(outlines)}</body></opml>'


def outline(url: str, **more: str) -> str:
    return f'<outline xmlUrl="{url}" {" ".join(f"{name}={value!r}" for name, value in more.items())}/>'


def folder(name: str, *outlines: str) -> str:
    return f'<outline text="{name}">{"".join(outlines)}</outline>'


class Field:
    """Feeds a, b and c upstream, each with one entry, and a list of what is asked for."""

    def __init__(self, planet: Planet, upstream: Upstream) -> None:
        self.planet, self.upstream = planet, upstream
        self.feeds = {name: self.feed(name) for name in "abc"}

    def feed(self, name: str) -> str:
        item = {"title": f"Entry {name}", "guid": f"urn:x:{name}", "link": f"https://{name}.example/1"}
        return self.upstream.serve(f"/{name}.xml", rss(item, title=f"Feed {name}", link=f"https://{name}.example/"))

    def lists(self, *names: str, **headers: str) -> str:
        return self.upstream.serve("/list.opml", opml(*(outline(self.feeds[name]) for name in names)), headers=headers)

    def asked(self, path: str) -> int:
        return sum(one == path for one, _ in self.upstream.asked)

    def ids(self) -> dict[str, str]:
        return {entry.title[-1]: entry.id for entry in self.planet.atom().entries}


@pytest.fixture
def field(planet: Planet, upstream: Upstream) -> Field:
    return Field(planet, upstream)


def test_a_list_is_its_feeds_in_its_place(field: Field) -> None:
    planet = field.planet
    url = field.upstream.serve(
        "/list.opml",
        opml(
            folder(
                "Tech",
                outline(field.feeds["a"]),
                folder("Py/thon", outline(field.feeds["b"], text="B here", title="x")),
            )
        ),
    )
    planet.config["sources"] = [
        {"opml": url, "id": "mine", "categories": ["All of them"], "republish": "link", "aliases": {"Web": ["html"]}},
        {"url": field.feeds["c"], "id": "c"},
    ]
    done = planet.run()
    assert (done.problems, done.sources.polled) == ({}, 3)
    with planet.app() as app:
        with app.store.read() as tx:
            rows = [(row.position, row.id, row.title, row.configured) for row in tx.sources.all()]
        resolved = with_resolved_sources(app)
        first, second, third = resolved.sources
        assert (first.republish, second.republish, third.republish) == ("link", "link", "full")
        assert first.aliases == {"Web": ("html",)}
        assert (first.categories, second.categories) == (
            (("All of them",), ("Tech",)),
            (("All of them",), ("Tech", "Py／thon")),
        )
        assert resolved.config.where("sources", 1, "aliases") == resolved.config.where("sources", 0, "aliases")
        assert resolved.config.where("sources", 2, "id") != resolved.config.where("sources", 0, "id")
    host = field.upstream.url("").partition("://")[2].replace(":", "-").replace(".", "-")
    assert rows == [(0, f"{host}-a-xml", "", True), (1, f"{host}-b-xml", "B here", True), (2, "c", "", True)]
    assert {"all-of-them", "tech", "tech/py-thon"} < planet.index().keys()


def test_a_list_is_asked_when_it_is_due_and_conditionally(field: Field) -> None:
    planet = field.planet
    planet.config["sources"] = [{"opml": field.lists("a"), "id": "mine", "every": "10m"}]
    planet.run()
    planet.run(NOON + HOUR / 2)
    assert (field.asked("/list.opml"), field.asked("/a.xml")) == (1, 2)
    planet.run(NOON + HOUR)
    sent = [headers for path, headers in field.upstream.asked if path == "/list.opml"]
    assert [bool(one.get("if-none-match")) for one in sent] == [False, True]
    planet.run(NOON + HOUR + HOUR / 2, force=True)
    assert field.asked("/list.opml") == 3
    planet.regenerate(NOON + 5 * HOUR)
    planet.run(NOON + 5 * HOUR, only=["nobody"])
    assert field.asked("/list.opml") == 3
    field.lists("a", **{"Cache-Control": "max-age=86400"})
    planet.run(NOON + 6 * HOUR)
    planet.run(NOON + 20 * HOUR)
    assert field.asked("/list.opml") == 4


def test_what_leaves_the_list_leaves_the_feeds_and_comes_back_under_the_same_ids(field: Field) -> None:
    planet = field.planet
    planet.config["sources"] = [{"opml": field.lists("a", "b"), "id": "mine"}]
    planet.run()
    ids = field.ids()
    assert ids.keys() == {"a", "b"}
    field.lists("b", "c")
    planet.run(NOON + HOUR)
    assert field.ids() == {"b": ids["b"], "c": field.ids()["c"]}
    field.lists("c", "b", "a")
    planet.run(NOON + 2 * HOUR)
    assert field.ids() == ids | {"c": field.ids()["c"]}
    planet.config["sources"] = []
    planet.run(NOON + 3 * HOUR)
    assert field.ids() == {}


BROKEN = {
    "gone": (404, "", "status"),
    "no list": (200, "<html>Sorry</html>", "not-a-feed"),
    "an empty list": (200, opml(), "not-a-feed"),
    "nothing": (200, "", "not-a-feed"),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("case", BROKEN)
def test_a_list_that_fails_keeps_what_it_held(field: Field, case: str) -> None:
    planet = field.planet
    planet.config["sources"] = [{"opml": field.lists("a", "b"), "id": "mine"}]
    planet.run()
    before = field.ids()
    status, body, kind = BROKEN[case]
    field.upstream.serve("/list.opml", body, status=status)
    done = planet.run(NOON + HOUR)
    assert [(one.where, one.kind) for one in done.problems] == [("mine", kind)]
    assert done.failed
    assert field.ids() == before
    assert planet.run(NOON + HOUR * 1.5).problems == {}  # not asked again so soon
    field.lists("a")
    assert planet.run(NOON + DAY).problems == {}
    assert field.ids().keys() == {"a"}


@pytest.mark.torture
def test_a_feed_that_the_config_names_is_asked_once_and_by_its_own_words(field: Field) -> None:
    planet, a = field.planet, field.feeds["a"]
    planet.config["sources"] = [{"opml": field.lists("a", "b"), "id": "mine"}]
    planet.run()
    ids = field.ids()
    planet.config["sources"].append({"url": a, "id": "own", "title": "Own words"})
    planet.run(NOON + HOUR, force=True)
    assert field.asked("/a.xml") == 2
    assert field.ids() == ids
    assert planet.atom().entries[0].source.title == "Own words" or planet.atom().entries[1].source.title == "Own words"
    second = field.upstream.serve("/second.opml", opml(outline(field.feeds["b"]), outline(field.feeds["c"])))
    planet.config["sources"] = [*planet.config["sources"], {"opml": second, "id": "second"}]
    planet.run(NOON + 2 * HOUR, force=True)
    assert (field.asked("/b.xml"), field.asked("/c.xml")) == (3, 1)
    planet.config["sources"] = [planet.config["sources"][0]]
    planet.run(NOON + 3 * HOUR)
    assert field.ids() == ids


@pytest.mark.torture
def test_a_list_that_is_a_file_here(field: Field) -> None:
    planet = field.planet
    file = planet.root / "lists" / "mine.opml"
    file.parent.mkdir()
    file.write_text(opml(outline(field.feeds["a"]), '<outline text="x" xmlUrl="local.xml"/>'))
    planet.config["sources"] = [{"opml": "lists/mine.opml", "id": "mine"}]
    done = planet.run()
    assert [one.message for one in done.problems] == [
        "line 1: x: local.xml is no address; right would be https://host/path"
    ]
    assert field.ids().keys() == {"a"}
    file.write_text(opml(outline(field.feeds["b"])))
    planet.run(NOON + HOUR / 4)
    assert field.ids().keys() == {"b"}
    file.unlink()
    done = planet.run(NOON + HOUR / 2)
    assert [(one.where, one.kind) for one in done.problems] == [("mine", "connect")]
    assert field.ids().keys() == {"b"}


def test_the_secret_of_a_list_is_sent_to_no_other_host_and_hides_its_feeds(field: Field) -> None:
    planet = field.planet
    planet.config["sources"] = [{"opml": field.lists("a"), "id": "mine", "auth": "bearer secret"}]
    planet.run()
    sent = {path: headers.get("authorization") for path, headers in field.upstream.asked}
    assert sent == {"/list.opml": "Bearer secret", "/a.xml": None}
    assert field.ids() == {}
    planet.config["sources"][0]["publish"] = True
    planet.run(NOON + HOUR)
    assert field.ids().keys() == {"a"}


@pytest.mark.torture
def test_commands_show_lists_and_their_feeds(field: Field) -> None:
    planet = field.planet
    planet.config["sources"] = [{"opml": field.lists("a"), "id": "mine"}]
    (planet.root / "config.yaml").write_text(yaml.safe_dump(planet.config))
    checked = aggregator(planet.root, "check", "--json", "--online")
    assert (checked.returncode, report(checked)["problems"]) == (0, [])
    assert (field.asked("/list.opml"), field.asked("/a.xml")) == (1, 1)
    planet.run()
    rows = report(aggregator(planet.root, "source", "list", "--json"))["sources"]
    assert [(row["id"][-5:], row["kind"], row["state"], row.get("list")) for row in rows] == [
        ("mine", "list", "ok", None),
        ("a-xml", "feed", "ok", "mine"),
    ]
    status = report(aggregator(planet.root, "status", "--json"))
    assert [(one["id"], one["state"], one["feeds"]) for one in status["lists"]] == [("mine", "ok", 1)]
    assert "mine: reading list, ok, 1 feed " in aggregator(planet.root, "status").stdout
    feed = rows[-1]["id"]
    refused = aggregator(planet.root, "source", "pause", feed)
    assert refused.returncode == 2
    assert f"{feed} comes from the reading list mine (config.yaml:" in refused.stderr
    exported = aggregator(planet.root, "export").stdout
    assert [one.url for one in read_outlines(exported)] == [field.feeds["a"]]
    assert aggregator(planet.root, "run", "--source", "nobody").returncode == 2
    assert aggregator(planet.root, "run", "--source", feed, "--dry-run", "--json").returncode == 0
    assert aggregator(planet.root, "source", "pause", "mine").returncode == 0
    asked = len(field.upstream.asked)
    planet.config["sources"][0]["paused"] = True
    planet.run(NOON + HOUR, force=True)
    assert len(field.upstream.asked) == asked
    field.upstream.serve("/list.opml", "<html>", status=200)
    checked = aggregator(planet.root, "check", "--json", "--online")
    assert [one["key"] for one in report(checked)["problems"]] == ["sources.0.opml"]


# rules


def read(text: str) -> tuple[list[tuple[str, Any]], list[str]]:
    feeds, problems = feeds_of(read_outlines(text), "mine")
    return [(one.url, one.categories) for one in feeds], [one.message for one in problems]


def test_nested_lists_are_not_followed_and_the_number_is_bounded() -> None:
    inner = '<outline type="include" text="More" url="https://x.example/more.opml"/>'
    one = outline("feed://x.example/1")
    assert read(opml(inner, one)) == (
        [("https://x.example/1", ())],
        ["line 1: More: it is another list or a page, which is not followed"],
    )
    many = opml(*(outline(f"https://x.example/{number}") for number in range(MOST + 10)))
    feeds, problems = read(many)
    assert (len(feeds), problems) == (MOST, ["line 1: there are more than 2,000 feeds; the rest is not read"])
    evil = opml(*(outline(url) for url in ("file:///etc/passwd", "https://u:p@x.example/", "ftp://x.example/") * 3))
    feeds, problems = read(evil)
    assert (feeds, len(problems), problems[-1]) == ([], 6, "… and 4 more outlines are left out")
    assert not any("u:p@" in problem for problem in problems)


def test_limits_of_lists_are_reported() -> None:
    far = outline(f"https://x.example/{'y' * 9000}")
    feeds, (problem,) = read(opml(far))
    assert feeds == []
    assert "9,018 characters, where an address has 8,192 at most" in problem
    assert len(problem) < 400
    paths = ",".join(f"/{number}" for number in range(150))
    many = outline("https://x.example/f").replace("/>", f' category="{paths}"/>')
    (feed,), problems = read(opml(many, many))
    assert len(feed[1]) == 100
    assert problems == ["line 1: a feed has 100 categories at most; the first are kept"] * 2


def test_a_feed_in_two_folders_is_in_both() -> None:
    feed = outline("https://x.example/f")
    assert read(opml(folder("A", feed), folder("B", feed.replace("https", "http"))))[0] == [
        ("https://x.example/f", (("A",), ("B",)))
    ]


def test_ids_are_given_once() -> None:
    feeds, _ = feeds_of(read_outlines(opml(outline("https://x.example/f"), outline("https://x.example/f?a=1"))), "mine")
    rows = [SourceRow("x-example-f", "feed", "https://other.example/", 0), SourceRow("old", "feed", feeds[1].url, 1)]
    ids = assign_ids(feeds, None, set(), rows)
    assert list(ids.values()) == ["x-example-f-2", "old"]
    assert assign_ids(feeds[1:], ListRow("mine", "", ids=ids), {"y"}, []) == ids
