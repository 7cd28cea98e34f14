"""Generated posts of a mirror, crawled again and again without reliable ids, links or dates."""

import pytest

from tests.support import paths
from tests.support.planet import NOON
from tests.support.simulation import DAY, HOUR, Simulation, hanzi, prose

FAMILY = paths.SHARED / "data" / "posts"
CRAWLED = ("2026-10-26 07:21:47", "2026-11-13 04:28:54")


def post(
    title: str,
    body: str,
    *,
    date: str = "2026-11-01 10:00:00",
    image: str = "",
    path: str = "Media, Herald, News",
    **more: str,
) -> str:
    """As the mirror's generator writes it: quoted title, one picture for two keys, one outer div."""
    picture = image or f"https://picsum.photos/400/300?random={len(title) * 7 + len(date)}"
    head = [f"title: '{title}'", f"categories: [{path}]", f"headimg: '{picture}'", "comments: false", f"date: {date}"]
    head += [f"{name}: '{value}'" for name, value in more.items()] + [f"thumbnail: '{picture}'"]
    return "\n---\n" + "\n".join(head) + f"\n---\n\n<div>   \n{body}\n  \n</div>\n            "


def picture(number: int) -> str:
    return f"https://i.example/large/{number:08x}.jpg"


def shown(number: int, words: str = "") -> str:
    return f'<img src="{picture(number)}" referrerpolicy="no-referrer">{words}'


CONCERT = "Event: Autumn live, second day\nPlace: Arena\nDoors open 2026-08-28 14:00\nStart 2026-08-28 16:00"
ESSAY = f"<p>{hanzi('essay', 300)}</p>"
WEEKLY = "A new one every Sunday"
LONG = f"<p>{prose('a long report', 90)}</p>"
HAN = f"<p>{hanzi('新闻', 240)}</p>"

QUOTED = 'title: """""""\'Drawn by N. N.\'"""""""'

# One thing in two files, both there.
ONE: dict[str, tuple[str, str]] = {
    "crawled again under another date with another placeholder": (
        post("Autumn live, 2nd day", CONCERT, date=CRAWLED[0], image="https://picsum.photos/400/300?random=8490"),
        post("Autumn live, 2nd day", CONCERT, date=CRAWLED[1], image="https://picsum.photos/400/300?random=2292"),
    ),
    "crawled again without a date and with no title to speak of": (
        post("...", ESSAY, date="Invalid Date", image="https://picsum.photos/400/300?random=1850"),
        post("...", ESSAY, date="Invalid Date", image="https://picsum.photos/400/300?random=5787"),
    ),
    "crawled again while its date moved by hours": (
        post("86 (up to 01)", shown(86, WEEKLY), date="Mon, 12 Oct 2026 00:14:03 GMT", image=picture(86)),
        post("86 (up to 01)", shown(86, WEEKLY), date="Mon, 12 Oct 2026 07:54:54 GMT", image=picture(86)),
    ),
    "an old layout and the repaired title": (
        post("Drawn by N. N.", shown(9), image=picture(9)).replace(
            "'Drawn by N. N.'", '"""""""\'Drawn by N. N.\'"""""""'
        ),
        post("Drawn by N. N.", shown(9), image=picture(9)),
    ),
    "listed in two routes": (
        post("A cross-listed item", LONG, path="Media, Herald, News"),
        post("A cross-listed item", LONG, path="Media, Herald, Hot"),
    ),
    "a hot list that repeats the news": (
        post("Top story", "Short words.", path="Media, Herald, News", link="https://herald.example/1"),
        post("Top story", "Short words.", path="Media, Herald, Hot", link="https://herald.example/1", date=CRAWLED[0]),
    ),
    "a picture through a proxy": (
        post("Photo of the day", shown(5), image=picture(5)),
        post("Photo of the day", f'<img src="https://cors.zfour.workers.dev/?{picture(5)}">', image=picture(5)),
    ),
    "braces as references": (
        post("On templates", f"<pre>{{{{ x }}}}</pre>{LONG}"),
        post("On templates", f"<pre>&#123;&#123; x &#125;&#125;</pre>{LONG}"),
    ),
}

