"""Items that are new each time stay new each time, and edits are edits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, HOUR, Item, Simulation, dated, prose, story, without

STATUS = "https://status.example/"


def incident(number: int) -> Item:
    at = NOON + number * HOUR
    return {
        "title": ["Delays in delivery", "Log-in fails", "All clear", "Planned maintenance"][number % 4],
        "link": STATUS,
        "guid": f"tag:status.example,2026:{number}",
        "pubDate": dated(at),
        "description": f"<p>{prose(f'incident {number}', 25)}</p>",
    }


def verse(number: int) -> Item:
    return {
        "title": "Verse of the day",
        "link": "https://verses.example/today",
        "guid": f"verse-{number}",
        "pubDate": dated(NOON + number * DAY),
        "description": f"<p>{prose(f'verse {number}', 20)}</p>",
    }


def hourly_news(number: int) -> Item:
    return {
        "title": "Hourly news",
        "link": "https://radio.example/news",
        "guid": f"https://radio.example/news/{number}.mp3",
        "pubDate": dated(NOON + number * HOUR),
        "description": f"<p>{prose(f'bulletin {number}', 15)}</p>",
    }


def weekly(number: int) -> Item:
    link = f"https://blog.example/links-{number}"
    return story(f"links-{number}", -7 * number, title="Links of the week", link=link, guid=link)


def thread(number: int) -> Item:
    """The same long text each week: only date, number and address are new."""
    link = f"https://forum.example/{number}"
    at = dated(NOON + 7 * number * DAY)
    text = f"<p>{prose('what are you working on', 80)}</p>"
    return {"title": f"Week {number}: what are you up to?", "link": link, "guid": link, "pubDate": at} | {
        "description": text
    }


def picture(number: int) -> Item:
    """Nothing but a picture, each day another one under the same title and link."""
    return {
        "title": "Picture of the day",
        "link": "https://pictures.example/today",
        "guid": f"picture-{number}",
        "pubDate": dated(NOON + number * DAY),
        "description": f'<img src="https://pictures.example/files/{number}.jpg">',
    }


def release(number: int) -> Item:
    """A changelog on one page, in nearly the same words each time."""
    return {
        "title": f"Version 1.{number} released",
        "link": "https://project.example/changelog",
        "guid": f"v1.{number}",
        "pubDate": dated(NOON + number * DAY),
        "description": f"<p>{prose('release notes', 50)} 1.{number}</p>",
    }


def single(number: int) -> Item:
    """The only item of its document, with the home page for a link."""
    return {
        "title": ["Rain at last", "A quiet day", "The bridge is open", "Snow", "Closing time"][number],
        "link": "https://board.example/",
        "guid": f"{1000 + number}",
        "pubDate": dated(NOON + number * DAY),
        "description": f"<p>{prose(f'board {number}', 30)}</p>",
    }


@dataclass(frozen=True)
class Source:
    """Shows the `most` newest of its items and has another one after each `pause`."""

    item: Callable[[int], Item]
    most: int
    pause: timedelta

    def document(self, number: int, title: str) -> str:
        items = [self.item(n) for n in range(number, -1, -1)]
        return rss(*items[: self.most], title=title, link="https://elsewhere.example/")


NEWS = {
    "a status page": Source(incident, 5, HOUR),
    "a status page that shows the last incident only": Source(incident, 1, HOUR),
    "a verse of the day": Source(verse, 1, DAY),
    "verses of the week": Source(verse, 3, DAY),
    "an hourly item": Source(hourly_news, 1, HOUR),
    "the items of the day": Source(hourly_news, 3, HOUR),
    "a weekly post of links": Source(weekly, 1, 7 * DAY),
    "weekly posts of links": Source(weekly, 3, 7 * DAY),
    "a weekly thread in the same words": Source(thread, 1, 7 * DAY),
    "weekly threads in the same words": Source(thread, 3, 7 * DAY),
    "a picture of the day": Source(picture, 1, DAY),
    "a changelog on one page": Source(release, 1, DAY),
    "releases on one page": Source(release, 3, DAY),
    "one item, replaced each time": Source(single, 1, DAY),
    "one item without a date, replaced each time": Source(lambda n: without(single(n), "pubDate"), 1, DAY),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in NEWS.items()])
def test_what_is_new_each_time_is_new_each_time(simulation: Simulation, source: Source) -> None:
    """Nor is it new when its document changes otherwise."""
    simulation.serves("source", source.document(0, "Title"))
    assert len(simulation.run()) == 1
    for number in range(1, 5):
        simulation.serves("source", source.document(number, "Title"))
        assert simulation.run(source.pause) == [source.item(number)["title"]]
    simulation.serves("source", source.document(4, "Another title"))
    assert (simulation.run(), len(simulation.entries)) == ([], 5)


def edited(simulation: Simulation, before: Item, after: Item) -> None:
    """The entry under `after`'s title is the one that stood there before, and says that it was edited."""
    simulation.shows("source", story("harbor", 2), before, story("meadow", 4))
    simulation.run()
    old = simulation.entry(before["title"])
    simulation.shows("source", story("harbor", 2), after, story("meadow", 4))
    assert simulation.run() == []
    assert (simulation.report.entries.new, simulation.report.entries.updated) == (0, 1)
    new = simulation.entry(after["title"])
    assert (new.id, new.published, len(simulation.entries)) == (old.id, old.published, 3)
    assert new.updated_parsed > old.updated_parsed


