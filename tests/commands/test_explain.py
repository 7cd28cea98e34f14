"""explain: how entries are found, what is explained, and that it agrees with what is published."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from sqlalchemy import Engine, event, text

from aggregator.errors import UsageError
from aggregator.explain import Explanation
from aggregator.explain import explain as explained
from aggregator.explain.answer import FeedAnswer
from aggregator.explain.reasons import kept_out
from aggregator.overrides import apply as overrides
from aggregator.store import EntryRow
from tests.commands.test_cli import Done, aggregator, on_terminal, report
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import prose

HOUR = timedelta(hours=1)
LATELY = "Fri, 20 Nov 2026 08:00:00 GMT"  # inside the window in which near-duplicates are searched

CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 8, allow_networks: [127.0.0.0/8]}
posts: [{path: posts, id: posts}]
feeds:
  limit: 4
  archive: 2
  depth: 2
  min_entries: 1
  per_source: true
  extra:
    - {id: snakes, any: [Programming/Python], none: [Jobs]}
categories:
  aliases:
    Programming/Python:
      - python
      - py-*
  drop: [uncategorized]
sources:
  - {url: BLOG, id: blog, categories: [Blogs]}
  - {url: MIRROR, id: mirror}
  - {url: LINKS, id: links, exclude: [{title: Advertisement}]}
"""
NEWS = "---\ntitle: News number {n}\ndate: 2026-11-0{n}\ncategories: [News]\n---\nWords of number {n}.\n"


