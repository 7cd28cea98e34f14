"""What users of aggregators complain about most, each with the behavior that they asked for."""

import hashlib

import pytest

from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, atom, dated, prose, story, without

# old posts flood back


def archive(count: int, **more: str) -> list[Item]:
    return [story(f"post-{n}", n, words=25, **more) for n in range(1, count + 1)]


@pytest.mark.torture
def test_230_posts_whose_guids_all_change_do_not_flood_back(simulation: Simulation) -> None:
    simulation.shows("blog", *archive(230, host="http://blog.example"))
    simulation.run()
    simulation.shows("blog", *(item | {"guid": f"urn:uuid:{n}"} for n, item in enumerate(archive(230))))
    assert (simulation.run(), simulation.report.entries.held, simulation.report.entries.new) == ([], 0, 0)


@pytest.mark.torture
def test_a_static_site_that_hashes_its_descriptions_for_guids_floods_nobody_at_a_new_build(
    simulation: Simulation,
) -> None:
    def built(footer: str) -> list[Item]:
        texts = [item["description"] + footer for item in archive(20)]
        guids = [hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
        return [
            item | {"description": text, "guid": guid}
            for item, text, guid in zip(archive(20), texts, guids, strict=True)
        ]

    simulation.shows("blog", *built("<p>Built with version 1.</p>"))
    simulation.run()
    for version in (2, 3):
        simulation.shows("blog", *built(f"<p>Built with version {version}.</p>"))
        assert simulation.run() == []


# planets and dates


@pytest.mark.torture
def test_a_source_without_dates_that_dates_its_document_anew_at_each_pull_stays_where_it_is(
    simulation: Simulation,
) -> None:
    items = [without(item, "pubDate") for item in archive(10)]
    for n in range(4):
        document = rss(*items).replace("<item>", f"<lastBuildDate>{dated(NOON + n * DAY)}</lastBuildDate><item>", 1)
        simulation.serves("blog", document)
        simulation.shows(
            "daily", *(story(f"daily-{i}", 1 - i) for i in range(n, -1, -1)), home="https://daily.example/"
        )
        new = simulation.run(DAY if n else HOUR)
        assert new == [f"About daily-{n}"] if n else len(new) == 11
    assert simulation.titles[:3] == ["About daily-3", "About daily-2", "About daily-1"]


def test_an_entry_dated_in_the_future_is_dated_when_it_was_first_seen_and_never_again(
    simulation: Simulation,
) -> None:
    """Neither now at each run, which would keep it on top, nor its claim when that comes."""
    simulation.shows("blog", story("launch", age=-3), story("old", 5))
    simulation.run()
    assert simulation.entry("About launch").published == "2026-11-23T12:00:00Z"
    for n in range(4):
        simulation.shows("blog", story(f"day-{n}", age=-n - 0.9), story("launch", age=-3), story("old", 5))
        simulation.run(DAY)
        assert simulation.titles[0] == f"About day-{n}"


@pytest.mark.torture
def test_a_video_whose_updated_moves_with_its_count_of_views_is_neither_edited_nor_moved(
    simulation: Simulation,
) -> None:
    video = {
        "id": "yt:video:1",
        "title": "A talk",
        "link": "https://video.example/1",
        "published": "2026-11-20T00:00:00Z",
    }
    for n in range(3):
        updated = {"updated": f"2026-11-2{1 + n}T10:00:00Z"}
        simulation.serves("video", atom(video | updated | {"content": f"<p>{prose('talk')}</p>"}))
        assert len(simulation.run(DAY)) == (n == 0)
        assert simulation.report.entries.updated == 0
    [entry] = simulation.entries
    assert (entry.published, entry.updated) == ("2026-11-20T00:00:00Z", "2026-11-21T10:00:00Z")


@pytest.mark.torture
def test_entries_that_are_all_dated_at_midnight_keep_their_order(simulation: Simulation) -> None:
    midnight = {"pubDate": "Mon, 23 Nov 2026 00:00:00 GMT"}
    items = [story(f"note-{n}") | midnight for n in range(4)]
    simulation.shows("blog", *items)
    simulation.run()
    simulation.shows("blog", story("late") | midnight, *items)
    simulation.run()
    assert simulation.titles == ["About late", *(f"About note-{n}" for n in range(4))]


# the same story in many feeds


@pytest.mark.torture
def test_one_article_in_the_feeds_of_three_sections_of_its_site_is_one_entry(simulation: Simulation) -> None:
    article = story("merger", host="https://paper.example")
    for section in ("front", "money", "city"):
        tracked = {"guid": f"{section}-1", "link": f"{article['link']}?utm_source={section}", "category": section}
        simulation.shows(section, article | tracked, home="https://paper.example/")
    assert simulation.run() == ["About merger"]
    assert set(simulation.planet.index()) == {"all", "front", "money", "city"}


def test_one_article_that_comes_to_the_second_feed_a_day_later_is_not_shown_again(simulation: Simulation) -> None:
    article = story("merger", host="https://paper.example")
    simulation.shows("front", article, home="https://paper.example/")
    simulation.shows("money", story("else", 3, host="https://paper.example"), home="https://paper.example/")
    simulation.run()
    simulation.shows("money", article | {"guid": "m-1", "title": "About merger | Money"}, home="https://paper.example/")
    assert (simulation.run(DAY), simulation.report.entries.duplicates) == ([], 1)


# different things that look alike


@pytest.mark.torture
def test_packages_that_are_all_called_updated_are_all_shown(simulation: Simulation) -> None:
    """One title and nearly one text for each; every other word is the package's name."""
    items = [
        story(f"pkg-{n}", n / 24, title="Package updated", description=f"{prose('updated', 50)} {prose(f'p{n}', 2)}")
        for n in range(8)
    ]
    simulation.shows("packages", *items)
    assert len(simulation.run()) == 8
    simulation.shows(
        "packages", story("pkg-9", -1 / 48, title="Package updated", description=prose("updated", 50)), *items[:-1]
    )
    assert simulation.run() == ["Package updated"]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("guid", ["", "0", "https://shop.example/"])
def test_a_shop_that_gives_one_guid_to_all_shows_all_and_edits_each(simulation: Simulation, guid: str) -> None:
    items = [story(f"offer-{n}", n, guid=guid) for n in range(1, 5)]
    simulation.shows("shop", *items)
    assert len(simulation.run()) == 4
    ids = simulation.planet.ids()
    items[1] |= {"description": prose("a better offer")}
    simulation.shows("shop", story("offer-9", -1 / 48, guid=guid), *items)
    assert simulation.run() == ["About offer-9"]
    assert (simulation.planet.ids()[1:], simulation.report.entries.updated) == (ids, 1)


@pytest.mark.torture
def test_two_blogs_with_a_post_called_hello_world_have_two(simulation: Simulation) -> None:
    for name in ("one", "two"):
        post = {"title": "Hello world!", "link": f"https://{name}.example/?p=1", "guid": "1"}
        simulation.shows(
            name, post | {"description": "Welcome. This is your first post."}, home=f"https://{name}.example/"
        )
    assert len(simulation.run()) == 2


# a policy for each source


def test_a_source_whose_guids_mean_nothing_is_known_by_its_links(simulation: Simulation) -> None:
    """Guid, title, text and date are others at each pull: nobody could guess, so the config says it."""
    for n in range(3):
        item = story("tram", title=prose(f"title {n}", 4), description=prose(f"text {n}"), guid=f"{n}")
        simulation.shows("city", item | {"pubDate": dated(NOON + n * HOUR)}, ids="link")
        assert len(simulation.run()) == (n == 0)
    assert simulation.report.entries.updated == 1


@pytest.mark.torture
def test_a_source_whose_links_mean_nothing_is_known_by_its_guids(simulation: Simulation) -> None:
    items = [
        story(f"talk-{n}", n, link="https://conf.example/", title="A talk", description="Slides") for n in range(3)
    ]
    simulation.shows("conf", *items, ids="guid")
    assert len(simulation.run()) == 3
    simulation.shows("conf", *(item | {"link": f"https://conf.example/?{n}"} for n, item in enumerate(items)))
    assert simulation.run() == []


# edits


def test_an_edit_reaches_the_feed_and_shows_no_reader_a_second_entry(simulation: Simulation) -> None:
    item = story("notice")
    for n, text in enumerate(("First version.", "Second version.", "Second version, corrected.")):
        simulation.shows("blog", item | {"description": f"<p>{text}</p>"})
        assert len(simulation.run()) == (n == 0)
        assert text in simulation.entry("About notice").summary
        assert simulation.report.entries.updated == (n > 0)
