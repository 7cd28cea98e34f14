"""Upstream feeds through to ours."""

from datetime import timedelta

import pytest

from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)


def entry(n: int, **more: str) -> dict[str, str]:
    return {
        "title": f"Entry {n}",
        "link": f"https://blog.example/{n}",
        "guid": f"https://blog.example/{n}",
        "pubDate": f"Mon, {n:02d} Nov 2026 08:00:00 GMT",
        "description": f"What entry number {n} says, in words of its own.",
    } | more


def subscribe(planet: Planet, *urls: str, **more: object) -> None:
    planet.config["sources"] = [{"url": url, "id": f"source-{i}"} | more for i, url in enumerate(urls)]


def test_entries_come_under_their_own_ids_with_their_source(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1), entry(2, category="Python|Web"))))
    report = planet.run()
    assert (report.sources.polled, report.sources.changed, report.entries.new) == (1, 1, 2)
    first, second = planet.atom().entries
    assert (first.id, second.id) == ("https://blog.example/2", "https://blog.example/1")
    assert first.source.title == "Upstream"
    assert [link.href for link in first.source.links if link.rel == "self"] == [upstream.url("/feed")]
    assert planet.index().keys() == {"all", "python", "web"}


def test_an_unchanged_source_is_answered_304_and_nothing_is_written(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))))
    planet.run()
    before = planet.tree()
    report = planet.run(NOON + HOUR, force=True)
    assert upstream.asked[-1][1]["if-none-match"] == upstream.pages["/feed"][1]["ETag"]
    assert (report.sources.unchanged, report.entries.new, report.feeds.written) == (1, 0, 0)
    assert planet.tree() == before


def test_how_content_is_treated_shows_at_once_and_is_no_edit(planet: Planet, upstream: Upstream) -> None:
    proxied = '<a href="https://proxy.example/?https://b.example/1">words</a>'
    subscribe(planet, upstream.serve("/feed", rss(entry(1, description=proxied))))
    planet.run()
    (before,) = planet.atom().entries
    planet.config["content"] = {"unwrap": ["https://proxy.example/?"]}
    planet.run(NOON + HOUR)
    (after,) = planet.atom().entries
    assert "proxy.example" in before.summary
    assert 'href="https://b.example/1"' in after.summary
    assert (after.id, after.updated) == (before.id, before.updated)


def test_a_source_that_is_not_due_is_not_pulled(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), every="2h")
    planet.run()
    assert planet.run(NOON + HOUR).sources.polled == 0
    assert len(upstream.asked) == 1
    assert planet.run(NOON + 2 * HOUR).sources.polled == 1


def test_max_age_is_respected_and_force_overrides_it(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1)), headers={"Cache-Control": "max-age=36000"}), every="1h")
    planet.run()
    assert planet.run(NOON + 9 * HOUR).sources.polled == 0
    assert planet.run(NOON + 9 * HOUR, force=True).sources.polled == 1


def test_retry_after_is_kept_to_even_by_force(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", b"later", status=503, headers={"Retry-After": "7200"}))
    report = planet.run()
    assert [(p.where, p.kind, p.transient) for p in report.problems] == [("source-0", "status", True)]
    assert planet.run(NOON + HOUR, force=True).sources.polled == 0
    assert planet.run(NOON + 3 * HOUR, force=True).sources.polled == 1


def test_only_what_is_new_is_new(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))))
    planet.run()
    before = planet.atom().entries[0]
    upstream.serve("/feed", rss(entry(2), entry(1)))
    report = planet.run(NOON + HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (1, 0)
    after = planet.atom().entries[1]
    assert (after.id, after.published, after.updated) == (before.id, before.published, before.updated)


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "not-a-feed"),
        (b"<!doctype html><title>Log in</title><form></form>", "not-a-feed"),
        (rss(entry(1)).encode()[:150], "parse"),
        (b"\x00\xff\xfe binary", "not-a-feed"),
    ],
)
def test_what_is_no_feed_is_a_fault_and_what_we_had_stays(
    planet: Planet, upstream: Upstream, body: bytes, kind: str
) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))))
    planet.run()
    before = planet.tree()
    upstream.serve("/feed", body)
    report = planet.run(NOON + HOUR, force=True)
    assert report.sources.failed == 1 or kind == "parse"
    assert kind in {problem.kind for problem in report.problems}
    after = planet.tree()
    differs = {path for path in before if before[path] != after.get(path)}
    assert differs <= {"index.html"}  # where the source is listed with what ails it
    assert after.keys() == before.keys()
    upstream.serve("/feed", rss(entry(1)))
    assert planet.run(NOON + 30 * HOUR, force=True).entries.new == 0
    assert planet.tree() == before


def test_a_cut_off_document_takes_nothing_away(planet: Planet, upstream: Upstream) -> None:
    whole = rss(*(entry(n) for n in (3, 2, 1)))
    subscribe(planet, upstream.serve("/feed", whole))
    planet.run()
    before = planet.tree()
    upstream.serve("/feed", whole[: whole.index("Entry 1") - 10])
    planet.run(NOON + HOUR, force=True)
    assert planet.tree() == before


