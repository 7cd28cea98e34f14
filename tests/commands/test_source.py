"""source add, list, remove, pause, resume, rename, move: as a user types them; entries keep their ids all along."""

import fcntl
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregator import worker_pool
from tests.commands.test_cli import Done, aggregator, report
from tests.support.planet import Upstream, rss
from tests.support.same_process import SameProcess

CONFIG = """\
# My planet.
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 8, allow_networks: [127.0.0.0/8]}   # here
posts:
  - path: posts   # mine
sources:
  # what I read
  - url: URL   # daily
    id: blog
    categories: [News]

# and how
feeds:
  per_source: true
  extra: [{id: mix, title: Mix, sources: [blog, posts]}]   # both
duplicates: {prefer: [posts, blog]}
"""
ONE = {"title": "One", "link": "https://blog.example/1", "description": "Words of one."}
TWO = rss(
    ONE | {"pubDate": "Mon, 02 Nov 2026 08:00:00 GMT"},
    {"title": "Two", "link": "https://blog.example/2", "guid": "two", "pubDate": "Tue, 03 Nov 2026 08:00:00 GMT"},
    title="The Blog",
)
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pool, "WorkerPool", SameProcess)


@pytest.fixture
def folder(tmp_path: Path, upstream: Upstream) -> Path:
    """A planet with one source and one post, not run yet."""
    url = upstream.serve("/feed", TWO)
    (tmp_path / "config.yaml").write_text(CONFIG.replace("URL", url), encoding="utf-8")
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text("---\ntitle: Mine\ndate: 2026-11-01\n---\nMy own words.\n")
    return tmp_path


def run(folder: Path, hour: int = 12) -> dict[str, Any]:
    done = aggregator(folder, "run", "--json", AGGREGATOR_NOW=f"2026-11-23T{hour:02}:00:00Z")
    assert done.returncode == 0, done.stderr
    return report(done)


def ids(folder: Path, feed: str = "all") -> dict[str, str]:
    document = json.loads((folder / "feeds" / feed / "feed.json").read_bytes())
    return {item["title"]: item["id"] for item in document["items"]}


def text(folder: Path) -> str:
    return (folder / "config.yaml").read_text(encoding="utf-8")


def add(folder: Path, *words: str) -> Done:
    return aggregator(folder, "source", "add", *words)


def backups(folder: Path) -> list[Path]:
    """The copies of the config, oldest first."""
    return sorted((folder / ".aggregator/backups").glob("config.yaml.*"))


def rows(folder: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in report(aggregator(folder, "source", "list", "--json"))["sources"]}


# add


def test_a_feed_is_appended_to_sources_and_fetched_once(folder: Path, upstream: Upstream) -> None:
    url, before = upstream.serve("/other.xml", TWO), text(folder)
    done = add(folder, url, "--id", "other", "--category", "A/B", "--category", "C", "--every", "1h")
    assert (done.returncode, done.stdout) == (0, "")
    assert f"added other: {url} (The Blog)" in done.stderr
    assert [path for path, _ in upstream.asked] == ["/other.xml"]
    new = f"  - url: {url}\n    id: other\n    categories: [A/B, C]\n    every: 1h\n"
    assert text(folder) == before.replace("    categories: [News]\n", "    categories: [News]\n" + new)
    assert [one.read_text() for one in backups(folder)] == [before]
    assert not (folder / ".aggregator/state.db").exists()


def test_an_id_is_made_from_the_title(folder: Path, upstream: Upstream) -> None:
    for path, title in (("/1", "趣头条 News"), ("/2", "Blog"), ("/3", "")):
        upstream.serve(path, rss(ONE, title=title))
    host = upstream.url("").removeprefix("http://").replace(".", "-").replace(":", "-")
    added = [report(add(folder, upstream.url(path), "--json"))["id"] for path in ("/1", "/2", "/3")]
    assert added == ["qu-tou-tiao-news", "blog-2", f"{host}-3"]


