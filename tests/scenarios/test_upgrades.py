"""What a newer version reads otherwise is no edit of its publisher's."""

from datetime import timedelta

import pytest

from aggregator.codec import digest
from aggregator.dedup.claimed_ids import ClaimedIds
from aggregator.dedup.moved_entries import MovedEntries
from aggregator.explain import explain
from aggregator.model.document import RawEntry
from aggregator.preview.dry_run import app_on_copy
from aggregator.preview.plan import plan
from aggregator.text.comparable_address import comparable_address
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.simulation import Simulation, story


def _without_page_base(draft: RawEntry, *_: str) -> RawEntry:
    return draft


@pytest.mark.torture
def test_a_picture_that_resolves_elsewhere_is_shown_without_being_an_edit(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {
        "title": "One",
        "link": "https://blog.example/2026/one/",
        "guid": "https://blog.example/2026/one/",
        "pubDate": "Fri, 20 Nov 2026 10:00:00 GMT",
        "description": '<p>One picture</p><img src="p.png">',
    }
    planet.config["sources"] = [{"url": upstream.serve("/blog/feed", rss(item)), "id": "blog"}]
    with monkeypatch.context() as older:
        older.setattr("aggregator.parse.feed.with_page_base", _without_page_base)
        planet.run()
    before = planet.atom().entries[0]
    assert f'src="{upstream.url("/blog/p.png")}"' in before.summary
    upstream.serve("/blog/feed", rss(item) + "\n")  # the same, asked anew
    planet.run(NOON + timedelta(hours=3), force=True)
    after = planet.atom().entries[0]
    assert 'src="https://blog.example/2026/one/p.png"' in after.summary
    assert (after.id, after.updated, after.published) == (before.id, before.updated, before.published)
    upstream.serve("/blog/feed", rss(item | {"description": '<p>Another text</p><img src="p.png">'}))
    planet.run(NOON + timedelta(hours=6), force=True)
    assert planet.atom().entries[0].updated > after.updated


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("in_the_same_run", [True, False])
def test_a_digest_of_another_form_makes_no_entry_an_edit(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, in_the_same_run: bool
) -> None:
    link = "https://blog.example/2026/one/"
    item = {"title": "One", "link": link, "guid": "1", "pubDate": "Fri, 20 Nov 2026 10:00:00 GMT"}
    item |= {"description": f'<p>Words with <a href="{link}#more">a link</a></p>'}
    planet.config["sources"] = [{"url": upstream.serve("/blog/feed", rss(item)), "id": "blog"}]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\n[Words](https://blog.example/)\n")
    with monkeypatch.context() as older:
        older.setattr("aggregator.clean.fingerprint._path", comparable_address)
        older.setattr("aggregator.clean.version.CLEANING_VERSION", 8)
        planet.run()
    before = [(entry.id, entry.updated) for entry in planet.atom().entries]
    if not in_the_same_run:
        assert planet.run(NOON + timedelta(hours=2)).entries.updated == 0
    flipped = {name: text.replace("blog.example", "soc.blog.example") for name, text in item.items()}
    upstream.serve("/blog/feed", rss(flipped))
    assert planet.run(NOON + timedelta(hours=3), force=True).entries.updated == 0
    assert [(entry.id, entry.updated) for entry in planet.atom().entries] == before
    assert planet.atom().entries[0].link == flipped["link"]


def _digest_of_older_head(head: object) -> str:
    return digest([head, "older"])


@pytest.mark.torture
def test_what_is_recorded_in_another_form_is_no_change_in_a_plan(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = {"title": "One", "link": "https://blog.example/1", "guid": "1", "description": "Words"}
    planet.config["sources"] = [{"url": upstream.serve("/blog/feed", rss(item)), "id": "blog"}]
    with monkeypatch.context() as older:
        older.setattr("aggregator.publish.select.digest", _digest_of_older_head)
        older.setattr("aggregator.publish.render_version._version", lambda _: "older")
        planet.run()
    before = planet.tree()
    with planet.app(NOON + timedelta(hours=1)) as app, app_on_copy(app) as preview:
        assert planet.runner.run(plan(preview, planet.pool)).feeds == ()
    planet.run(NOON + timedelta(hours=1))
    assert planet.tree() == before


def _believed(ids: ClaimedIds, *_: object) -> str:
    return ""


def _one(ids: ClaimedIds, *_: object) -> bool:
    return False


def _nothing(moved: MovedEntries) -> tuple[()]:
    return ()


@pytest.fixture
def older(simulation: Simulation, monkeypatch: pytest.MonkeyPatch) -> Simulation:
    """A state of a version that believed every id, and knew no move by title and date."""
    with monkeypatch.context() as before:
        before.setattr(ClaimedIds, "contradiction", _believed)
        before.setattr(ClaimedIds, "is_other_article", _one)
        before.setattr(MovedEntries, "rules", _nothing)
        page = "https://blog.example/changelog"
        log = [story(topic, age, title="v1.2", link=page, guid=page) for age, topic in enumerate(("one", "two"), 1)]
        simulation.shows("log", *log)
        for host in ("comic.example", "www.comic.example"):
            strips = [story(f"{n}", n, host=f"https://{host}", title=f"Strip {n}", description="") for n in (1, 2, 3)]
            simulation.shows("comic", *strips)
            simulation.run()
    return simulation


def problems_of(simulation: Simulation, ref: str) -> list[str]:
    with simulation.planet.app(simulation.now) as app:
        return [one.message for one in explain(app, ref).problems if one.kind == "match"]


@pytest.mark.torture
def test_nothing_that_stands_splits_or_joins_and_explain_says_what_would_be_decided_otherwise(
    older: Simulation,
) -> None:
    before = [(one.id, one.published, one.title) for one in older.planet.heads()]
    assert len(before) == 1 + 6
    for name in ("log", "comic"):
        document = older.upstream.pages[f"/{name}"][2]
        older.serves(name, document + b"\n")
    assert (older.run(), older.report.entries.updated) == ([], 0)
    assert [(one.id, one.published, one.title) for one in older.planet.heads()] == before
    [two] = problems_of(older, "v1.2")
    assert "today they would be two entries" in two
    for host in ("comic.example", "www.comic.example"):
        [one] = problems_of(older, f"https://{host}/2")
        assert "today they would be one" in one


def test_explain_finds_nothing_to_decide_otherwise_in_what_was_decided_today(simulation: Simulation) -> None:
    for host in ("comic.example", "www.comic.example"):
        strips = [story(f"{n}", n, host=f"https://{host}", title=f"Strip {n}", description="") for n in (1, 2, 3)]
        simulation.shows("comic", *strips)
        simulation.run()
    assert problems_of(simulation, "Strip 2") == []