def test_a_source_that_fails_does_not_stop_the_others(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.url("/nothing"), upstream.serve("/feed", rss(entry(1))))
    report = planet.run()
    assert (report.sources.failed, report.sources.changed) == (1, 1)
    assert planet.titles() == ["Entry 1"]


def test_private_addresses_are_refused_unless_opened(planet: Planet, upstream: Upstream) -> None:
    del planet.config["fetch"]["allow_networks"]
    subscribe(planet, upstream.serve("/feed", rss(entry(1))))
    report = planet.run()
    assert [problem.kind for problem in report.problems] == ["forbidden-address"]
    assert upstream.asked == []


@pytest.mark.torture
def test_undated_entries_of_a_first_pull_lie_a_day_apart_below_the_others(planet: Planet, upstream: Upstream) -> None:
    undated = [{"title": f"Undated {n}", "link": f"https://x.example/{n}", "description": f"{n}"} for n in range(50)]
    subscribe(planet, upstream.serve("/a", rss(entry(22), title="A")), upstream.serve("/b", rss(*undated, title="B")))
    planet.run()
    assert planet.titles()[:4] == ["Undated 0", "Undated 1", "Entry 22", "Undated 2"]
    upstream.serve("/b", rss({"title": "New", "link": "https://x.example/new"}, *undated, title="B"))
    planet.run(NOON + HOUR, force=True)
    newest = planet.atom().entries[0]
    assert (newest.title, newest.published) == ("New", "2026-11-23T13:00:00Z")


def test_changed_guids_publish_nothing_again(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(*(entry(n) for n in (3, 2, 1)))))
    planet.run()
    ids = planet.ids()
    upstream.serve("/feed", rss(*(entry(n, guid=f"urn:new:{n}") for n in (3, 2, 1))))
    report = planet.run(NOON + HOUR, force=True)
    assert (report.entries.new, report.entries.updated) == (0, 0)
    assert planet.ids() == ids


def test_one_story_on_two_sources_is_one_entry(planet: Planet, upstream: Upstream) -> None:
    subscribe(
        planet,
        upstream.serve("/a", rss(entry(1, category="One"), title="A")),
        upstream.serve("/b", rss(entry(1, guid="b-1", category="Two"), title="B")),
    )
    report = planet.run()
    assert (report.entries.new, report.entries.duplicates) == (1, 1)
    assert planet.index().keys() == {"all", "one", "two"}


@pytest.mark.torture
def test_two_link_blogs_that_point_at_one_article_are_two_entries(planet: Planet, upstream: Upstream) -> None:
    there = "https://news.example/story"
    one = {"title": "My thoughts on the story", "link": there, "guid": "a1", "description": "I like it very much."}
    two = {"title": "A thing that I read", "link": there, "guid": "b1", "description": "It left me cold, frankly."}
    subscribe(
        planet,
        upstream.serve("/a", rss(one, title="A", link="https://a.example/")),
        upstream.serve("/b", rss(two, title="B", link="https://b.example/")),
    )
    assert planet.run().entries.new == 2


def test_an_id_taken_by_another_source_is_not_given_twice(planet: Planet, upstream: Upstream) -> None:
    mine = entry(1)
    thief = entry(1, title="Not that", link="https://thief.example/", description="Something entirely different here.")
    subscribe(planet, upstream.serve("/a", rss(mine)), upstream.serve("/b", rss(thief, link="https://thief.example/")))
    planet.run()
    entries = {entry.title: entry for entry in planet.atom().entries}
    assert entries["Entry 1"].id == "https://blog.example/1"
    assert entries["Not that"].id.startswith("tag:planet.example,2026-11-23:source-1/")
    assert entries["Entry 1"].summary.startswith("What entry number 1 says")


@pytest.mark.torture
def test_a_source_taken_out_leaves_and_comes_back_under_the_same_ids(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/a", rss(entry(1))), upstream.serve("/b", rss(entry(2), title="B")))
    planet.run()
    tree, sources = planet.tree(), planet.config["sources"]
    planet.config["sources"] = sources[1:]
    planet.run(NOON + HOUR)
    assert planet.titles() == ["Entry 2"]
    planet.config["sources"] = sources
    planet.run(NOON + 2 * HOUR)
    assert planet.tree() == tree


def test_a_renamed_source_shows_nothing_again(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1), {"title": "No id", "description": "Only words here."})))
    planet.run()
    ids = planet.ids()
    planet.config["sources"][0]["id"] = "another-name"
    report = planet.run(NOON + HOUR, force=True)
    assert (planet.ids(), report.entries.new, report.sources.unchanged) == (ids, 0, 1)


@pytest.mark.torture
def test_the_state_alone_brings_categories_up_to_a_changed_config(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1, category="python3"))), every="1d")
    planet.run()
    assert "python3" in planet.index()
    planet.config["categories"] = {"aliases": {"Programming/Python": ["py*"]}}
    report = planet.run(NOON + HOUR)
    assert planet.index().keys() == {"all", "programming", "programming/python"}
    assert (report.entries.updated, report.sources.polled) == (0, 0)