@pytest.mark.torture
def test_a_page_leads_to_its_feed(folder: Path, upstream: Upstream) -> None:
    upstream.serve("/new/rss", TWO)
    upstream.serve("/new/", '<link rel="alternate" type="application/rss+xml" href="rss">', headers=HTML)
    done = report(add(folder, upstream.url("/new/"), "--json"))
    assert done["url"] == upstream.url("/new/rss")
    assert done["title"] == "The Blog"
    assert [done["copy"]] == [str(one.relative_to(folder)) for one in backups(folder)]
    assert [path for path, _ in upstream.asked] == ["/new/", "/new/rss"]
    assert run(folder)["entries"]["duplicates"] == 2  # the same two entries at both


def test_a_feed_that_a_header_names_is_found(folder: Path, upstream: Upstream) -> None:
    upstream.serve("/new/rss", TWO)
    link = '<rss>; rel="alternate"; type="application/rss+xml"; title="All, of it"'
    page = upstream.serve("/new/", "<p>x <a href=/atom.xml>y</a>", headers=HTML | {"Link": link})
    assert report(add(folder, page, "--json"))["url"] == upstream.url("/new/rss")


def test_a_plain_link_leads_to_a_feed_where_nothing_else_does(folder: Path, upstream: Upstream) -> None:
    upstream.serve("/new/rss", TWO)
    page = upstream.serve("/new/", "<p>Follow <a href=rss>us</a>, or <a href=/feedback>not</a>.", headers=HTML)
    assert report(add(folder, page, "--json"))["url"] == upstream.url("/new/rss")
    several = upstream.serve("/two/", "<a href=1.rss title=News>x</a> <a href=2.atom>y</a>", headers=HTML)
    done = add(folder, several)
    urls = upstream.url("/two/1.rss"), upstream.url("/two/2.atom")
    assert done.stdout.splitlines() == [f"1  {urls[0]}  RSS, News", f"2  {urls[1]}  Atom"]
    named = '<link rel=alternate type="application/rss+xml" href=/new/rss><a href=/1.rss>x</a>'
    assert "is in the config already" in add(folder, upstream.serve("/three/", named, headers=HTML)).stderr


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("prefix", ["", "feed:", "feed://", "feed:http://", "FEED:"])
def test_addresses_as_people_write_them(prefix: str, folder: Path, upstream: Upstream) -> None:
    url = upstream.serve("/other.xml", TWO)
    written = prefix + url.removeprefix("http://")
    done = report(add(folder, written, "--json"))
    assert done["url"] == url  # nothing answers there by https


def test_where_nothing_answers_the_secure_address_is_told(folder: Path) -> None:
    done = add(folder, "127.0.0.1:9/feed")
    assert done.returncode == 1
    assert done.stderr.startswith("https://127.0.0.1:9/feed gave no usable answer: ")


def test_one_that_moved_for_good_is_added_where_it_is(folder: Path, upstream: Upstream) -> None:
    upstream.serve("/to", TWO)
    upstream.serve("/from", "", status=301, headers={"Location": "/to"})
    assert report(add(folder, upstream.url("/from"), "--json"))["url"] == upstream.url("/to")


SEVERAL = "".join(
    f'<link rel="alternate" type="application/{kind}" title="{title}" href="/{path}">'
    for kind, title, path in [("rss+xml", "All", "all"), ("atom+xml", "Comments", "comments")]
)


def test_without_a_terminal_several_feeds_are_listed_and_none_is_added(folder: Path, upstream: Upstream) -> None:
    page, before = upstream.serve("/p", SEVERAL, headers=HTML), text(folder)
    done = add(folder, page)
    assert done.returncode == 2
    assert done.stdout.splitlines() == [
        f"1  {upstream.url('/all')}  RSS, All",
        f"2  {upstream.url('/comments')}  Atom, Comments",
    ]
    assert "`aggregator source add URL` adds one of them" in done.stderr
    as_json = add(folder, page, "--json")
    assert as_json.returncode == 2
    assert [feed["title"] for feed in report(as_json)["feeds"]] == ["All", "Comments"]
    assert report(as_json)["problems"][0]["kind"] == "usage"
    assert text(folder) == before