ORDINARY = story("lighthouse", 3)
ANOTHER_TEXT = f"<p>{prose('quite another text')}</p>"
CORRECTED = ORDINARY["description"].replace("<p>", "<p>Correction: ")

EDITS = {
    "the text": (ORDINARY, {"description": ANOTHER_TEXT}),
    "the title": (ORDINARY, {"title": "About the lighthouse, again"}),
    "title and text": (ORDINARY, {"title": "Anew", "description": ANOTHER_TEXT}),
    "the link": (ORDINARY, {"link": "https://blog.example/2026/lighthouse"}),
    "the text, without an id": (without(ORDINARY, "guid"), {"description": ANOTHER_TEXT}),
    "the title, without an id": (without(ORDINARY, "guid"), {"title": "About the lighthouse, again"}),
    "title and text, without an id": (without(ORDINARY, "guid"), {"title": "Anew", "description": ANOTHER_TEXT}),
    "the text, without id and date": (without(ORDINARY, "guid", "pubDate"), {"description": ANOTHER_TEXT}),
    "the text, without id and link": (without(ORDINARY, "guid", "link"), {"description": ANOTHER_TEXT}),
    "a word of it, without id and link": (without(ORDINARY, "guid", "link"), {"description": CORRECTED}),
    "the title, without id and link": (without(ORDINARY, "guid", "link"), {"title": "About the lighthouse, again"}),
    "a category more": (ORDINARY, {"category": "Ships"}),
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("before", "change"), [pytest.param(*case, id=name) for name, case in EDITS.items()])
def test_an_edit_is_an_edit(simulation: Simulation, before: Item, change: Item) -> None:
    edited(simulation, before, before | change)


@pytest.mark.torture
def test_an_edit_of_a_text_that_has_no_title_is_an_edit(simulation: Simulation) -> None:
    note = without(story("lighthouse", 3), "title")
    simulation.shows("source", note)
    simulation.run()
    ids = simulation.planet.ids()
    simulation.shows("source", note | {"description": ANOTHER_TEXT})
    assert (simulation.run(), simulation.report.entries.updated, simulation.planet.ids()) == ([], 1, ids)


PARAGRAPH = f"<p>{prose('a letter')}</p>"

