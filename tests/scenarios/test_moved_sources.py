"""The address of a source is edited in the config: its entries keep their ids, and nothing is news again."""

from typing import Any

import pytest

from tests.support.corpus import REPORTS
from tests.support.planet import NOON
from tests.support.simulation import DAY, Item, Simulation, dated, prose


def posts(numbers: range, *, host: str = "https://old.example", words: int = 25) -> list[Item]:
    """Short posts whose ids and links name the host that they stand at, newest first."""
    return [
        {
            "title": f"About {prose(str(n), 2)}",
            "guid": f"{host}/?p={n}",
            "link": f"{host}/?p={n}",
            "pubDate": dated(NOON - 100 * DAY + n * DAY),
            "description": prose(f"short {n}", words),
        }
        for n in reversed(numbers)
    ]


def elsewhere(items: list[Item], **more: str) -> list[Item]:
    """The same at a new host, under other paths."""
    moved = []
    for item in items:
        link = f"https://new.example/posts/{item['guid'].rpartition('=')[2]}/"
        moved.append(item | {"guid": link, "link": link} | more)
    return moved


def replaced(simulation: Simulation, name: str, *items: Item, **config: Any) -> list[str]:
    """The titles that are new after the one source of the config was replaced by this one."""
    simulation.planet.config["sources"] = []
    add(simulation, name, *items, **config)
    return simulation.run()


def add(simulation: Simulation, name: str, *items: Item, **config: Any) -> None:
    simulation.shows(name, *items, home="https://new.example/")
    source = simulation.planet.config["sources"][-1]
    source |= config
    if "id" not in config:
        del source["id"]


@pytest.fixture
def blog(simulation: Simulation) -> Simulation:
    add(simulation, "old", *posts(range(1, 13)))
    simulation.run()
    return simulation


def test_a_source_with_a_new_address_keeps_its_entries(blog: Simulation) -> None:
    before = blog.planet.ids()
    new = [one["title"] for one in posts(range(13, 15))]
    assert replaced(blog, "new", *elsewhere(posts(range(3, 15)))) == new
    assert set(before) < set(blog.planet.ids())
    assert len(blog.entries) == 14
    [problem] = [one for one in blog.report.problems if one.kind == "moved"]
    assert "takes over the entries of 127-0-0-1" in problem.message
    assert "10 of the 12" in problem.message
    assert "by title and date" in problem.message
    assert blog.run() == []


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("words", [0, 25])
def test_posts_without_text_move_by_title_and_date(simulation: Simulation, words: int) -> None:
    add(simulation, "old", *posts(range(1, 5), words=words))
    simulation.run()
    replaced(simulation, "new", *elsewhere(posts(range(1, 5), words=words)))
    assert [one.kind for one in simulation.report.problems] == ["moved"]


@pytest.mark.torture
@pytest.mark.parametrize("count", [5, 6])
def test_half_of_the_entries_have_to_agree(blog: Simulation, count: int) -> None:
    replaced(blog, "new", *elsewhere(posts(range(13 - count, 13))), *elsewhere(posts(range(20, 30))))
    assert is_taken_over(blog) is (count == 6)


def is_taken_over(simulation: Simulation) -> bool:
    return any(one.kind == "moved" for one in simulation.report.problems)


def test_what_imitates_a_source_that_is_still_configured_takes_nothing(blog: Simulation) -> None:
    before = [(entry.id, entry.link) for entry in blog.entries]
    add(blog, "new", *elsewhere(posts(range(1, 13))))
    blog.run()
    assert not is_taken_over(blog)
    assert set(before) <= {(entry.id, entry.link) for entry in blog.entries}


IMITATIONS: dict[str, dict[str, str]] = {
    "titles alone": {"pubDate": dated(NOON)},
    "titles and dates of other texts": {"description": prose("casino", 25)},
    "dates and texts under one title": {"title": "Untitled"},
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("more", IMITATIONS.values(), ids=IMITATIONS)
def test_what_only_looks_like_a_source_that_left_takes_nothing(blog: Simulation, more: dict[str, str]) -> None:
    before = blog.planet.ids()
    replaced(blog, "new", *elsewhere(posts(range(1, 13)), **more))
    assert not is_taken_over(blog)
    assert not set(before) & set(blog.planet.ids())


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("title", ["Untitled", "2026-10-01", "3 March 2026", "(no title)", "无标题"])
def test_generic_titles_count_for_nothing(simulation: Simulation, title: str) -> None:
    add(simulation, "old", *posts(range(1, 2)))
    simulation.planet.config["sources"] = []
    add(simulation, "old", *(one | {"title": title} for one in posts(range(1, 2))))
    simulation.run()
    replaced(simulation, "new", *(one | {"title": title} for one in elsewhere(posts(range(1, 2)))))
    assert not is_taken_over(simulation)


@pytest.mark.torture
def test_a_title_that_a_source_repeats_counts_for_nothing(simulation: Simulation) -> None:
    links = {"title": "Links", "pubDate": dated(NOON - DAY)}
    add(simulation, "old", *(one | links for one in posts(range(1, 5))))
    simulation.run()
    replaced(simulation, "new", *(one | links for one in elsewhere(posts(range(1, 5)))))
    assert not is_taken_over(simulation)


@pytest.mark.torture
def test_ids_that_are_positions_count_for_nothing(simulation: Simulation) -> None:
    """Two unrelated sources number their entries from 0."""
    add(simulation, "old", *(one | {"guid": str(n)} for n, one in enumerate(posts(range(1, 7)))))
    simulation.run()
    others = [one | {"guid": str(n)} for n, one in enumerate(elsewhere(posts(range(20, 26))))]
    assert len(replaced(simulation, "new", *others)) == 6
    assert not is_taken_over(simulation)


@pytest.mark.torture
def test_a_source_with_an_id_of_its_own_is_another_source(blog: Simulation) -> None:
    replaced(blog, "new", *elsewhere(posts(range(1, 13))), id="another")
    assert not is_taken_over(blog)


@pytest.mark.torture
def test_a_source_that_moves_twice_keeps_its_entries(blog: Simulation) -> None:
    before = blog.planet.ids()
    replaced(blog, "new", *elsewhere(posts(range(1, 13))))
    replaced(blog, "newer", *posts(range(1, 13), host="https://newer.example"))
    assert blog.planet.ids() == before


@pytest.mark.torture
@pytest.mark.skipif(not (REPORTS / "move-short-old.xml").exists(), reason="no reports beside the repository")
def test_a_blog_of_short_posts_that_moved_from_one_host_to_another(simulation: Simulation) -> None:
    for name in ("old", "new"):
        simulation.serves(name, (REPORTS / f"move-short-{name}.xml").read_bytes())
        simulation.planet.config["sources"] = [{"url": simulation.upstream.url(f"/{name}")}]
        new = simulation.run()
    assert len(new) == 2
    assert len(simulation.entries) == 17