def test_a_person_at_a_terminal_chooses(folder: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    page = upstream.serve("/p", SEVERAL, headers=HTML)
    upstream.serve("/comments", TWO)
    monkeypatch.setattr("aggregator.cli.feed_choice.is_interactive", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("7\n2\n"))
    done = add(folder, page)
    assert done.returncode == 0
    assert "added the-blog: " in done.stderr
    assert f"url: {upstream.url('/comments')}\n" in text(folder)


def test_common_paths_are_tried_only_with_the_option(folder: Path, upstream: Upstream) -> None:
    page = upstream.serve("/blog/", "<p>No feed named here.", headers=HTML)
    upstream.serve("/index.xml", TWO)
    del upstream.pages["/feed"]
    done = add(folder, page)
    assert done.returncode == 1
    assert "--try-common-paths" in done.stderr
    assert len(upstream.asked) == 1
    assert report(add(folder, page, "--try-common-paths", "--json"))["url"] == upstream.url("/index.xml")
    assert [path for path, _ in upstream.asked[2:]][-1] == "/index.xml"


REFUSED: dict[str, tuple[Callable[[Upstream], str], int, str]] = {
    "it is there already": (lambda up: up.url("/feed"), 2, "is in the config already: source blog (config.yaml:8)"),
    "written otherwise": (lambda up: up.url("/feed/").replace("http:", "https:"), 2, "is in the config already"),
    "a page whose feed is there": (lambda up: up.serve("/p", "<link rel=feed href=/feed>"), 2, "in the config already"),
    "nothing": (lambda _: " ", 2, "the address is empty; write https://host/path"),
    "no address": (lambda _: "what is this", 2, "write https://host/path"),
    "another scheme": (lambda _: "ftp://blog.example/feed", 2, "write https://host/path"),
    "a file that is none": (lambda _: "posts/a.md", 2, "not a feed"),
    "a folder": (lambda _: "posts", 2, "cannot be read"),
    "a secret of the environment": (lambda up: up.url("/${HOME}"), 2, "variable of the environment"),
    "a password": (lambda _: "https://me:secret@blog.example/", 2, "must not hold a password"),
    "nobody there": (lambda up: up.url("/nothing"), 1, "404"),
    "inside": (lambda _: "http://10.0.0.1/feed", 1, "not on the public Internet"),
    "a page without": (lambda up: up.serve("/p", "<html><p>x", headers=HTML), 1, "an HTML page, and names none"),
    "a feed too far": (
        lambda up: up.serve("/p", f"<link rel=feed href=/{'x' * 9000}>", headers=HTML),
        1,
        "names a feed by a URL of 9,001 characters; at most 8,192 are allowed",
    ),
    "a picture": (lambda up: up.serve("/p", b"\x89PNG\r\n\x1a\n\x00\x00"), 1, "not a feed"),
    "a list of feeds": (lambda up: up.serve("/p", "<opml version='2.0'><body/></opml>"), 1, "aggregator import FILE"),
    "a feed that the page promised": (lambda up: up.serve("/p", "<link rel=feed href=/p2>"), 1, "/p2"),
}  # fmt: skip


@pytest.mark.variants(quick=6)
@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing(case: str, folder: Path, upstream: Upstream) -> None:
    make, code, words = REFUSED[case]
    before = text(folder)
    done = add(folder, make(upstream))
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "secret@" not in done.stderr
    assert text(folder) == before
    assert backups(folder) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--id", "Blog"), "a-z"),
        (("--id", "blog"), "config.yaml:8"),
        (("--id", "posts"), "config.yaml:5"),
        (("--category", "A//B"), "a level is empty"),
        (("--category", "${HOME}"), "environment"),
        (("--every", "soon"), "an interval such as 1h"),
    ],
)
def test_invalid_options_are_refused(words: tuple[str, str], said: str, folder: Path, upstream: Upstream) -> None:
    done = add(folder, upstream.serve("/other", TWO), *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_of_many_known_ids_a_message_names_some(folder: Path) -> None:
    rows = "".join(f"- {{url: https://x.example/{n}, id: feed-{n}, paused: true}}\n" for n in range(40))
    site = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\nposts: []\n"
    (folder / "config.yaml").write_text(f"{site}sources:\n{rows}")
    ten = ", ".join(f"feed-{n}" for n in range(10))
    assert aggregator(folder, "run", "--source", "zzz").stderr == (
        f"no source has the id zzz; known ids: {ten} and 30 more\n"
    )


def test_a_dry_run_changes_nothing(folder: Path, upstream: Upstream) -> None:
    before = text(folder)
    done = add(folder, upstream.serve("/other", TWO), "--dry-run")
    assert "would add" in done.stderr
    assert text(folder) == before


def test_a_local_file_is_named_as_the_config_sees_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "saved").mkdir()
    (folder / "saved/feed.xml").write_text(TWO)
    done = aggregator(folder / "saved", "-c", "../config.yaml", "source", "add", "feed.xml", "--json")
    assert report(done)["url"] == "saved/feed.xml"
    assert add(folder, "saved/feed.xml").returncode == 2


