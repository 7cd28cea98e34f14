"""Formats that are added and dropped: sealed pages stay as they are, and no archive begins anew."""

from typing import Any

import pytest

from aggregator.codec import digest, frozen_text
from aggregator.errors import OutputError
from aggregator.maintenance.prune import prune
from aggregator.publish.later_formats import LaterFormats
from aggregator.store.feed_members import FeedFilter
from tests.scenarios.test_archives import SITE, Past, item, names
from tests.support.planet import Planet, Upstream
from tests.support.simulation import DAY


@pytest.fixture
def past(planet: Planet, upstream: Upstream) -> Past:
    """Sixty-five entries, of which sixty fill three pages, as Atom."""
    one = Past(planet, upstream)
    one.run(*map(item, range(65)))
    return one


def publish(past: Past, *formats: str) -> Any:
    """With these formats, which archives have, too."""
    past.planet.config["feeds"] |= {"formats": list(formats), "archive_formats": [*formats, "html"]}
    return past.run()


def all_titles(past: Past, form: str) -> set[str]:
    return {title for document in past.titles(form=form) for title in document}


@pytest.mark.torture
def test_an_added_format_leads_back_to_the_first_entry(past: Past) -> None:
    sealed = past.sealed()
    publish(past, "atom", "rss", "json")
    after = past.sealed()
    assert sealed.items() <= after.items()
    assert len(after) == 2 * len(sealed)
    assert all_titles(past, "rss") == all_titles(past, "atom") == set(names(range(65)))
    places = [address for address, _ in past.walk(form="rss")]
    assert places == [f"{SITE}all/rss.xml", *(f"{SITE}all/archive/1/{n}/rss.xml" for n in (3, 2, 1))]
    tree = past.planet.tree()
    past.run()
    assert past.planet.tree() == tree


@pytest.mark.torture
def test_a_dropped_format_keeps_its_sealed_pages(past: Past) -> None:
    publish(past, "atom", "rss")
    sealed = past.sealed()
    publish(past, "atom")
    assert past.sealed() == sealed
    assert "all/rss.xml" not in past.planet.tree()
    past.run(*map(item, range(65, 85)))
    new = past.sealed().keys() - sealed.keys()
    assert {path.rpartition("/")[2] for path in new} == {"atom.xml", "index.html"}


@pytest.mark.torture
def test_a_format_that_returns_gets_the_pages_that_were_sealed_without_it(past: Past) -> None:
    publish(past, "rss")
    past.run(*map(item, range(65, 85)))
    sealed = past.sealed()
    publish(past, "rss", "atom")
    assert sealed.items() <= past.sealed().items()
    assert all_titles(past, "atom") == all_titles(past, "rss") == set(names(range(85)))


@pytest.mark.torture
def test_pages_are_made_whole_by_the_run_after_one_that_was_cut_off(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    complete = LaterFormats._complete

    def fail(self: LaterFormats, *of: Any) -> Any:
        made.append(of)
        if len(made) > 2:
            raise OutputError("cut off")
        return complete(self, *of)

    monkeypatch.setattr(LaterFormats, "_complete", fail)
    monkeypatch.setattr("aggregator.publish.later_formats.is_enough", bool)
    with pytest.raises(OutputError, match="cut off"):
        publish(past, "atom", "rss")
    monkeypatch.undo()
    past.run()
    assert all_titles(past, "rss") == set(names(range(65)))


@pytest.mark.torture
def test_what_is_taken_down_is_in_no_format_that_ever_was(past: Past) -> None:
    publish(past, "atom", "rss", "json")
    publish(past, "atom")
    past.keep("remove", "https://blog.example/6")
    past.run()
    assert past.holds("in the words of 6.") == []


@pytest.mark.torture
def test_entries_whose_content_was_pruned_stand_in_an_added_format(past: Past) -> None:
    past.planet.config["retention"] = "30d"
    past.now += 60 * DAY
    with past.planet.app(past.now) as app:
        assert prune(app, past.now).entries
    publish(past, "atom", "rss")
    assert all_titles(past, "rss") == set(names(range(65)))
    assert b"in the words of 6." in past.read(f"{SITE}all/archive/1/1/rss.xml")


def of_before(site_url: str, members: FeedFilter) -> str:
    """The digest that the version before stored, with the formats of these tests."""
    return digest([site_url, ["atom"], frozen_text("Members", members)])


@pytest.mark.torture
@pytest.mark.parametrize("formats", [["atom"], ["atom", "json"], ["rss"]])
def test_an_upgrade_begins_no_archive_anew(
    planet: Planet, upstream: Upstream, monkeypatch: pytest.MonkeyPatch, formats: list[str]
) -> None:
    past = Past(planet, upstream)
    planet.config["feeds"] |= {"per_source": True, "extra": [{"id": "odd", "any": ["news"], "none": ["jobs"]}]}
    with monkeypatch.context() as older:
        older.setattr("aggregator.publish.archive_state.settings_digest", of_before)
        past.run(*map(item, range(65)))
    before, tree = past.sealed(), planet.tree()
    publish(past, *formats)
    assert before.items() <= past.sealed().items()
    assert planet.index()["odd"]["archive"]["newest"] == "odd/archive/1/1/"
    if formats == ["atom"]:
        assert planet.tree() == tree
    form = "rss" if formats == ["rss"] else "atom"
    assert all_titles(past, form) == set(names(range(65)))