# Two things in two files, both there.
TWO: dict[str, tuple[str, str]] = {
    "a series with one picture and one text": (
        post("86 (up to 01)", shown(86, WEEKLY), date="Mon, 12 Oct 2026 00:14:03 GMT", image=picture(86)),
        post("86 (up to 02)", shown(86, WEEKLY), date="Mon, 19 Oct 2026 11:58:20 GMT", image=picture(86)),
    ),
    "a series with one long text": (post("Part 1", LONG), post("Part 2", LONG)),
    "the same empty title": (
        post('@003 ""', shown(1), date="Sat, 12 Sep 2026 07:50:27 GMT", image=picture(1)),
        post('@003 ""', shown(2), date="Wed, 16 Sep 2026 12:03:22 GMT", image=picture(2)),
    ),
    "the same warning for a title": (
        post('@003 "(CW) "', "<p>One thing I say.</p>"),
        post('@003 "(CW) "', "<p>Another that I say.</p>"),
    ),
    "episode 1 of two shows": (
        post("Episode 1", shown(11), path="Video, Show A", image=picture(11)),
        post("Episode 1", shown(12), path="Video, Show B", image=picture(12)),
    ),
    "special episodes with no more than a placeholder": (
        post("SP", "", path="Video, Show A"),
        post("SP", "", path="Video, Show B"),
    ),
    "pictures by two artists at one time": (
        post("Drawn by N. N.", shown(21), date="2026-03-22 05:05:06", image=picture(21)),
        post("Drawn by M. M.", shown(22), date="2026-03-22 05:05:06", image=picture(22)),
    ),
    "pictures alone under one title": (
        post("Photo", shown(31), image=picture(31)),
        post("Photo", shown(32), image=picture(32)),
    ),
    "the same title and another text": (post("Weekly report", LONG), post("Weekly report", HAN)),
    "13.5 and 135": (
        post("Song (up to 13.5)", shown(50, WEEKLY), image=picture(50)),
        post("Song (up to 135)", shown(50, WEEKLY), image=picture(50)),
    ),
    "a copy in another route under the name of its origin": (
        post("Maps in delivery", HAN, path="Code, Team"),
        post("Maps in delivery (tech.team.example)", HAN, path="Code, Headlines"),
    ),
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in ONE.items()])
@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_one_thing_in_two_files_is_one_entry(simulation: Simulation, files: tuple[str, str], later: bool) -> None:
    """It keeps the date that it had first: where both come at once, the earlier claim comes first."""
    simulation.planet.post("a.md", files[0])
    assert len(simulation.run()) == 1 or not later
    simulation.planet.post("sub/b.md", files[1])
    simulation.run()
    assert (len(simulation.entries), simulation.report.entries.total, simulation.report.posts.failed) == (
        1,
        1,
        0,
    )
    assert simulation.run() == []


@pytest.mark.torture
def test_crawled_again_under_another_name_keeps_the_first_date(simulation: Simulation) -> None:
    for number, date in enumerate(CRAWLED):
        simulation.planet.post(f"{number}.md", post("Autumn live", CONCERT, date=date))
        simulation.run()
    assert [entry.published for entry in simulation.entries] == ["2026-10-26T07:21:47Z"]


