"""Runs after which nothing but due sources could bring something: which stages they need."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from aggregator import pipeline, pull_first
from aggregator.codec import from_json
from aggregator.one_shot.batch import RunOptions
from aggregator.one_shot.idle_run import WHOLE_RUN_AFTER, NothingToDo
from aggregator.pull.claim import PullScope
from aggregator.pull.feeds import pull_sources
from aggregator.report import Report
from aggregator.store.fact_names import NOTHING_TO_DO
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR = timedelta(hours=1)
ONE, TWO = ({"title": name, "guid": f"https://x.example/{name}"} for name in ("one", "two"))


@pytest.fixture
def published(planet: Planet, upstream: Upstream) -> Planet:
    """Two sources and two posts, one with a date that cannot be read, published at NOON."""
    urls = [upstream.serve(path, rss(ONE | {"guid": f"https://x.example{path}"})) for path in ("/a", "/b")]
    planet.config["sources"] = [{"id": f"s{n}", "url": url} for n, url in enumerate(urls)]
    planet.post("a.md", "---\ntitle: A\ndate: 2026-11-01\n---\nText\n")
    planet.post("b.md", "---\ntitle: B\ndate: someday\n---\nText")
    planet.is_settled = False  # no test changes the state by the way
    planet.run()
    return planet


def known(planet: Planet) -> NothingToDo:
    with planet.app() as app, app.store.read() as tx:
        return from_json(tx.facts.get(NOTHING_TO_DO), NothingToDo)


def is_whole(planet: Planet, at: datetime) -> bool:
    """Whether the run at that time needed all stages."""
    return known(planet).whole_at == at


def test_the_same_answers_need_no_other_stage(published: Planet) -> None:
    report = published.run(NOON + HOUR, force=True)
    assert (known(published).whole_at, known(published).at) == (NOON, NOON + HOUR)
    with published.app(NOON + 2 * HOUR) as app:
        whole = published.runner.run(pipeline.run(app, published.pool, RunOptions(force=True)))
    assert replace(report, seconds=0.0).as_json() == replace(whole, seconds=0.0).as_json()
    assert (report.sources.unchanged, report.posts.read, len(report.problems)) == (2, 2, 1)
    assert is_whole(published, NOON + 2 * HOUR)


def test_a_new_entry_is_merged_and_published(published: Planet, upstream: Upstream) -> None:
    upstream.serve("/b", rss(TWO))
    report = published.run(NOON + HOUR, force=True)
    assert (report.entries.new, report.sources.polled, report.posts.read) == (1, 2, 2)
    assert "two" in published.titles()
    assert is_whole(published, NOON + HOUR)


def test_a_failure_and_its_end_are_news_and_the_next_failure_is_none(published: Planet, upstream: Upstream) -> None:
    upstream.serve("/b", "", status=500)
    for hours, is_news in ((1, True), (2, False)):
        report = published.run(NOON + hours * HOUR, force=True)
        assert [(one.where, one.kind) for one in report.problems if one.kind == "status"] == [("s1", "status")]
        assert is_whole(published, NOON + hours * HOUR) is is_news
    upstream.serve("/b", rss(ONE | {"guid": "https://x.example/b"}))
    published.run(NOON + 3 * HOUR, force=True)
    assert is_whole(published, NOON + 3 * HOUR)


def test_a_source_that_asks_not_to_be_republished_leaves_at_once(published: Planet, upstream: Upstream) -> None:
    same = rss(ONE | {"guid": "https://x.example/b"})
    upstream.serve("/b", same, headers={"X-Robots-Tag": "noindex"})
    published.run(NOON + HOUR, force=True)
    assert "https://x.example/b" not in published.ids()
    assert is_whole(published, NOON + HOUR)


def test_an_address_that_is_settled_needs_all_stages(published: Planet, upstream: Upstream) -> None:
    upstream.serve("/b", rss(TWO))
    for hours, needs_all in ((12, True), (13, False), (24, True)):
        published.run(NOON + hours * HOUR, force=True)
        assert is_whole(published, NOON + hours * HOUR) is needs_all


def test_all_stages_run_once_a_day(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"id": "s", "url": upstream.serve("/a", rss(ONE))}]
    planet.run()
    planet.run(NOON + HOUR, force=True)  # addresses are settled from here on
    for time, needs_all in ((2 * HOUR, False), (HOUR + WHOLE_RUN_AFTER, True)):
        planet.run(NOON + time, force=True)
        assert is_whole(planet, NOON + time) is needs_all


def test_what_a_killed_run_pulled_is_merged_by_the_next(published: Planet, upstream: Upstream) -> None:
    upstream.serve("/b", rss(TWO))
    with published.app(NOON + HOUR) as app:
        published.runner.run(pull_sources(app, published.pool, NOON + HOUR, Report(), PullScope(force=True)))
    assert published.run(NOON + 2 * HOUR, force=True).entries.new == 1


def test_a_record_of_another_revision_is_not_believed(published: Planet) -> None:
    stale = replace(known(published), revision=1)
    with published.app(NOON + HOUR) as app:
        published.runner.run(pull_first.run(app, published.pool, RunOptions(force=True), stale))
    assert is_whole(published, NOON + HOUR)
