"""`db prune --formats`."""

import json

import pytest

from tests.commands.test_cli import aggregator
from tests.scenarios.test_archives import SITE, Past, item, names
from tests.support.planet import Planet, Upstream

EVERY = ["atom", "rss", "json", "html"]


@pytest.fixture
def past(planet: Planet, upstream: Upstream) -> Past:
    """Three pages of each feed, sealed in every format; then two formats are enough."""
    one = Past(planet, upstream)
    del planet.config["feeds"]["formats"]
    planet.config["feeds"]["archive_formats"] = EVERY
    one.run(*map(item, range(65)))
    planet.config["feeds"]["archive_formats"] = ["atom", "html"]
    one.run()
    return one


def prune(past: Past, *words: str, status: int = 0) -> tuple[str, str]:
    done = aggregator(past.planet.root, "db", "prune", "--formats", *words, AGGREGATOR_NOW=past.now.isoformat())
    assert done.returncode == status, done.stderr
    return done.stdout, done.stderr


@pytest.mark.torture
def test_it_shows_what_it_would_delete(past: Past) -> None:
    tree = past.planet.tree()
    shown, said = prune(past, "--dry-run")
    assert [line.partition(",")[0] for line in shown.splitlines()] == [
        "feed.json: 5 archive pages",
        "rss.xml: 5 archive pages",
    ]
    assert "--dry-run" in said
    counted = json.loads(prune(past, "--dry-run", "--json")[0])
    assert (counted["formats"]["rss.xml"]["files"], counted["deleted"], counted["dry_run"]) == (5, False, True)
    assert past.planet.tree() == tree


@pytest.mark.torture
def test_it_deletes_them_and_nothing_else(past: Past) -> None:
    before = past.planet.tree()
    said = prune(past)[1]
    assert said.startswith("deleted 10 files, ")
    gone = {path for path in past.sealed() | before if "/archive/" in path and path.endswith(("rss.xml", "feed.json"))}
    assert past.planet.tree() == {path: one for path, one in before.items() if path not in gone}
    assert "nothing to delete" in prune(past)[1]
    past.run()
    assert past.planet.tree().keys() == before.keys() - gone
    assert past.everything() == set(names(range(65)))
    assert [address for address, _ in past.walk(form="rss")] == [f"{SITE}all/rss.xml"]


@pytest.mark.torture
def test_a_format_that_returns_is_made_again(past: Past) -> None:
    prune(past)
    past.planet.config["feeds"]["archive_formats"] = EVERY
    past.run()
    assert {title for document in past.titles(form="rss") for title in document} == set(names(range(65)))


@pytest.mark.torture
def test_a_choice_that_is_not_published_yet_is_refused(past: Past) -> None:
    """The documents in the tree still name what it would delete."""
    past.planet.config["feeds"]["archive_formats"] = ["html"]
    with past.planet.app(past.now):
        pass  # the config is written
    assert "aggregator run" in prune(past, status=2)[1]


@pytest.mark.torture
def test_what_a_feed_that_is_not_published_yet_names_is_not_deleted(past: Past) -> None:
    past.planet.config["feeds"]["archive_formats"] = EVERY
    past.run()
    past.planet.config["feeds"]["archive_formats"] = ["atom", "html"]
    past.planet.regenerate(past.now, "news")
    assert [address for address, _ in past.walk(form="rss")] != [f"{SITE}all/rss.xml"]
    assert "aggregator run" in prune(past, status=2)[1]
    past.run()
    assert prune(past)[1].startswith("deleted ")


@pytest.mark.torture
def test_a_lost_file_of_a_pruned_page_is_restored(past: Past) -> None:
    prune(past)
    before = past.sealed()
    for path in before:
        (past.planet.root / "feeds" / path).unlink()
    past.run()
    assert past.sealed() == before


@pytest.mark.torture
def test_deleting_that_was_cut_off_goes_on(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that left the tree before the state forgot it is written again, and pruned the next time."""
    from aggregator.maintenance import prune_formats
    from aggregator.store.retention import Retention

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    before = past.planet.tree()
    with monkeypatch.context() as cut:
        cut.setattr(Retention, "rewrite_page", fail)
        with past.planet.app(past.now) as app, pytest.raises(KeyboardInterrupt):
            prune_formats.prune_formats(app)
    assert past.planet.tree() != before
    past.run()
    assert past.planet.tree() == before
    prune(past)
    assert {path.rpartition("/")[2] for path in past.sealed()} == {"atom.xml", "index.html"}