def test_listed_in_two_routes_stands_in_the_feeds_of_both(simulation: Simulation) -> None:
    for number, text in enumerate(ONE["listed in two routes"]):
        simulation.planet.post(f"{number}.md", text)
    simulation.run()
    ids = simulation.planet.ids()
    assert len(ids) == 1
    assert simulation.planet.ids("media/herald/news") == simulation.planet.ids("media/herald/hot") == ids


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in TWO.items()])
@pytest.mark.parametrize("later", [False, True], ids=["at once", "later"])
def test_two_things_that_are_alike_are_two_entries(simulation: Simulation, files: tuple[str, str], later: bool) -> None:
    simulation.planet.post("a.md", files[0])
    if later:
        simulation.run()
    simulation.planet.post("sub/b.md", files[1])
    simulation.run()
    assert len(set(simulation.planet.ids())) == 2
    pages = list((simulation.planet.root / "feeds" / "entries").glob("*.html"))
    assert len(pages) == 2
    assert simulation.run() == []


# two folders: copies across sources

COPIES: dict[str, tuple[str, str]] = {
    "under the name of its origin": (
        post("Maps in delivery", HAN),
        post("Maps in delivery (tech.team.example)", HAN),
    ),
    "other spaces": (
        post("Cars sold by Future Motor", f"<p>{hanzi('车', 40)} FF {hanzi('车二', 160)}</p>"),
        post("Cars sold by FutureMotor", f"<p>{hanzi('车', 40)}FF{hanzi('车二', 160)}</p>"),
    ),
    "other punctuation": (
        post("A phone, and what else", f"<p>{hanzi('机', 100)}……{hanzi('机二', 100)}</p>"),
        post("A phone... and what else", f"<p>{hanzi('机', 100)}，{hanzi('机二', 100)}</p>"),
    ),
    "a lead in brackets": (
        post("港口重新开放", HAN),
        post("快讯", HAN.replace("<p>", "<p>【港口重新开放】")),
    ),
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("files", [pytest.param(files, id=name) for name, files in COPIES.items()])
def test_a_copy_in_another_folder_is_one_entry_with_both_categories(
    simulation: Simulation, files: tuple[str, str]
) -> None:
    simulation.planet.config["posts"] = [
        {"path": "posts", "categories": ["One"]},
        {"path": "more", "categories": ["Two"]},
    ]
    simulation.planet.post("a.md", files[0])
    (simulation.planet.root / "more").mkdir()
    (simulation.planet.root / "more" / "b.md").write_text(files[1], encoding="utf-8")
    simulation.run()
    assert simulation.planet.ids("one") == simulation.planet.ids("two") == simulation.planet.ids()
    assert len(simulation.entries) == 1


# the same file, crawled again

AGAIN: dict[str, tuple[str, str, bool]] = {
    "another date": (post("T", LONG, date=CRAWLED[0]), post("T", LONG, date=CRAWLED[1]), False),
    "another placeholder": (
        post("T", LONG, image="https://picsum.photos/400/300?random=1"),
        post("T", LONG, image="https://picsum.photos/400/300?random=2"),
        False,
    ),
    "a date where was none": (post("T", LONG, date="Invalid Date"), post("T", LONG), False),
    "no date where was one": (post("T", LONG), post("T", LONG, date="Invalid Date"), False),
    "the epoch": (post("T", LONG), post("T", LONG, date="Thu, 01 Jan 1970 00:00:00 GMT"), False),
    "the year 900": (post("T", LONG), post("T", LONG, date="Fri, 01 Jan 0900 00:00:00 GMT"), False),
    "a picture through a proxy": (
        post("T", LONG + shown(5)),
        post("T", LONG + f'<img src="https://cors.zfour.workers.dev/?{picture(5)}">'),
        False,
    ),
    "times that were filled in": (
        post("Night show", CONCERT.replace("14:00", "null:null").replace("16:00", "null:null")),
        post("Night show", CONCERT),
        True,
    ),
    "a change of cast in the title": (post("Night show", CONCERT), post("[Other cast] Night show", CONCERT), True),
    "a title that says more": (post("Night show", LONG), post("Night show, sold out", LONG), True),
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize(("before", "after", "is_edit"), [pytest.param(*case, id=name) for name, case in AGAIN.items()])
def test_a_file_that_is_crawled_again_is_the_same_entry_at_the_same_place(
    simulation: Simulation, before: str, after: str, is_edit: bool
) -> None:
    simulation.planet.post("a.md", before)
    simulation.run()
    ids = simulation.planet.ids()
    simulation.planet.post("a.md", after)
    assert (simulation.run(3 * HOUR), simulation.planet.ids(), simulation.report.entries.updated) == (
        [],
        ids,
        int(is_edit),
    )


def test_all_dates_move_to_the_crawl_and_no_entry_moves(simulation: Simulation) -> None:
    """Of 388 posts with one text in two crawls of a mirror, 190 had their dates moved."""
    for crawl in range(3):
        for number in range(12):
            text = post(
                f"Shot {number}",
                shown(number),
                date=f"2026-11-{20 + crawl} 0{number % 10}:00:00",
                image=picture(number),
            )
            simulation.planet.post(f"{number}.md", text)
        assert len(simulation.run(DAY)) == (12 if crawl == 0 else 0)
        assert simulation.report.entries.updated == 0


@pytest.mark.torture
def test_a_post_whose_date_moves_into_the_future_is_not_shown_again_when_that_comes(simulation: Simulation) -> None:
    """Local times that are labelled GMT."""
    simulation.planet.post("a.md", post("T", LONG))
    simulation.run()
    simulation.planet.post("a.md", post("T", LONG, date=f"{NOON + 8 * HOUR:%Y-%m-%d %H:%M:%S}"))
    assert simulation.run() == []
    assert (simulation.run(DAY), len(simulation.entries)) == ([], 1)


@pytest.mark.torture
def test_a_post_that_leaves_its_feed_and_comes_back_is_the_same(simulation: Simulation) -> None:
    """The mirror empties its folder before each crawl and writes what the feeds show now."""
    simulation.planet.config["posts"] = [{"path": "posts", "gone": "keep"}]
    files = {f"{name}.md": post(f"About {name}", f"<p>{prose(name)}</p>") for name in ("amber", "birch", "cedar")}
    for name, text in files.items():
        simulation.planet.post(name, text)
    simulation.run()
    ids = simulation.planet.ids()
    (simulation.planet.root / "posts" / "amber.md").unlink()
    assert (simulation.run(DAY), simulation.planet.ids()) == ([], ids)
    simulation.planet.post("amber (1).md", files["amber.md"])
    assert (simulation.run(DAY), simulation.planet.ids()) == ([], ids)


@pytest.mark.skipif(not FAMILY.is_dir(), reason="the family's posts are not here")
def test_the_real_posts_come_out_as_a_person_would_sort_them(simulation: Simulation) -> None:
    simulation.planet.config["posts"] = [{"path": str(FAMILY)}]
    simulation.run()
    with simulation.planet.app(simulation.now) as app, app.store.read() as tx:
        rows = tx.sightings.of_entries(tx.entries.ids(0, 10**6))
    of = {row.path.removesuffix(".md"): row.entry_id for row in rows}
    for one, other in [("012", "013"), ("035", "061"), ("042", "062")]:
        assert of[one] == of[other]
    for one, other in [("020", "060"), ("003", "063"), ("042", "043")]:
        assert of[one] != of[other]
    together: dict[int, list[str]] = {}
    for path, entry_id in of.items():
        together.setdefault(entry_id, []).append(path)
    pairs = sorted(sorted(paths) for paths in together.values() if len(paths) > 1)
    assert pairs == [["002", "003"], ["012", "013"], ["035", "061"], ["042", "062"]]
    for file in sorted(FAMILY.glob("*.md")):
        simulation.planet.post(file.name, file.read_text(encoding="utf-8"))
    ids = simulation.planet.ids()
    simulation.planet.config["posts"] = [{"path": "posts"}]
    assert (simulation.run(), simulation.planet.ids()) == ([], ids)