def entry(name: str, **more: str) -> dict[str, str]:
    link = f"https://blog.example/{name}"
    told = {"title": f"On {name}", "link": link, "guid": link, "description": f"<p>{prose(name)}</p>"}
    return told | {"pubDate": "Mon, 02 Nov 2026 08:00:00 GMT"} | more


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A planet of a blog, a mirror of it, a link blog and some posts. Nobody changes it."""
    server, root = Upstream(), tmp_path_factory.mktemp("town")
    blog = server.serve(
        "/blog",
        rss(
            entry("python", category="python|py-lib|uncategorized|Odds [and] ends"),
            entry("birds", title="On [bold]birds[/] & :bird:", category="Birds"),
            entry("one", title="Episode 1", description=f"<p>{prose('episode')}</p>", pubDate=LATELY),
        ),
    )
    copied = {"guid": "mirror-2", "link": "https://mirror.example/copied", "description": f"<p>{prose('birds')}</p>"}
    copied["title"] = "On [bold]birds[/] & :bird:"
    another = {"title": "Episode 2", "link": "https://mirror.example/2", "guid": "mirror-3", "pubDate": LATELY}
    another["description"] = f"<p>{prose('episode')} and more</p>"
    mirror = server.serve(
        "/mirror",
        rss(
            entry("python", guid="mirror-1"),
            entry("copy", **copied),
            entry("two", **another),
            title="Mirror",
            link="https://mirror.example/",
        ),
    )
    links = server.serve(
        "/links",
        rss(
            entry("birds", title="Look up", guid="7", description="<p>Somebody wrote on birds.</p>"),
            entry("sale", title="Advertisement: a sale", guid="8", link="https://links.example/sale"),
            title="Links",
            link="https://links.example/",
        ),
    )
    text_ = CONFIG.replace("BLOG", blog).replace("MIRROR", mirror).replace("LINKS", links)
    (root / "config.yaml").write_text(text_)
    (root / "posts/deep").mkdir(parents=True)
    for n in range(1, 7):
        (root / f"posts/{n}.md").write_text(NEWS.format(n=n))
    (root / "posts/deep/far.md").write_text(
        "---\ntitle: Far\ndate: 2026-11-09\ncategories: [Places, North, Pole]\n---\nCold.\n"
    )
    (root / "posts/draft.md").write_text("---\ntitle: Draft\ndraft: true\n---\nNot yet.\n")
    (root / "posts/over.md").write_text("---\ntitle: Over\nexpiryDate: 2026-01-02\n---\nNo longer.\n")
    (root / "posts/later.md").write_text("---\ntitle: Later\ndate: 2027-01-02\n---\nNot yet.\n")
    (root / "posts/bad.md").write_text("---\n- only\n- a list\n---\n")
    done = aggregator(root, "run", "--json")
    assert done.returncode == 0, done.stderr
    yield root
    server.close()


def story(town: Path, ref: str) -> dict[str, Any]:
    done = aggregator(town, "explain", ref, "--json")
    assert done.returncode == 0, done.stderr
    return report(done)


def refusal(town: Path, ref: str) -> str:
    done = aggregator(town, "explain", ref, "--json")
    assert done.returncode == 2
    [problem] = report(done)["problems"]
    assert done.stderr.strip() == problem["message"]
    return str(problem["message"])


def feeds(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one for one in document["feeds"]}


# what names an entry


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(
    "ref",
    [
        "https://blog.example/python",
        "http://blog.example/python/?utm_source=feed",
        "mirror-1",
        "On python",
        "  ON  PYTHON ",
        "ｏｎ ｐｙｔｈｏｎ",
        "n pyth",
    ],
)
def test_an_entry_is_named_by_its_id_its_links_its_titles_or_a_part_of_one(town: Path, ref: str) -> None:
    assert story(town, ref)["entry"]["id"] == "https://blog.example/python"


@pytest.mark.torture
def test_a_post_is_named_by_its_path_its_page_and_its_number(town: Path) -> None:
    post = story(town, "deep/far.md")["entry"]
    page = "https://planet.example/entries/far.html"
    assert (post["title"], post["link"]) == ("Far", page)
    for ref in (
        "posts/deep/far.md",
        "./posts/deep/far.md",
        str(town / "posts/deep/far.md"),
        page,
        f"#{post['number']}",
    ):
        assert story(town, ref)["entry"] == post, ref


@pytest.mark.torture
def test_the_whole_title_comes_before_a_part_of_one(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: Rust\n---\nOne.\n")
    planet.post("b.md", "---\ntitle: Rust again\n---\nTwo.\n")
    planet.run()
    with planet.app() as app:
        assert explained(app, "rust").entry.title == "Rust"
        assert explained(app, "again").entry.title == "Rust again"
        with pytest.raises(UsageError, match="fits 2 entries") as refused:
            explained(app, "rus")
        ids = [explained(app, title).entry.id for title in ("rust", "rust again")]
    assert [line.partition("(")[2].rstrip(")") for line in str(refused.value).splitlines()[1:]] == ids


@pytest.mark.parametrize(
    ("ref", "nearest"),
    [("On pyhton", "On python"), ("nwes", "News number"), ("https://blog.example/2026/far-away", "Far")],
)
def test_what_names_nothing_is_answered_with_the_nearest_titles(town: Path, ref: str, nearest: str) -> None:
    said = refusal(town, ref)
    assert said.startswith(f"no entry has the id, link, path or title {ref!r}; the nearest titles:\n")
    assert nearest in said.splitlines()[1]


@pytest.mark.parametrize("ref", ["%", "_", "\\", "'", '"', "*", "#", "#0", "#99999999999999999999", "\x00\x07", "🐦"])
def test_no_ref_is_taken_for_a_pattern(town: Path, ref: str) -> None:
    assert "fits" not in refusal(town, ref)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("posts/draft.md", "it is a draft"),
        ("posts/over.md", "it has expired"),
        ("later.md", "it waits for its date, 2027-01-02 00:00 UTC"),
        ("posts/bad.md", "front matter is a list"),
    ],
)
def test_a_post_that_is_no_entry_says_why(town: Path, path: str, why: str) -> None:
    said = refusal(town, path)
    assert said.startswith(f"posts/{path.removeprefix('posts/')} is no entry yet: ")
    assert why in said


# what is explained


def test_json_has_the_promised_shape(town: Path) -> None:
    document = story(town, "On python")
    assert list(document) == ["entry", "sightings", "also_like", "categories", "feeds", "overrides", "problems"]
    assert document["entry"] == {
        "id": "https://blog.example/python",
        "number": document["entry"]["number"],
        "title": "On python",
        "link": "https://blog.example/python",
        "published": "2026-11-02T08:00:00Z",
        "updated": "2026-11-02T08:00:00Z",
        "first_seen_at": "2026-11-23T12:00:00Z",
        "changed_at": "2026-11-23T12:00:00Z",
        "categories": [["Programming", "Python"], ["Odds [and] ends"], ["Blogs"]],
        "state": "shown",
        "since": None,
        "joined_to": None,
    }
    keys = {name: {key for one in document[name] for key in one} for name in document if name != "entry"}
    assert keys["feeds"] == {"id", "in", "why", "position", "left_out", "told"}
    assert keys["categories"] == {"term", "category", "decider", "rule", "source", "no_feed", "own_feed"}
    assert {"source", "id", "link", "path", "first_seen_at", "last_seen_at", "gone_at", "number", "winner"} < keys[
        "sightings"
    ]
    assert {"matched_by", "matched_to", "reason", "score", "withheld"} < keys["sightings"]


def test_sightings_tell_why_they_are_one_entry(town: Path) -> None:
    first, second = story(town, "On python")["sightings"]
    assert (first["source"], first["matched_by"], first["matched_to"], first["winner"]) == ("blog", "new", None, True)
    assert (second["source"], second["id"], second["matched_by"]) == ("mirror", "mirror-1", "link")
    assert second["matched_to"] == {key: first[key] for key in ("number", "source", "id", "link")}
    assert "source blog shows the same link" in second["reason"]


def test_a_near_duplicate_tells_how_near_it_is(town: Path) -> None:
    first, second = story(town, "On [bold]birds[/]")["sightings"]
    assert (second["source"], second["matched_by"], second["score"]) == ("mirror", "near", 1.0)
    assert second["matched_to"]["number"] == first["number"]
    assert story(town, "mirror-2")["entry"]["title"] == first["title"]


def test_every_term_tells_where_it_went_and_by_which_line(town: Path) -> None:
    lines = (town / "config.yaml").read_text().splitlines()
    told = {tuple(one["term"]): one for one in story(town, "On python")["categories"]}
    python = ["Programming", "Python"]
    for term, category, decider, written in (
        ("python", python, "alias", "- python"),
        ("py-lib", python, "alias", "- py-*"),
        ("uncategorized", None, "drop", "drop:"),
    ):
        one = told[term,]
        assert (one["category"], one["decider"], one["source"]) == (category, decider, "blog")
        file, line = one["rule"].split(":")
        assert file == "config.yaml"
        assert written in lines[int(line) - 1]
    added = told[()]
    assert (added["category"], added["decider"]) == (["Blogs"], "added")
    assert "id: blog" in lines[int(added["rule"].split(":")[1]) - 1]


def test_each_feed_tells_why_it_holds_the_entry_or_not(town: Path) -> None:
    told = feeds(story(town, "On python"))
    alias = next(i for i, line in enumerate((town / "config.yaml").read_text().splitlines(), 1) if "- python" in line)
    assert told["programming/python"]["why"].startswith(f"placed there by config.yaml:{alias} (alias) for python")
    assert told["programming"]["why"].startswith("placed below it, in Programming › Python, by config.yaml:")
    assert "(categories of source blog)" in told["blogs"]["why"]
    shown = {
        "id": "source/blog",
        "in": True,
        "why": "source blog shows it",
        "position": 2,
        "left_out": [],
        "told": None,
    }
    assert told["source/blog"] == shown
    assert told["source/mirror"]["in"] is True
    assert (told["snakes"]["in"], "any of Programming › Python; none of Jobs" in told["snakes"]["why"]) == (True, True)
    assert (told["all"]["in"], told["all"]["position"]) == (False, None)
    older = "it qualifies, but it is older than the newest 4 (feeds.limit); page "
    assert re.fullmatch(re.escape(older) + r"\d of the archive holds it", told["all"]["why"])
    assert (told["news"]["in"], told["news"]["why"]) == (False, "its categories lead elsewhere")
    assert told["source/links"]["why"] == "that source does not show it"


@pytest.mark.parametrize(
    ("ref", "feed", "why"),
    [
        ("News number 6", "all", "every entry is in all"),
        ("News number 1", "news", "in the category, but it is older than the newest 4 (feeds.limit)"),
        ("Far", "places/north", "deeper than feeds.depth (2)"),
        ("Far", "snakes", "(feeds.extra) does not select it: it is not in Programming › Python"),
        ("Look up", "news", "it has no category"),
        ("a sale", "all", "excluded by filter of source links: title matches Advertisement"),
    ],
)
def test_every_rule_of_feeds_has_its_words(town: Path, ref: str, feed: str, why: str) -> None:
    assert why in feeds(story(town, ref))[feed]["why"]


def test_what_is_like_it_and_yet_another_entry_is_named(town: Path) -> None:
    [other] = story(town, "birds")["also_like"]
    assert (other["title"], other["source"], other["link"]) == ("Look up", "links", "https://blog.example/birds")
    assert other["why"] == "the same link; different text"
    assert 0 <= other["score"] < 0.1
    [back] = story(town, other["id"])["also_like"]
    assert back["id"] == "https://blog.example/birds"


def test_nearly_the_same_text_under_a_contradicting_title_is_named(town: Path) -> None:
    [other] = story(town, "Episode 1")["also_like"]
    assert (other["title"], other["source"]) == ("Episode 2", "mirror")
    assert other["why"] == "nearly the same text; their titles contradict each other"
    assert 0.9 < other["score"] < 1


def test_problems_that_concern_the_entry_are_shown(town: Path) -> None:
    [problem] = story(town, "a sale")["problems"]
    assert (problem["where"], problem["kind"]) == ("links", "withheld")
    assert story(town, "On python")["problems"] == []


# agreement with what is published


def published(planet: Planet) -> dict[str, list[str]]:
    """But for what befell the sources: that is no entry of any."""
    tree = planet.root / "feeds"
    ids = {file.parent.relative_to(tree).as_posix() for file in tree.rglob("atom.xml")}
    return {id_: planet.ids(id_) for id_ in ids - {"health"} if "/archive/" not in id_}


def agrees(planet: Planet, at: Any = NOON) -> dict[str, Explanation]:
    """Every entry, explained; each feed says of each what its file says."""
    stands = published(planet)
    with planet.app(at) as app:
        with app.store.read() as tx:
            numbers = tx.entries.ids(after=0, most=1000)
        stories = [explained(app, f"#{number}") for number in numbers]
    for one in stories:
        told = {feed.id: feed.position for feed in one.feeds}
        assert told == {
            id_: ids.index(one.entry.id) + 1 if one.entry.id in ids else None for id_, ids in stands.items()
        }
        assert all(feed.in_ == (feed.position is not None) and feed.why for feed in one.feeds)
        assert all(sighting.reason for sighting in one.sightings)
        assert one.entry.state == "shown" or not any(feed.in_ for feed in one.feeds)
    return {name: one for one in stories for name in (one.entry.id, one.entry.title)}


def whys(one: Explanation) -> set[str]:
    return {feed.why for feed in one.feeds}


def why(one: Explanation, feed: str) -> FeedAnswer:
    return next(told for told in one.feeds if told.id == feed)


def test_explain_and_the_published_files_agree_for_every_entry(planet: Planet, upstream: Upstream) -> None:
    first = [
        entry(f"a{n}", pubDate=f"{n + 1:02d} Nov 2026 08:00:00 GMT", category="A|B" if n % 2 else "A") for n in range(9)
    ]
    second = [entry(f"b{n}", pubDate=f"{n + 1:02d} Nov 2026 09:00:00 GMT", category="B") for n in range(3)]
    planet.config["sources"] = [
        {"url": upstream.serve("/a", rss(*first)), "id": "a"},
        {"url": upstream.serve("/b", rss(*second, first[8], title="B", link="https://b.example/")), "id": "b"},
    ]
    planet.config["feeds"] = {
        "limit": 3,
        "archive": 1,
        "source_cap": 2,
        "per_source": True,
        "extra": [{"id": "both", "all": ["A", "B"]}, {"id": "only-a", "any": ["A"], "none": ["B"]},
                  {"id": "of-b", "sources": ["b"]}],
    }  # fmt: skip
    planet.post("note.md", "---\ntitle: Note\ndate: 2026-11-20\ncategories: [B]\n---\nWords.\n")
    planet.run()
    told = agrees(planet)
    assert why(told["On a7"], "all").position is not None
    assert "the feed has 2 newer ones of source a (feeds.source_cap)" in why(told["On a0"], "all").why
    assert why(told["On a8"], "of-b").in_
    assert why(told["On a1"], "only-a").why.endswith("does not select it: it is in B, which `none` excludes")
    assert why(told["On a2"], "both").why.endswith("it is not in B")
    assert why(told["On a1"], "of-b").why.endswith("source b does not show it")
    assert "older than the newest 3 (feeds.limit)" in why(told["On a0"], "source/a").why

    planet.config["sources"][1]["publish"] = False
    upstream.serve("/a", rss(*first[3:]))
    (planet.root / "posts/note.md").unlink()
    later = NOON + HOUR
    planet.run(later, force=True)
    told = agrees(planet, later)
    assert whys(told["On b0"]) == {"its source b is not published (publish: false, or auth or headers)"}
    assert told["On b0"].entry.state == "hidden"
    gone = told["On a0"].sightings[0]
    assert (gone.gone_at, gone.withheld) == (later, None)

    later += 2 * HOUR
    del planet.config["sources"][0]
    planet.run(later)
    told = agrees(planet, later)
    assert whys(told["On a5"]) == {"its source a left the config"}
    assert whys(told["Note"]) == {"gone: its file was deleted (2026-11-23 15:00)"}
    assert told["Note"].entry.since == later


@pytest.mark.torture
def test_decisions_of_a_person_are_shown_as_the_reason(planet: Planet) -> None:
    for name in ("one", "two", "three", "four", "five"):
        planet.post(f"{name}.md", f"---\ntitle: {name.title()}\ncategories: [News]\n---\nThe words of {name}.\n")
    planet.run()
    with planet.app(NOON + HOUR) as app:
        ids = {title: explained(app, title).entry.id for title in ("One", "Two", "Three", "Four")}
        overrides.keep(app, "hold", [ids["One"]])
        overrides.keep(app, "remove", [ids["Two"]])
        overrides.join(app, ids["Three"], ids["Four"])
    later = NOON + 2 * HOUR
    planet.run(later)
    told = agrees(planet, later)
    held, removed, joined, other = (told[ids[name]] for name in ("One", "Two", "Three", "Four"))
    assert (held.entry.state, whys(held)) == (
        "hold",
        {f"held by a person since 2026-11-23 13:00; `aggregator entry release {ids['One']}` releases it"},
    )
    assert removed.entry.state == "removed"
    assert whys(removed) == {
        f"removed by a person on 2026-11-23 13:00; `aggregator entry restore {ids['Two']}` brings it back"
    }
    assert [(said.act, said.at) for said in removed.overrides] == [("remove", NOON + HOUR)]
    assert (other.entry.state, other.entry.joined_to, other.sightings) == ("joined", ids["Three"], ())
    assert [sighting.matched_by for sighting in joined.sightings] == ["person", "new"]
    assert [(said.act, said.other) for said in joined.overrides] == [("join", ids["Four"])]
    assert [(said.act, said.other) for said in other.overrides] == [("join", ids["Three"])]

    with planet.app(later + HOUR) as app:
        overrides.split(app, ids["Three"], f"#{joined.sightings[0].number}")
        apart = explained(app, ids["Three"])
    assert [said.act for said in apart.overrides] == ["join", "split"]
    assert apart.overrides[1].sighting == joined.sightings[0].number


def test_an_automatic_hold_says_what_follows() -> None:
    row = EntryRow(1, "urn:1", NOON, NOON, NOON, NOON, NOON, 0, "", [], kept_back="held", kept_back_at=NOON)
    said = kept_out(row, [], [])
    assert said.startswith("held since 2026-11-23 12:00: ")
    assert "`aggregator entry release urn:1` publishes it; from 2026-11-24 12:00 on it is in archives" in said


@pytest.mark.torture
def test_a_document_that_did_not_change_showed_its_entries_again(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.serve("/a", rss(entry("a"), entry("b"))), "id": "a"}]
    planet.run()
    planet.run(NOON + HOUR, force=True)
    with planet.app() as app:
        assert explained(app, "On a").sightings[0].last_seen_at == NOON + HOUR
    upstream.serve("/a", rss(entry("b")))
    planet.run(NOON + 2 * HOUR, force=True)
    with planet.app() as app:
        gone = explained(app, "On a").sightings[0]
        assert (gone.last_seen_at, gone.gone_at) == (NOON, NOON + 2 * HOUR)
        assert explained(app, "On b").sightings[0].last_seen_at == NOON + 2 * HOUR
    upstream.serve("/a", "gone", status=503)
    planet.run(NOON + 3 * HOUR, force=True)
    with planet.app() as app:
        [problem] = explained(app, "On b").problems
        assert (problem.where, problem.kind, problem.transient) == ("a", "status", True)


def test_a_config_that_changed_since_is_reported(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: A\ncategories: [News]\n---\nWords.\n")
    planet.run()
    planet.config["categories"] = {"drop": ["News"]}
    planet.config["feeds"] = {"extra": [{"id": "fresh", "any": ["News"]}]}
    with planet.app() as app:
        kinds = {problem.kind: problem.message for problem in explained(app, "A").problems}
    assert set(kinds) == {"config", "unpublished"}
    assert "fresh" in kinds["unpublished"]


# beside others, and without reading all there is


def test_nothing_was_ever_run_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n")
    done = aggregator(tmp_path, "explain", "anything")
    assert done.returncode == 2
    assert "`aggregator run`" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


@pytest.mark.torture
def test_it_needs_no_lock(planet: Planet) -> None:
    """`app` holds the lock that a run holds; the transaction is one that writes."""
    planet.post("a.md", "---\ntitle: A\n---\nWords.\n")
    planet.run()
    with planet.app() as app, app.store.write() as tx:
        tx.facts.set("anything", "at all")
        assert aggregator(planet.root, "explain", "A").returncode == 0


SCANS_ALLOWED = ("ix_entry_order", "ix_entry_fresh", "ix_sighting_source_title")


@pytest.mark.torture
def test_only_the_search_in_titles_reads_more_than_one_entry(planet: Planet, upstream: Upstream) -> None:
    planet.config["feeds"] = {"limit": 1, "per_source": True, "extra": [{"id": "x", "any": ["A"], "none": ["B"]}]}
    entries = [entry(f"a{n}", category="A|C") for n in range(9)]
    planet.config["sources"] = [{"url": upstream.serve("/a", rss(*entries)), "id": "a"}]
    planet.run()
    asked: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked[statement] = parameters

    with planet.app() as app:
        event.listen(Engine, "before_cursor_execute", note)
        try:
            for ref in ("On a3", "a3", "https://blog.example/a3", "posts/none.md"):
                try:
                    explained(app, ref)
                except UsageError:
                    continue
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        questions = [(sql, values) for sql, values in asked.items() if sql.startswith("SELECT")]
        with app.store._database.read() as connection:
            for sql, values in questions:
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values):
                    is_scan = row.detail.startswith(("SCAN sighting", "SCAN entry"))
                    is_scan &= "ORDER BY sighting.id DESC\n LIMIT" not in sql
                    assert not is_scan or any(name in row.detail for name in SCANS_ALLOWED), f"{row.detail}: {sql}"
        assert len(questions) > 15
        assert connection.closed or connection.execute(text("SELECT 1"))


# as people read it


def shown(town: Path, ref: str, *words: str) -> Done:
    return on_terminal(town, *words, "explain", ref)


@pytest.mark.torture
def test_what_people_read_fits_their_terminal(town: Path) -> None:
    for ref in ("On python", "birds", "a sale", "deep/far.md", "News number 1"):
        done = shown(town, ref)
        assert (done.returncode, done.stderr) == (0, "")
        for line in done.stdout.splitlines():
            assert cell_len(line) <= 80 or len(line.split()) <= 2, line
            assert line == line.rstrip()
        assert "\x1b" not in done.stdout


def test_the_text_has_its_sections_in_order(town: Path) -> None:
    lines = shown(town, "On python").stdout.splitlines()
    assert lines[0] == "On python"
    headings = [line for line in lines if line and not line.startswith(" ")]
    count = f"In 7 of {len(feeds(story(town, 'On python')))} feeds"
    assert headings == ["On python", "Seen 2 times, as one entry", "Its category terms", count]
    told = " ".join(" ".join(lines).split())
    assert "link: source blog shows the same link" in told
    assert "python → Programming › Python config.yaml:15 (alias)" in told
    assert "uncategorized → nowhere config.yaml:17 (drop)" in told


def test_markup_in_a_title_is_shown_as_it_is(town: Path) -> None:
    assert shown(town, "birds").stdout.startswith("On [bold]birds[/] & :bird:\n")
    assert "Odds [and] ends" in shown(town, "On python").stdout


def test_v_lists_every_feed(town: Path) -> None:
    short, options = shown(town, "On python"), shown(town, "On python", "-v")
    assert options.stdout == on_terminal(town, "explain", "On python", "-v").stdout
    ids = set(feeds(story(town, "On python")))
    assert ids <= set(options.stdout.split())
    assert not ids <= set(short.stdout.split())


@pytest.mark.parametrize(
    ("environment", "colored"), [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)]
)
def test_no_color_is_honored(town: Path, environment: dict[str, str], colored: bool) -> None:
    assert ("\x1b[32m" in aggregator(town, "explain", "On python", **environment).stdout) == colored


@pytest.mark.torture
def test_a_post_that_expired_says_so(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "gone": "keep"}]
    planet.post("over.md", "---\ntitle: Over\nexpiryDate: 2026-11-23T12:30:00Z\n---\nWords.\n")
    planet.run()
    planet.run(NOON + HOUR)
    told = agrees(planet, NOON + HOUR)
    assert whys(told["Over"]) == {"gone: its post has expired (2026-11-23 13:00)"}