def test_a_local_feed_file_is_a_source(planet: Planet) -> None:
    (planet.root / "local.xml").write_text(rss(entry(1)))
    planet.config["sources"] = [{"url": "local.xml", "id": "local"}]
    assert planet.run().entries.new == 1
    assert planet.run(NOON + HOUR, force=True).sources.unchanged == 1


def test_include_and_exclude_decide_what_is_let_in(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(*(entry(n) for n in (3, 2, 1)))), exclude=[{"title": "2$"}])
    planet.run()
    assert planet.titles() == ["Entry 3", "Entry 1"]
    del planet.config["sources"][0]["exclude"]
    planet.run(NOON + HOUR)
    assert planet.titles() == ["Entry 3", "Entry 2", "Entry 1"]


def test_a_source_with_secrets_is_not_published_by_accident(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), auth="bearer s3cret")
    planet.run()
    assert upstream.asked[0][1]["authorization"] == "Bearer s3cret"
    assert planet.titles() == []
    planet.config["sources"][0]["publish"] = True
    planet.run(NOON + HOUR)
    assert planet.titles() == ["Entry 1"]


@pytest.mark.torture
def test_source_cap_limit_and_window_bound_a_feed(planet: Planet, upstream: Upstream) -> None:
    many = [entry(n) for n in range(20, 0, -1)]
    subscribe(
        planet,
        upstream.serve("/a", rss(*many)),
        upstream.serve("/b", rss(entry(22, guid="b", link="https://b.example/1"))),
    )
    planet.config["feeds"] = {"limit": 5, "source_cap": 3, "window": "1s"}
    planet.run()
    assert planet.titles() == ["Entry 22", "Entry 20", "Entry 19", "Entry 18"]
    planet.config["feeds"] = {"limit": 5, "window": "49h", "archive": 5}
    planet.run(NOON + HOUR)
    assert len(planet.titles()) == 5
    planet.config["feeds"] = {"limit": 2, "window": "100h", "archive": 2}
    planet.run(NOON + HOUR)
    assert planet.titles() == ["Entry 22", "Entry 20", "Entry 19", "Entry 18"]


def test_feeds_for_sources_extras_and_depth(planet: Planet, upstream: Upstream) -> None:
    subscribe(
        planet, upstream.serve("/a", rss(entry(1, category="AI"), entry(2, category="Jobs"))), categories=["A/B/C/D"]
    )
    planet.config["feeds"] = {
        "per_source": True,
        "depth": 2,
        "extra": [{"id": "both", "title": "No jobs", "any": ["A/B"], "none": ["Jobs"]}],
    }
    planet.run()
    assert planet.index().keys() == {"all", "both", "a", "a/b", "ai", "jobs", "source/source-0"}
    assert planet.titles("both") == ["Entry 1"]
    assert planet.index()["both"]["title"] == "No jobs"


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("policy", "shown"), [("full", True), ("excerpt", False), ("link", False)])
def test_republish_shows_no_more_than_the_source_lets(
    planet: Planet, upstream: Upstream, policy: str, shown: bool
) -> None:
    words = "word " * 200 + "the end"
    subscribe(planet, upstream.serve("/feed", rss(entry(1, description=words))), republish=policy)
    planet.run()
    text = (planet.root / "feeds/all/feed.json").read_text()
    assert ("the end" in text) is shown
    assert ("word word" in text) is (policy != "link")


def test_nothing_that_runs_comes_through_from_what_a_source_says_of_itself(planet: Planet, upstream: Upstream) -> None:
    evil = "javascript:alert(1)"
    about = (
        f"<title>&lt;script&gt;alert(1)&lt;/script&gt;Name</title><link>{evil}</link><description>d</description>"
        f"<image><url>{evil}</url><title>i</title><link>{evil}</link></image><docs>{evil}</docs>"
    )
    item = (
        f"<item><title>One</title><link>{evil}</link><guid>{evil}</guid><category domain='{evil}'>c</category></item>"
    )
    subscribe(planet, upstream.serve("/feed", f'<rss version="2.0"><channel>{about}{item}</channel></rss>'))
    planet.config["feeds"] = {"per_source": True}
    assert planet.run().entries.new == 1
    for name in planet.tree():
        text = (planet.root / "feeds" / name).read_text(encoding="utf-8").lower()
        assert 'href="javascript' not in text, name
        assert "<script" not in text or name.endswith(".json"), name
        if name.endswith(".json"):
            assert '"javascript' not in text, name


@pytest.mark.torture
def test_why_a_sighting_is_of_its_entry_is_remembered(planet: Planet, upstream: Upstream) -> None:
    subscribe(
        planet,
        upstream.serve("/a", rss(entry(1), title="A")),
        upstream.serve("/b", rss(entry(1, guid="b-1"), title="B")),
    )
    planet.run()
    with planet.app() as app, app.store.read() as tx:
        first, second = tx.sightings.of_entries(tx.entries.ids(0, 10))
    assert (first.matched_by, first.reason) == ("new", "nothing known is like it")
    assert (second.matched_by, second.matched_to) == ("link", first.id)
    assert second.reason.startswith("source source-0 shows the same link, ")