NOISE = {
    "a tracking pixel": (
        PARAGRAPH + '<img src="https://feeds.feedburner.com/~r/blog/~4/aaa" width="1" height="1">',
        PARAGRAPH + '<img src="https://feeds.feedburner.com/~r/blog/~4/bbb" width="1" height="1">',
    ),
    "a tracking pixel where was none": (
        PARAGRAPH,
        PARAGRAPH + '<img src="https://pixel.wp.com/b.gif?post=1" width="1" height="1">',
    ),
    "white space": (
        "<p>One two three</p>\n\n<p>four five</p>",
        "  <p>One  two\n three</p>\n<p>four   five</p>\n\n",
    ),
    "a placeholder picture": (
        PARAGRAPH + '<img src="https://picsum.photos/400/300?random=11">',
        PARAGRAPH + '<img src="https://picsum.photos/400/300?random=12">',
    ),
    "a proxy before a picture": (
        PARAGRAPH + '<img src="https://i.example/a.jpg">',
        PARAGRAPH + '<img src="https://cors.zfour.workers.dev/?https://i.example/a.jpg">',
    ),
    "an advertisement": (
        PARAGRAPH,
        PARAGRAPH + '<ins class="adsbygoogle" data-ad-client="ca-pub-1"></ins><script>ads.push({})</script>',
    ),
    "the number of comments": (
        PARAGRAPH + '<p><a href="https://blog.example/letter#comments">3 comments</a></p>',
        PARAGRAPH + '<p><a href="https://blog.example/letter#comments">14 comments</a></p>',
    ),
    "names of classes": (f'<div class="a1">{PARAGRAPH}</div>', f'<div class="b2">{PARAGRAPH}</div>'),
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("before", "after"), [pytest.param(*case, id=name) for name, case in NOISE.items()])
def test_a_change_that_says_nothing_is_no_edit_and_changes_no_byte(
    simulation: Simulation, before: str, after: str
) -> None:
    simulation.shows("source", story("letter", description=before))
    simulation.run()
    tree = simulation.planet.tree()
    simulation.shows("source", story("letter", description=after))
    assert simulation.run() == []
    assert (simulation.report.sources.changed, simulation.report.entries.updated) == (1, 0)
    assert simulation.planet.tree() == tree


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/a.jpg?Expires=1&amp;Signature=xxx", "/a.jpg?Expires=2&amp;Signature=yyy"),
        ("/a?utm_campaign=may", "/a?utm_campaign=june"),
    ],
)
def test_another_way_to_the_same_file_is_no_edit(simulation: Simulation, before: str, after: str) -> None:
    """It may be shown, for a signature that ran out opens nothing."""
    for address in (before, after):
        text = f'{PARAGRAPH}<a href="https://cdn.example{address}">more</a>'
        simulation.shows("source", story("letter", description=text))
        assert simulation.run() == ([] if address == after else ["About letter"])
    assert simulation.report.entries.updated == 0


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "more",
    [
        "<comments>https://blog.example/letter#comments</comments><slash:comments>{}</slash:comments>",
        '<media:community><media:statistics views="{}"/></media:community>',
        '<media:group><media:community><media:statistics views="{}"/></media:community></media:group>',
    ],
)
def test_counts_that_go_up_are_no_edit(simulation: Simulation, more: str) -> None:
    def document(count: int) -> str:
        names = 'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:media="http://search.yahoo.com/mrss/"'
        text = rss(story("letter")).replace("<rss ", f"<rss {names} ")
        return text.replace("</item>", more.format(count) + "</item>")

    simulation.serves("source", document(3))
    simulation.run()
    tree = simulation.planet.tree()
    simulation.serves("source", document(14))
    assert (simulation.run(), simulation.report.entries.updated, simulation.planet.tree()) == ([], 0, tree)


@pytest.mark.torture
def test_entries_whose_ids_and_links_say_that_there_are_none_stay_apart_and_stay_themselves(
    simulation: Simulation,
) -> None:
    def build(number: int) -> Item:
        return story(f"build-{number}", number, link="N/A", guid="N/A")

    simulation.shows("builds", build(1), build(2))
    assert sorted(simulation.run()) == ["About build-1", "About build-2"]
    simulation.shows("builds", build(1), build(2), build(3))
    assert simulation.run() == ["About build-3"]
    assert [link.href for entry in simulation.entries for link in entry.get("links", ())] == []
    simulation.shows("builds", build(2), build(3))
    assert (simulation.run(), simulation.report.entries.updated) == ([], 0)
