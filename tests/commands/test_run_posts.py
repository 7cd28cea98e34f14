"""A folder of posts through to its category feeds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.posts import list_files
from tests.commands.test_cli import aggregator
from tests.support import paths
from tests.support.planet import NOON, Planet

FAMILY = paths.SHARED / "data" / "posts"


def post(title: str, *, date: str = "2026-11-01 10:00:00", body: str = "Some words.", more: str = "") -> str:
    return f"---\ntitle: {title}\ndate: {date}\ncategories: [News, Local]\n{more}---\n\n{body}\n"


def test_a_post_is_in_the_feed_of_each_level_and_in_all(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    report = planet.run()
    assert (report.posts.read, report.entries.new, report.feeds.written) == (1, 1, 3)
    assert planet.index().keys() == {"all", "news", "news/local"}
    assert planet.titles("news/local") == planet.titles("news") == planet.titles() == ["First"]
    assert (planet.root / "feeds/entries/first.html").exists()


def test_a_second_run_changes_no_byte(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.run()
    before = planet.tree()
    report = planet.run(NOON + timedelta(hours=5))
    assert planet.tree() == before
    assert (report.posts.read, report.posts.changed, report.feeds.written, report.feeds.unchanged) == (1, 0, 0, 3)


@pytest.mark.torture
def test_regenerate_brings_back_what_was_removed_byte_for_byte(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.post("b.md", post("Second", body="Other *words*.", more="tags: [C++, .NET]\n"))
    planet.run()
    before = planet.tree()
    for path in before:
        (planet.root / "feeds" / path).unlink()
    planet.regenerate(NOON + timedelta(days=3))
    assert planet.tree() == before


def test_a_run_rewrites_files_that_went_missing(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.run()
    before = planet.tree()
    for path in ("news/rss.xml", "index.json", "entries/first.html"):
        (planet.root / "feeds" / path).unlink()
    planet.run(NOON + timedelta(hours=1))
    assert planet.tree() == before


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("change", ["retitled", "renamed", "moved", "renamed and retitled"])
def test_a_post_keeps_its_id_when_its_file_or_title_changes(planet: Planet, change: str) -> None:
    body = "A long enough body of words that tells one post from another. " * 8
    old = planet.post("a.md", post("Before", body=body))
    planet.run()
    ids = planet.ids()
    title = "After" if "retitled" in change else "Before"
    path = {"retitled": "a.md", "moved": "sub/folder/a.md"}.get(change, "b.md")
    if path != "a.md":
        old.unlink()
    planet.post(path, post(title, body=body))
    planet.run(NOON + timedelta(hours=1))
    assert planet.ids() == ids
    assert planet.titles() == [title]


@pytest.mark.torture
def test_another_post_in_the_same_file_is_another_entry(planet: Planet) -> None:
    planet.post("a.md", post("Episode one", body="All about the first thing that happened in spring."))
    planet.run()
    first = planet.ids()
    planet.post("a.md", post("Something else", date="2026-11-02 10:00:00", body="Quite different words, about rain."))
    planet.run(NOON + timedelta(hours=1))
    assert planet.titles() == ["Something else"]
    assert not set(planet.ids()) & set(first)


def test_an_edit_moves_updated_and_nothing_else(planet: Planet) -> None:
    planet.post("a.md", post("First", body="Some words."))
    planet.run()
    before = planet.atom().entries[0]
    planet.post("a.md", post("First", body="Some other words."))
    report = planet.run(NOON + timedelta(hours=1))
    after = planet.atom().entries[0]
    assert report.entries.updated == 1
    assert (after.id, after.published) == (before.id, before.published)
    assert after.updated == "2026-11-23T13:00:00Z"


@pytest.mark.torture
def test_a_post_that_the_config_reads_otherwise_is_not_edited(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.run()
    before = planet.atom().entries[0]
    planet.config["posts"] = [{"path": "posts", "link": "https://blog.example/{path}/"}]
    report = planet.run(NOON + timedelta(hours=1))
    after = planet.atom().entries[0]
    assert (report.entries.updated, report.posts.read, report.posts.changed) == (0, 1, 0)
    assert (after.id, after.updated, after.link) == (before.id, before.updated, "https://blog.example/a/")


@pytest.mark.torture
def test_a_post_that_says_when_it_was_updated_is_believed(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.run()
    planet.post("a.md", post("First", body="New words.", more="updated: 2026-11-20T08:00:00Z\n"))
    planet.run(NOON + timedelta(hours=1))
    assert planet.atom().entries[0].updated == "2026-11-20T08:00:00Z"


def test_a_post_dated_in_the_future_waits_for_its_time(planet: Planet) -> None:
    planet.post("a.md", post("Later", date="2026-11-24 10:00:00"))
    planet.run()
    assert planet.titles() == []
    planet.run(NOON + timedelta(days=1))
    assert planet.titles() == ["Later"]
    assert planet.atom().entries[0].published == "2026-11-24T10:00:00Z"


def test_a_post_goes_out_at_its_publish_date_under_its_own_date(planet: Planet) -> None:
    planet.post("a.md", post("Embargo", more="publishDate: 2026-11-24 10:00:00\n"))
    planet.post("b.md", post("Event", date="2027-06-01", more="publishDate: 2026-11-20\n", body="About the event."))
    planet.run()
    assert planet.titles() == ["Event"]
    planet.run(NOON + timedelta(days=1))
    assert [(one.title, one.published) for one in planet.heads()] == [
        ("Event", "2026-11-20T00:00:00Z"),
        ("Embargo", "2026-11-01T10:00:00Z"),
    ]


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("gone", ["remove", "keep"])
def test_a_post_expires_and_comes_back_when_its_date_is_moved(planet: Planet, gone: str) -> None:
    planet.config["posts"] = [{"path": "posts", "gone": gone}]
    planet.post("a.md", post("First", more="expiryDate: 2026-11-24\n"))
    planet.post("b.md", post("Over", more="expiryDate: 2026-11-20\n", body="About what is over."))
    planet.run()
    before = planet.heads()
    assert [one.title for one in before] == ["First"]
    report = planet.run(NOON + timedelta(days=1))
    assert (planet.titles(), list(report.problems), report.posts.read) == ([], [], 2)
    assert not (planet.root / "feeds/entries/first.html").exists()
    planet.run(NOON + timedelta(days=2))
    assert planet.titles() == []
    planet.post("a.md", post("First", more="expiryDate: 2026-12-24\n"))
    assert planet.run(NOON + timedelta(days=3)).entries.updated == 0
    assert planet.heads() == before


@pytest.mark.torture
def test_a_draft_is_not_published_and_a_post_made_one_leaves(planet: Planet) -> None:
    planet.post("a.md", post("First", more="draft: true\n"))
    planet.run()
    assert planet.titles() == []
    planet.post("a.md", post("First"))
    planet.run(NOON + timedelta(hours=1))
    ids = planet.ids()
    planet.post("a.md", post("First", more="draft: true\n"))
    planet.run(NOON + timedelta(hours=2))
    assert planet.titles() == []
    assert not (planet.root / "feeds/entries/first.html").exists()
    planet.post("a.md", post("First"))
    planet.run(NOON + timedelta(hours=3))
    assert planet.ids() == ids


@pytest.mark.torture
@pytest.mark.parametrize(("gone", "left"), [("remove", ["Two"]), ("keep", ["Two", "One"])])
def test_what_happens_when_a_file_goes_is_for_the_config_to_say(planet: Planet, gone: str, left: list[str]) -> None:
    planet.config["posts"] = [{"path": "posts", "gone": gone}]
    one = planet.post("one.md", post("One", body="About one."))
    planet.post("two.md", post("Two", date="2026-11-02", body="About two."))
    planet.run()
    one.unlink()
    planet.run(NOON + timedelta(hours=1))
    assert planet.titles() == left


@pytest.mark.torture
def test_files_that_are_no_posts_by_their_name_stay_if_they_were_published(
    planet: Planet, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("README.md", "_drafts/a.md", "_index.md", "_note.md", "blog/index.md", "blog/a.md", "index.md")
    for name in names:
        planet.post(name, post(f"About {name}", body=f"Words of {name}."))
    with monkeypatch.context() as before:
        before.setattr("aggregator.pull.posts.list_posts", lambda root, _: list_files(root))
        before.setattr("aggregator.pull.posts.listing_digest", lambda _: "")
        planet.run()
    ids = planet.ids()
    planet.post("_new.md", post("New"))
    planet.post("index.md", post("About index.md", body="Other words."))
    report = planet.run(NOON + timedelta(hours=1))
    assert (sorted(planet.ids()), list(report.problems), report.entries.updated) == (sorted(ids), [], 1)
    assert len(ids) == len(names)


@pytest.mark.torture
def test_drafts_that_were_read_before_are_no_lost_posts(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    planet.post("a.md", post("A"))
    for n in range(9):
        planet.post(f"_drafts/{n}.md", post(f"Draft {n}", more="draft: true\n"))
    with monkeypatch.context() as before:
        before.setattr("aggregator.pull.posts.list_posts", lambda root, _: list_files(root))
        before.setattr("aggregator.pull.posts.listing_digest", lambda _: "")
        planet.run()
    report = planet.run(NOON + timedelta(hours=1))
    assert (planet.titles(), list(report.problems), report.posts.read) == (["A"], [], 1)


def test_most_of_a_folder_gone_at_once_is_a_fault_until_an_hour_later(planet: Planet) -> None:
    files = [planet.post(f"{n}.md", post(f"Post {n}", body=f"About number {n}.")) for n in range(8)]
    planet.run()
    for file in files[:6]:
        file.unlink()
    report = planet.run(NOON + timedelta(minutes=10))
    assert len(planet.titles()) == 8
    assert [problem.where for problem in report.problems] == ["posts"]
    planet.run(NOON + timedelta(minutes=40))
    assert len(planet.titles()) == 8
    planet.run(NOON + timedelta(minutes=90))
    assert len(planet.titles()) == 2


def test_a_broken_post_is_named_and_the_others_are_published(planet: Planet) -> None:
    planet.post("good.md", post("Good"))
    planet.post("bad.md", "---\n- a\n- list\n---\nbody\n")
    report = planet.run()
    assert (report.posts.read, report.posts.failed) == (1, 1)
    assert any("bad.md" in problem.where for problem in report.problems)
    assert planet.titles() == ["Good"]
    again = planet.run(NOON + timedelta(hours=1))
    assert (again.posts.read, again.posts.failed) == (1, 1)
    assert list(again.problems) == list(report.problems)


@pytest.mark.torture
def test_a_post_that_breaks_keeps_what_it_was(planet: Planet) -> None:
    planet.post("a.md", post("First"))
    planet.run()
    planet.post("a.md", "---\n- a\n- list\n---\nbody\n")
    planet.run(NOON + timedelta(hours=1))
    assert planet.titles() == ["First"]


@pytest.mark.torture
def test_undated_posts_of_a_first_read_lie_a_day_apart(planet: Planet) -> None:
    for name in "ab":
        planet.post(f"{name}.md", f"---\ntitle: Undated {name}\n---\nAbout {name}.\n")
    planet.run()
    dates = [entry.published for entry in planet.atom().entries]
    assert dates == ["2026-11-23T12:00:00Z", "2026-11-22T12:00:00Z"]
    planet.post("c.md", "---\ntitle: Undated c\n---\nAbout c.\n")
    planet.run(NOON + timedelta(hours=2))
    newest = planet.atom().entries[0]
    assert (newest.title, newest.published) == ("Undated c", "2026-11-23T14:00:00Z")


def test_a_post_with_a_link_leads_there_and_has_no_page(planet: Planet) -> None:
    planet.post("a.md", post("Linked", more="link: https://elsewhere.example/a\nid: tag:me.example,2020:a\n"))
    planet.run()
    entry = planet.atom().entries[0]
    assert (entry.id, entry.link) == ("tag:me.example,2020:a", "https://elsewhere.example/a")
    assert not (planet.root / "feeds/entries").exists()


@pytest.mark.torture
def test_a_post_keeps_the_link_under_which_it_was_published(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "link": "https://blog.example/{path}/"}]
    planet.post("a.md", post("First", more="slug: first\n"))
    planet.run()
    before = planet.atom().entries[0]
    planet.config["posts"][0]["link"] = "https://blog.example/{slug}/"
    planet.post("b.md", post("Second", date="2026-11-02", body="Other words.", more="slug: second\n"))
    assert planet.run(NOON + timedelta(hours=1)).entries.updated == 0
    links = {entry.title: entry.link for entry in planet.atom().entries}
    assert links == {"First": "https://blog.example/a/", "Second": "https://blog.example/second/"}
    planet.post("a.md", post("First", body="New words.", more="slug: newer\n"))
    assert planet.run(NOON + timedelta(hours=2)).entries.updated == 1
    after = next(entry for entry in planet.atom().entries if entry.title == "First")
    assert (after.id, after.link) == (before.id, before.link)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("stays", "is_same"), [(False, True), (True, False)])
def test_a_post_at_another_address_is_the_one_that_its_alias_names(planet: Planet, stays: bool, is_same: bool) -> None:
    planet.config["posts"] = [{"path": "posts", "link": "https://blog.example/{slug}/"}]
    old = planet.post("old.md", post("Before", body="Quite different words, about rain."))
    planet.run()
    ids = planet.ids()
    if not stays:
        old.unlink()
    planet.post("new.md", post("After", body="All about the first thing in spring.", more="aliases: [/old/]\n"))
    report = planet.run(NOON + timedelta(hours=1))
    entry = next(entry for entry in planet.atom().entries if entry.title == "After")
    assert ([entry.id] == ids, entry.link) == (is_same, "https://blog.example/new/")
    assert (report.entries.new, report.entries.updated) == ((0, 1) if is_same else (1, 0))


@pytest.mark.torture
def test_the_page_of_a_post_has_the_slug_of_its_front_matter(planet: Planet) -> None:
    planet.post("a.md", post("First", more="slug: My Slug\n"))
    planet.post("2026-03-16-bundle/index.md", "---\ndate: 2026-03-16\n---\nWords without a title.")
    planet.run()
    pages = planet.root / "feeds/entries"
    assert sorted(page.name for page in pages.iterdir()) == ["2026-03-16-bundle.html", "my-slug.html"]
    planet.post("a.md", post("First", more="slug: other\n"))
    planet.run(NOON + timedelta(hours=1))
    assert sorted(page.name for page in pages.iterdir()) == ["2026-03-16-bundle.html", "my-slug.html"]


def test_tags_stand_alone_beside_the_path_of_categories(planet: Planet) -> None:
    planet.post("a.md", post("Tagged", more="tags: [C++, C#]\n"))
    planet.run()
    assert planet.index().keys() == {"all", "news", "news/local", "c-plus-plus", "c-sharp"}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("style", "feeds"),
    [
        ("path", {"all", "sports", "sports/baseball", "mlb", "mlb/american", "rivalries"}),
        ("flat", {"all", "sports", "baseball", "mlb", "american", "rivalries"}),
    ],
)
def test_a_list_of_lists_is_several_paths(planet: Planet, style: str, feeds: set[str]) -> None:
    planet.config["posts"] = [{"path": "posts", "category_style": style}]
    planet.post("a.md", post("A").replace("[News, Local]", "[[Sports, Baseball], [MLB, American], Rivalries]"))
    planet.run()
    assert planet.index().keys() == feeds
    before = planet.tree()
    planet.regenerate(NOON + timedelta(hours=1))
    assert planet.tree() == before


@pytest.mark.skipif(not FAMILY.is_dir(), reason="the family's posts are not here")
class TestFamily:
    @pytest.fixture
    def family(self, planet: Planet) -> Planet:
        planet.config["posts"] = [{"path": str(FAMILY)}]
        planet.config["feeds"] = {"limit": 100}
        return planet

    def test_all_are_read_and_the_sample_is_where_a_reader_expects_it(self, family: Planet) -> None:
        report = family.run()
        assert (report.posts.read, report.posts.failed) == (46, 0)
        assert report.posts.repaired >= 1
        row = next(row for row in family.index().values() if row["category"] == ["新媒体", "趣头条"])
        assert not any("分类" in (row["category"] or []) for row in family.index().values())
        entry = family.atom(row["id"]).entries[0]
        assert (entry.title, entry.published) == ("重庆市启动2021年金秋招聘月活动", "2021-10-22T13:15:01Z")
        for name in ("atom.xml", "rss.xml", "feed.json"):
            text = (family.root / "feeds" / row["path"] / name).read_text()
            assert "cors.zfour" not in text
            assert "http://static.1sapp.com/qupost/img/2021/10/22/41441d3184850f723ee4ef86157c0be7.jpeg" in text
            assert "全市适合高校毕业生岗位需求总数705316人" in text

    @pytest.mark.torture
    def test_crawled_again_is_one_entry_and_alike_is_two(self, family: Planet) -> None:
        family.run()
        with family.app() as app, app.store.read() as tx:
            entries = {row.path: row.entry_id for row in tx.sightings.of_entries(tx.entries.ids(0, 10**6))}
        for one, other in [("012", "013"), ("035", "061"), ("042", "062")]:
            assert entries[f"{one}.md"] == entries[f"{other}.md"]
        for one, other in [("020", "060"), ("003", "063"), ("042", "043")]:
            assert entries[f"{one}.md"] != entries[f"{other}.md"]


def test_a_post_keeps_all_but_the_address_that_is_too_long(planet: Planet) -> None:
    far = f"https://a.example/{'x' * 9000}"
    planet.post("a.md", post("First", more=f"image: {far}\n", body=f"Some [words]({far})."))
    problems = planet.run().problems
    assert [problem.where.rpartition("/")[2] for problem in problems] == ["a.md"] * len(problems) != []
    assert all("9,018 characters, where 8,192 are the most: https://a.example/xxx" in one.message for one in problems)
    assert "words" in planet.atom().entries[0].content[0].value
    assert far not in (planet.root / "feeds/all/atom.xml").read_text()


@pytest.mark.torture
def test_rows_of_an_unchanged_folder_are_not_read(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong with its files is reported all the same."""
    planet.post("a.md", post("A"))
    planet.post("later.md", post("Later", more="expiryDate: 2026-11-23 14:00:00\n"))
    planet.post("bad.md", "---\ntitle: [\n---\nText")
    first = planet.run()
    with monkeypatch.context() as context:
        context.setattr("aggregator.store.post_files.PostFiles.of", lambda *_: pytest.fail("its rows were read"))
        again = planet.run(NOON + timedelta(hours=1))
    assert replace(again.posts, changed=first.posts.changed) == first.posts
    assert again.posts.changed == 0
    assert list(again.problems) == list(first.problems)
    assert planet.run(NOON + timedelta(hours=3)).posts.read == first.posts.read
    assert "Later" not in planet.titles()  # it expired


def test_a_name_between_colons_is_printed_as_it_is(planet: Planet) -> None:
    planet.post(":smile:.md", "")
    planet.run()
    assert "posts/:smile:.md: front-matter: the file is empty" in aggregator(planet.root, "run", "--force").stderr
    planet.post("a.md", post("':warning: of a storm'"))
    assert "would be new: :warning: of a storm" in aggregator(planet.root, "run", "--dry-run").stderr
