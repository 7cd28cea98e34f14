"""What users of aggregators complain about most, each in a scene with the answer that they asked for."""

import hashlib

import pytest

from tests.support.planet import NOON, rss
from tests.support.scenes import DAY, HOUR, Item, Scene, atom, dated, prose, story, without

# old posts flood back


def archive(count: int, **more: str) -> list[Item]:
    return [story(f"post-{n}", n, words=25, **more) for n in range(1, count + 1)]


def test_230_posts_whose_guids_all_change_do_not_flood_back(document_state: Scene) -> None:
    document_state.shows("blog", *archive(230, host="http://blog.example"))
    document_state.run()
    document_state.shows("blog", *(item | {"guid": f"urn:uuid:{n}"} for n, item in enumerate(archive(230))))
    assert (document_state.run(), document_state.report.entries.held, document_state.report.entries.new) == ([], 0, 0)


def test_a_static_site_that_hashes_its_descriptions_for_guids_floods_nobody_at_a_new_build(
    document_state: Scene,
) -> None:
    def built(footer: str) -> list[Item]:
        texts = [item["description"] + footer for item in archive(20)]
        guids = [hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest() for text in texts]
        return [
            item | {"description": text, "guid": guid}
            for item, text, guid in zip(archive(20), texts, guids, strict=True)
        ]

    document_state.shows("blog", *built("<p>Built with version 1.</p>"))
    document_state.run()
    for version in (2, 3):
        document_state.shows("blog", *built(f"<p>Built with version {version}.</p>"))
        assert document_state.run() == []


# planets and dates


def test_a_source_without_dates_that_dates_its_document_anew_at_each_pull_stays_where_it_is(
    document_state: Scene,
) -> None:
    items = [without(item, "pubDate") for item in archive(10)]
    for n in range(4):
        document = rss(*items).replace("<item>", f"<lastBuildDate>{dated(NOON + n * DAY)}</lastBuildDate><item>", 1)
        document_state.serves("blog", document)
        document_state.shows(
            "daily", *(story(f"daily-{i}", 1 - i) for i in range(n, -1, -1)), home="https://daily.example/"
        )
        new = document_state.run(DAY if n else HOUR)
        assert new == [f"About daily-{n}"] if n else len(new) == 11
    assert document_state.titles[:3] == ["About daily-3", "About daily-2", "About daily-1"]


def test_an_entry_dated_in_the_future_is_dated_when_it_was_first_seen_and_never_again(document_state: Scene) -> None:
    """Neither now at each run, which would keep it on top, nor its claim when that comes."""
    document_state.shows("blog", story("launch", age=-3), story("old", 5))
    document_state.run()
    assert document_state.entry("About launch").published == "2026-11-23T12:00:00Z"
    for n in range(4):
        document_state.shows("blog", story(f"day-{n}", age=-n - 0.9), story("launch", age=-3), story("old", 5))
        document_state.run(DAY)
        assert document_state.titles[0] == f"About day-{n}"


def test_a_video_whose_updated_moves_with_its_count_of_views_is_neither_edited_nor_moved(document_state: Scene) -> None:
    video = {
        "id": "yt:video:1",
        "title": "A talk",
        "link": "https://video.example/1",
        "published": "2026-11-20T00:00:00Z",
    }
    for n in range(3):
        updated = {"updated": f"2026-11-2{1 + n}T10:00:00Z"}
        document_state.serves("video", atom(video | updated | {"content": f"<p>{prose('talk')}</p>"}))
        assert len(document_state.run(DAY)) == (n == 0)
        assert document_state.report.entries.updated == 0
    [entry] = document_state.entries
    assert (entry.published, entry.updated) == ("2026-11-20T00:00:00Z", "2026-11-21T10:00:00Z")


def test_entries_that_are_all_dated_at_midnight_keep_their_order(document_state: Scene) -> None:
    midnight = {"pubDate": "Mon, 23 Nov 2026 00:00:00 GMT"}
    items = [story(f"note-{n}") | midnight for n in range(4)]
    document_state.shows("blog", *items)
    document_state.run()
    document_state.shows("blog", story("late") | midnight, *items)
    document_state.run()
    assert document_state.titles == ["About late", *(f"About note-{n}" for n in range(4))]


# the same story in many feeds