def test_a_config_without_sources_gets_some(tmp_path: Path, upstream: Upstream) -> None:
    site = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
    before = site + "fetch: {allow_networks: [127.0.0.0/8]}   # here"
    (tmp_path / "config.yaml").write_text(before)
    url = upstream.serve("/x", TWO)
    assert add(tmp_path, url, "--id", "x").returncode == 0
    assert text(tmp_path) == f"{before}\n\nsources:\n  - url: {url}\n    id: x\n"


def test_what_is_foreign_is_read_in_a_process_of_its_own(
    folder: Path, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    url = upstream.serve("/other.xml", TWO)
    assert report(add(folder, url, "--json"))["title"] == "The Blog"


# the others


def test_the_list_tells_what_is_known(folder: Path) -> None:
    assert rows(folder)["blog"] | {"url": ""} == {
        "id": "blog", "url": "", "title": "", "kind": "feed", "state": "new", "entries": 0
    }  # fmt: skip
    run(folder)
    listed = rows(folder)
    assert list(listed) == ["posts", "blog"]
    assert (listed["blog"]["title"], listed["blog"]["state"], listed["blog"]["entries"]) == ("The Blog", "ok", 2)
    lines = aggregator(folder, "source", "list").stdout.splitlines()
    assert lines[2].split()[:4] == ["blog", "ok", "The", "Blog"]


@pytest.mark.torture
def test_the_list_says_what_status_says(folder: Path, upstream: Upstream) -> None:
    """A pull that fails once is a fault that may pass; three in a row are more."""
    upstream.serve("/feed", "", status=500)
    for hour, state in ((12, "new"), (13, "new"), (14, "failing")):
        aggregator(folder, "run", "--force", AGGREGATOR_NOW=f"2026-11-23T{hour:02}:00:00Z")
        told = report(aggregator(folder, "status", "--json", AGGREGATOR_NOW=f"2026-11-23T{hour:02}:00:00Z"))
        assert rows(folder)["blog"]["state"] == state
        assert {row["id"]: row["state"] for row in told["sources"]}["blog"] == state


@pytest.mark.torture
def test_a_source_taken_out_and_added_again_has_its_entries_and_their_ids(folder: Path, upstream: Upstream) -> None:
    simple = CONFIG.partition("# and how")[0].replace("URL", upstream.url("/feed"))
    (folder / "config.yaml").write_text(simple)
    run(folder)
    before = ids(folder)
    assert aggregator(folder, "source", "remove", "blog").returncode == 0
    assert text(folder) == simple.replace(simple[simple.index("  # what I read") :], "\n")
    run(folder, 13)
    assert set(ids(folder)) == {"Mine"}
    again = add(folder, upstream.url("/feed").replace("/feed", "/feed/"), "--json")
    assert again.returncode == 1  # no server answers there
    assert report(add(folder, upstream.url("/feed"), "--json"))["id"] == "blog"
    run(folder, 14)
    assert ids(folder) == before


def test_a_source_that_another_key_names_is_not_removed(folder: Path) -> None:
    before = text(folder)
    done = aggregator(folder, "source", "remove", "blog")
    assert done.returncode == 2
    assert "config.yaml:15: feeds.extra.0.sources.0: names blog; remove it here first" in done.stderr
    assert "config.yaml:16: duplicates.prefer.1: " in done.stderr
    assert text(folder) == before


@pytest.mark.torture
def test_a_paused_source_is_not_pulled_even_with_force_and_its_entries_stay(folder: Path, upstream: Upstream) -> None:
    run(folder)
    before, asked = ids(folder), len(upstream.asked)
    assert aggregator(folder, "source", "pause", "blog").returncode == 0
    upstream.serve("/feed", rss({"title": "Three", "link": "https://blog.example/3"}))
    for words in (["run"], ["run", "--force"], ["run", "--force", "--source", "blog"]):
        assert aggregator(folder, *words, AGGREGATOR_NOW="2026-11-24T12:00:00Z").returncode == 0
    assert len(upstream.asked) == asked
    assert ids(folder) == before
    status = report(aggregator(folder, "status", "--json", AGGREGATOR_NOW="2026-11-24T12:00:00Z"))
    assert {row["id"]: row["state"] for row in status["sources"]}["blog"] == "paused"
    assert rows(folder)["blog"]["state"] == "paused"
    assert aggregator(folder, "source", "resume", "blog").returncode == 0
    assert "paused" not in text(folder)
    aggregator(folder, "run", AGGREGATOR_NOW="2026-11-24T13:00:00Z")
    assert "Three" in ids(folder)
    assert rows(folder)["blog"]["state"] == "ok"


@pytest.mark.torture
def test_a_source_that_is_added_paused_waits(folder: Path, upstream: Upstream) -> None:
    assert aggregator(folder, "source", "pause", "blog").returncode == 0
    done = aggregator(folder, "source", "pause", "blog", "--json")
    assert (done.returncode, report(done)["copy"]) == (0, None)
    run(folder)
    assert upstream.asked == []


@pytest.mark.torture
def test_pausing_publishes_nothing_anew(folder: Path) -> None:
    """But for the page of the source, which says that it is paused."""
    run(folder)
    feeds = {file: file.read_bytes() for name in ("atom.xml", "feed.json") for file in folder.rglob(f"feeds/**/{name}")}
    aggregator(folder, "source", "pause", "blog")
    assert run(folder, 13)["feeds"]["written"] == 1
    assert "paused since" in (folder / "feeds/source/blog/index.html").read_text()
    assert {file: file.read_bytes() for file in feeds} == feeds


RESUMED = {
    "{url: URL, id: blog, paused: true}   # x": "{url: URL, id: blog}   # x",
    "{paused: true, url: URL, id: blog}": "{url: URL, id: blog}",
    "paused: true\n    url: URL\n    id: blog": "url: URL\n    id: blog",
    "url: URL\n    id: blog\n    paused: yes   # for now": "url: URL\n    id: blog",
    "url: URL\n    paused: 'true'\n    id: blog": "url: URL\n    id: blog",
}


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("item", RESUMED)
def test_resume_whatever_way_the_pause_is_written(item: str, folder: Path) -> None:
    head = CONFIG.partition("  # what I read")[0].replace("URL", "https://blog.example/f")
    before, after = (f"{head}  - {one}\n".replace("URL", "https://blog.example/f") for one in (item, RESUMED[item]))
    (folder / "config.yaml").write_text(before)
    assert rows(folder)["blog"]["state"] == "paused"
    assert aggregator(folder, "source", "resume", "blog").returncode == 0
    assert rows(folder)["blog"]["state"] == "new"
    assert text(folder) == after


def test_a_pause_that_comes_by_an_alias_is_overridden(folder: Path) -> None:
    head = CONFIG.partition("  # what I read")[0]
    two = "  - &a\n    url: https://a.example/\n    id: a\n    paused: true\n"
    two += "  - <<: *a\n    url: https://b.example/\n    id: b\n"
    (folder / "config.yaml").write_text(head + two)
    assert aggregator(folder, "source", "resume", "b").returncode == 0
    assert text(folder) == head + two + "    paused: false\n"
    assert {id_: row["state"] for id_, row in rows(folder).items()} == {"posts": "new", "a": "paused", "b": "new"}


@pytest.mark.torture
@pytest.mark.parametrize("old", ["blog", "posts"])
def test_a_rename_is_made_everywhere_and_entries_keep_their_ids(old: str, folder: Path) -> None:
    run(folder)
    before, config, mix = ids(folder), text(folder), ids(folder, "mix")
    assert aggregator(folder, "source", "rename", old, "river").returncode == 0
    changed = (
        config.replace("- path: posts   # mine\n", "- path: posts   # mine\n    id: posts\n")
        if old == "posts"
        else config
    )
    wanted = changed.replace(f"id: {old}\n", "id: river\n")
    wanted = wanted.replace("[blog, posts]", "[blog, posts]".replace(old, "river"))
    assert text(folder) == wanted.replace("[posts, blog]", "[posts, blog]".replace(old, "river"))
    done = run(folder, 13)
    assert (done["entries"]["new"], done["entries"]["updated"]) == (0, 0)
    assert ids(folder) == before
    assert ids(folder, "mix") == mix
    assert (rows(folder)["river"]["entries"], old in rows(folder)) == (1 if old == "posts" else 2, False)


@pytest.mark.torture
def test_a_rename_can_be_taken_back_before_anybody_knows_of_it(folder: Path) -> None:
    run(folder)
    before, config = ids(folder), text(folder)
    assert aggregator(folder, "source", "rename", "blog", "river").returncode == 0
    assert aggregator(folder, "source", "rename", "river", "blog").returncode == 0
    assert text(folder) == config
    assert run(folder, 13)["feeds"]["written"] == 0
    assert ids(folder) == before


@pytest.mark.torture
def test_the_default_folder_of_posts_can_be_renamed(tmp_path: Path) -> None:
    site = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
    (tmp_path / "config.yaml").write_text(site)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text("---\ntitle: Mine\ndate: 2026-11-01\n---\nMy own words.\n")
    run(tmp_path)
    before = ids(tmp_path)
    assert aggregator(tmp_path, "source", "rename", "posts", "notes").returncode == 0
    run(tmp_path, 13)
    assert ids(tmp_path) == before
    assert list(rows(tmp_path)) == ["notes"]


@pytest.mark.torture
def test_a_source_that_moves_is_the_same(folder: Path, upstream: Upstream) -> None:
    run(folder)
    before, config = ids(folder), text(folder)
    new = upstream.serve("/elsewhere.xml", TWO)
    assert aggregator(folder, "source", "move", "blog", new).returncode == 0
    assert text(folder) == config.replace(upstream.url("/feed"), new)
    upstream.asked.clear()
    done = run(folder, 13)
    assert [path for path, _ in upstream.asked] == ["/elsewhere.xml"]
    assert (done["entries"]["new"], done["entries"]["updated"]) == (0, 0)
    assert ids(folder) == before


@pytest.mark.torture
def test_an_id_that_was_made_of_the_address_is_written_down_when_that_changes(folder: Path, upstream: Upstream) -> None:
    head = CONFIG.partition("  # what I read")[0]
    item = f"  - url: {upstream.url('/feed')}   # x\n"
    (folder / "config.yaml").write_text(head + item)
    run(folder)
    [id_] = set(rows(folder)) - {"posts"}
    before, new = ids(folder), upstream.serve("/new.xml", TWO)
    assert aggregator(folder, "source", "move", id_, new).returncode == 0
    assert text(folder) == f"{head}  - url: {new}   # x\n    id: {id_}\n"
    run(folder, 13)
    assert ids(folder) == before


def test_ids_that_hang_on_others_are_written_down_when_one_of_those_goes(folder: Path) -> None:
    head = CONFIG.partition("  # what I read")[0]
    urls = [f"https://blog.example/?tag={n}" for n in range(3)]
    (folder / "config.yaml").write_text(head + "".join(f"  - url: {url}\n" for url in urls))
    assert list(rows(folder)) == ["posts", "blog-example", "blog-example-2", "blog-example-3"]
    assert aggregator(folder, "source", "remove", "blog-example").returncode == 0
    assert {id_: row["url"] for id_, row in rows(folder).items() if id_ != "posts"} == {
        "blog-example-2": urls[1],
        "blog-example-3": urls[2],
    }


REFUSALS = {
    "an id that is none": (["rename", "blog", "Blog"], "a-z"),
    "an id that is taken": (["rename", "blog", "posts"], "config.yaml:5"),
    "nobody": (["rename", "blgo", "x"], "did you mean blog?"),
    "a folder of posts": (["pause", "posts"], "is a folder of posts (config.yaml:5)"),
    "no address": (["move", "blog", "nowhere"], "write https://host/path"),
    "an id that entries are kept under": (["rename", "blog", "gone"], "whose entries are stored under it"),
    "another's address": (["move", "blog", "https://two.example/f"], "is in the config already: source two"),
}


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("case", REFUSALS)
def test_a_change_that_would_mix_up_sources_is_refused(case: str, folder: Path) -> None:
    words, said = REFUSALS[case]
    config = text(folder).replace("\n# and how", "  - {url: https://two.example/f, id: two, paused: true}\n\n# and how")
    gone = config.replace("\n# and how", "  - {url: https://gone.example/f, id: gone, paused: true}\n\n# and how")
    if "kept" in case:
        (folder / "config.yaml").write_text(gone)
        run(folder)
    (folder / "config.yaml").write_text(config)
    done = aggregator(folder, "source", *words)
    assert done.returncode == 2
    assert said in done.stderr
    assert text(folder) == config


@pytest.mark.torture
def test_a_second_change_waits_for_the_next_run(folder: Path, upstream: Upstream) -> None:
    run(folder)
    assert aggregator(folder, "source", "rename", "blog", "river").returncode == 0
    done = aggregator(folder, "source", "move", "river", upstream.serve("/new", TWO))
    assert done.returncode == 2
    assert "until the next run" in done.stderr
    run(folder, 13)
    assert aggregator(folder, "source", "move", "river", upstream.url("/new")).returncode == 0
    done = aggregator(folder, "source", "rename", "river", "stream")
    assert done.returncode == 2
    assert "rename it after the next run" in done.stderr


@pytest.mark.torture
def test_all_of_it_works_beside_a_running_process(folder: Path, upstream: Upstream) -> None:
    run(folder)
    with (folder / ".aggregator/state.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for words in (
            ["add", upstream.serve("/other", TWO), "--id", "other"],
            ["list"],
            ["pause", "other"],
            ["resume", "other"],
            ["rename", "other", "another"],
            ["move", "another", upstream.url("/else")],
            ["remove", "another"],
        ):
            assert aggregator(folder, "source", *words).returncode == 0


@pytest.mark.parametrize("words", [["list"], ["pause", "blog"], ["remove", "blog"], ["rename", "blog", "x"]])
def test_a_broken_config_is_named_and_left(words: list[str], folder: Path) -> None:
    (folder / "config.yaml").write_text(text(folder) + "colour: red\n")
    before = text(folder)
    done = aggregator(folder, "source", *words)
    assert done.returncode == 2
    assert "config.yaml:17: colour: unknown key" in done.stderr
    assert text(folder) == before