def test_one_article_in_the_feeds_of_three_sections_of_its_site_is_one_entry(document_state: Scene) -> None:
    article = story("merger", host="https://paper.example")
    for section in ("front", "money", "city"):
        tracked = {"guid": f"{section}-1", "link": f"{article['link']}?utm_source={section}", "category": section}
        document_state.shows(section, article | tracked, home="https://paper.example/")
    assert document_state.run() == ["About merger"]
    assert set(document_state.planet.index()) == {"all", "front", "money", "city"}


def test_one_article_that_comes_to_the_second_feed_a_day_later_is_not_shown_again(document_state: Scene) -> None:
    article = story("merger", host="https://paper.example")
    document_state.shows("front", article, home="https://paper.example/")
    document_state.shows("money", story("else", 3, host="https://paper.example"), home="https://paper.example/")
    document_state.run()
    document_state.shows(
        "money", article | {"guid": "m-1", "title": "About merger | Money"}, home="https://paper.example/"
    )
    assert (document_state.run(DAY), document_state.report.entries.duplicates) == ([], 1)


# different things that look alike


def test_packages_that_are_all_called_updated_are_all_shown(document_state: Scene) -> None:
    """One title and nearly one text for each; every other word is the package's name."""
    items = [
        story(f"pkg-{n}", n / 24, title="Package updated", description=f"{prose('updated', 50)} {prose(f'p{n}', 2)}")
        for n in range(8)
    ]
    document_state.shows("packages", *items)
    assert len(document_state.run()) == 8
    document_state.shows(
        "packages", story("pkg-9", -1 / 48, title="Package updated", description=prose("updated", 50)), *items[:-1]
    )
    assert document_state.run() == ["Package updated"]


@pytest.mark.parametrize("guid", ["", "0", "https://shop.example/"])
def test_a_shop_that_gives_one_guid_to_all_shows_all_and_edits_each(document_state: Scene, guid: str) -> None:
    items = [story(f"offer-{n}", n, guid=guid) for n in range(1, 5)]
    document_state.shows("shop", *items)
    assert len(document_state.run()) == 4
    ids = document_state.planet.ids()
    items[1] |= {"description": prose("a better offer")}
    document_state.shows("shop", story("offer-9", -1 / 48, guid=guid), *items)
    assert document_state.run() == ["About offer-9"]
    assert (document_state.planet.ids()[1:], document_state.report.entries.updated) == (ids, 1)


def test_two_blogs_with_a_post_called_hello_world_have_two(document_state: Scene) -> None:
    for name in ("one", "two"):
        post = {"title": "Hello world!", "link": f"https://{name}.example/?p=1", "guid": "1"}
        document_state.shows(
            name, post | {"description": "Welcome. This is your first post."}, home=f"https://{name}.example/"
        )
    assert len(document_state.run()) == 2


# a policy for each source


def test_a_source_whose_guids_mean_nothing_is_known_by_its_links(document_state: Scene) -> None:
    """Guid, title, text and date are others at each pull: nobody could guess, so the config says it."""
    for n in range(3):
        item = story("tram", title=prose(f"title {n}", 4), description=prose(f"text {n}"), guid=f"{n}")
        document_state.shows("city", item | {"pubDate": dated(NOON + n * HOUR)}, ids="link")
        assert len(document_state.run()) == (n == 0)
    assert document_state.report.entries.updated == 1


def test_a_source_whose_links_mean_nothing_is_known_by_its_guids(document_state: Scene) -> None:
    items = [
        story(f"talk-{n}", n, link="https://conf.example/", title="A talk", description="Slides") for n in range(3)
    ]
    document_state.shows("conf", *items, ids="guid")
    assert len(document_state.run()) == 3
    document_state.shows("conf", *(item | {"link": f"https://conf.example/?{n}"} for n, item in enumerate(items)))
    assert document_state.run() == []


# edits


def test_an_edit_reaches_the_feed_and_shows_no_reader_a_second_entry(document_state: Scene) -> None:
    item = story("notice")
    for n, text in enumerate(("First version.", "Second version.", "Second version, corrected.")):
        document_state.shows("blog", item | {"description": f"<p>{text}</p>"})
        assert len(document_state.run()) == (n == 0)
        assert text in document_state.entry("About notice").summary
        assert document_state.report.entries.updated == (n > 0)
