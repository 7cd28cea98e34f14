"""feeds.formats: posts. Entries are written as posts with front matter, and read back as the same entries."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.categories.names import readable
from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.config import load_config
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.document import CategoryTerm, Link, Person, RawEntry, Text
from aggregator.model.entry import CleanEntry, Entry
from aggregator.posts import PostSettings, read_post, write_post
from aggregator.publish.entry_reader import EntryReader
from aggregator.publish.select import Selection
from aggregator.render import is_post_name, post_body, post_matter, post_name
from aggregator.store import Store
from aggregator.text.generator import is_marked
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.samples import FULL

SETTINGS = ContentSettings()


def entry(title: str = "", content: str = "", summary: str = "", **more: Any) -> Entry:
    """As it stands after cleaning, which is all that is ever exported."""
    draft = RawEntry(
        title=Text(title), content=Text(content, "html"), summary=Text(summary, "html"), links=(Link("https://a.example/1"),)
    )  # fmt: skip
    cleaned = clean(draft, base="https://a.example/", settings=SETTINGS)
    return Entry("tag:a.example,2020:1", "https://a.example/1", NOON, NOON, NOON, NOON, replace(cleaned, **more))


def written(one: Entry) -> bytes:
    return write_post(post_matter(one), post_body(one))


def read(one: Entry) -> CleanEntry:
    """What we read of the file that we wrote."""
    post = read_post(written(one), post_name(one), PostSettings())
    assert (post.repaired, post.problems, post.hidden) == ((), (), False)
    return clean(replace(post.draft, tags=post.tags), base="https://a.example/1", settings=SETTINGS)


def comes_back(one: Entry) -> None:
    again, clean = read(one), one.clean
    assert (again.id, again.link, again.published, again.updated) == (one.id, one.link, one.published, one.updated)
    for name in ("title", "authors", "enclosures", "image", "language", "rights"):
        assert getattr(again, name) == getattr(clean, name), name
    assert (again.content, again.summary) == body_and_summary(clean)


def body_and_summary(clean: CleanEntry) -> tuple[str, str]:
    """A summary alone is the body of a post."""
    return clean.content or clean.summary, clean.summary if clean.content else ""


TITLES = [
    "yes", "no", "null", "~", "2026-11-23", "2.43", "1e3", "0o17", "0x1F", ": x", "a: b", "- x", "# x", "'", '"',
    "'a' \"b\"", "x #y", "{{ x }}", "{% raw %}", "[x](y)", "@x", "`x`", "%x", "!x", "&x", "*x", "|", ">", "---", "...",
    "\\", "\\x3C", "<b>bold</b>", "</script>", "\U0001f600 新媒体 Ünïcode", "a\u2028b", "true", "=", "<<", "x" * 900,
]  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_a_title_is_a_title_whatever_yaml_would_make_of_it(title: str) -> None:
    one = entry(title, "<p>x</p>")
    comes_back(one)
    for version in (yaml.SafeLoader, yaml.BaseLoader):
        matter = next(yaml.load_all(written(one).decode(), Loader=version))
        assert matter["title"] == one.clean.title


CONTENTS = [
    "", "plain", "two\nlines", "<div>two\nlines</div>", "  <p>x</p>\n", "a\u3000",
    "<p>a</p>\n\n---\n\n<p>b</p>", "--- \n+++",
    "<p>{{ page.x }} {% include x %} {# no #} {{{x}}} {{&lt; figure &gt;}} {{% x %}}</p>",
    '<p title="{{ x }}">{{<b>x</b></p>',
    "<pre>a\n\n  b</pre>", '<img src="https://x.example/i.png" alt="&lt;body&gt; x">',
    "a &lt;b&gt; &amp;amp; &amp;#123;",
    "<p>{# x #} #} {&#37; x #}}</p>", "<pre>\n```js\n{ x }\n```\n~~~~\ny\n~~~~\n</pre>", "<p>``````` ~~~~~</p>",
    '<p>&lt;!--swig\ufffc0--&gt; \ufffc &lt;!-- more --&gt;<img src="https://x.example/`" alt="<!--more--> ```"></p>',
    "<p>HAHAHUGOSHORTCODE-1-HBHB HUGOMORE42 HAHUGO</p>",
    "<p>&nbsp;</p>", "\U0001f600", "<h1>Heading</h1><p>x</p>", "title: x\n---\ny", "<p>x</p><!-- more --><p>y</p>",
]  # fmt: skip


@pytest.mark.parametrize("content", CONTENTS)
def test_content_comes_back_to_the_character(content: str) -> None:
    comes_back(entry("x", content))


# What Liquid, Nunjucks, Hexo and Hugo look for in a page before they show it.
OF_GENERATORS = re.compile(r"\{[{%#]|#\}|```|~~~|\ufffc|HAHAHUGOSHORTCODE|HUGOMORE42|<!-- ?more")


@pytest.mark.parametrize("content", CONTENTS)
def test_no_generator_finds_in_a_body_what_it_would_run(content: str) -> None:
    assert not OF_GENERATORS.search(post_body(entry("x", content)))


def test_an_article_that_came_only_as_a_summary_is_a_body_and_no_excerpt() -> None:
    for one in (entry("x", "", "Only <i>this</i>."), entry("x", "", "Only this.")):
        assert post_body(one) == one.clean.summary
        assert not {"excerpt", "description"} & post_matter(one).keys()


@pytest.mark.parametrize("summary", CONTENTS)
def test_a_summary_comes_back_alone_and_beside_content(summary: str) -> None:
    comes_back(entry("x", "", summary))
    comes_back(entry("x", "<p>Something else.</p>", summary))


pieces = st.sampled_from(
    [
        "\n",
        " ",
        "---",
        "{{",
        "{%",
        "#}",
        "``",
        "~~~",
        "\ufffc",
        "<p>",
        "</p>",
        "<div>",
        "</div>",
        "<b>x</b>",
        "&lt;",
        "&amp;#123;",
        "x",
        "新",
        "\u3000",
    ]
)


@given(st.lists(pieces, max_size=8).map("".join), st.lists(pieces, max_size=6).map("".join))
@example("x\n", "<div>x\ny</div>")
def test_any_markup_comes_back(content: str, summary: str) -> None:
    comes_back(entry("x", content, summary))


@given(st.text(max_size=60).filter(lambda text: "&#12" not in text))
def test_any_title_comes_back(title: str) -> None:
    comes_back(entry(title, "<p>x</p>"))


def test_everything_that_a_post_can_say() -> None:
    one = replace(
        entry("x", "<p>x</p>"),
        updated=NOON + timedelta(hours=2),
        paths=(("A", "B"), ("yes",), ("C", "B"), ("B",)),
    )
    people = (Person("Ann"), Person("Bo <x> [y](z)", "https://bo.example/"), Person("", "", "c@c.example"))
    media = (
        Link("https://a.example/1.mp3", "enclosure", "audio/mpeg", title="One: two", length=5, duration=60),
        Link("magnet:?xt=urn:btih:1", "enclosure"),
    )
    shown = replace(one.clean, authors=people, enclosures=media, image="https://a.example/i.png")
    one = replace(one, clean=replace(shown, language="zh-CN", rights="© 2026: CC BY"))
    comes_back(one)
    again = read(one)
    assert again.terms == (CategoryTerm("A"), CategoryTerm("B"))
    assert again.tags == (CategoryTerm("yes"), CategoryTerm("C"), CategoryTerm("B"))
    comes_back(replace(one, clean=replace(one.clean, authors=people[:1])))


NAMES = [
    (".", "&#46;"), ("..", "&#46;&#46;"), ("../../x", "&#46;&#46;/&#46;&#46;/x"), ("a/..", "a/&#46;&#46;"),
    ("index.html", "index&#46;html"), ("a/INDEX.xml", "a/INDEX&#46;xml"),
    ("index", "index"), ("Node.js", "Node.js"), ("myindex.html", "myindex.html"), ("a..b/c.", "a..b/c."),
    ("\u65b0" * 80, "\u65b0" * 80),
]  # fmt: skip


@pytest.mark.parametrize(("name", "file"), NAMES)
def test_a_name_that_could_be_no_folder_is_written_with_references(name: str, file: str) -> None:
    matter = post_matter(replace(entry("x"), paths=((name,), (name, "b"))))
    assert (matter["categories"], matter["tags"]) == ([file], ["b"])
    assert [readable(one) for one in matter["categories"]] == [name]


def test_a_name_too_long_for_a_folder_is_left_out() -> None:
    long = "\u65b0" * 81
    matter = post_matter(replace(entry("x"), paths=(("a", long, "b"), (long,), ("c",))))
    assert (matter["categories"], matter["tags"]) == (["a"], ["c"])


def test_dates_are_texts_for_hexo_takes_others_for_local_time() -> None:
    matter = next(yaml.safe_load_all(written(entry("x"))))
    assert [matter[key] for key in ("date", "updated", "lastmod")] == ["2026-11-23T12:00:00Z"] * 3


def test_the_file_as_it_stands() -> None:
    """Golden: what other programs read. A license, and where it came from, are told though we have no use for them."""
    one = replace(FULL, paths=(("Jobs", "Remote"), ("新媒体",)))
    one = replace(
        one, clean=replace(one.clean, links=(Link("https://cc.example/by", "license"),), enclosures=(), extras=())
    )
    assert post_name(one) == "2024-02-29-at-and-t-buys-qu-tou-tiao-450cb301722a.html"
    assert written(one).decode() == GOLDEN


GOLDEN = """\
---
title: "AT&T \\x3Cbuys> 趣头条"
date: '2024-02-29T12:00:05Z'
updated: '2024-02-29T15:00:05Z'
lastmod: '2024-02-29T15:00:05Z'
id: 'https://blog.example/1'
link: 'https://blog.example/1'
authors:
- name: 'Bo'
  email: 'bo@blog.example'
- url: 'https://cy.example/'
categories:
- 'Jobs'
- 'Remote'
tags:
- '新媒体'
excerpt: "\\x3Cp>A short &amp; sweet account.\\x3C/p>"
image: 'https://blog.example/1.png'
lang: 'zh-CN'
rights: 'CC0'
license_url: 'https://cc.example/by'
via:
  title: "The \\x3COne> Blog"
  url: 'https://blog.example/'
  feed: 'https://blog.example/feed.xml'
  rights: '© Olga'
generator: 'aggregator'
---

<p>All of it, ]]&gt; and <a href="https://x.example/">more</a>.</p>
"""


def test_names_are_short_distinct_and_of_the_entry_alone() -> None:
    names = {
        post_name(replace(entry(title), id=id_))
        for title in ("", "/../x", "x" * 500, "新" * 200, "CON")
        for id_ in ("a", "b")
    }
    assert len(names) == 10
    assert all(is_post_name(name) and len(name.encode()) <= 120 for name in names)
    assert not any(map(is_post_name, ("index.html", "atom.xml", "2026-01-01-x.html", "x.html")))


def test_a_file_that_a_browser_opens_runs_nothing() -> None:
    one = entry("<script>alert(1)</script>", "<p>x</p>", "<b>x</b>", authors=(Person("<img src=x onerror=alert(1)>"),))
    head = written(one).split(b"\n---\n")[0]
    assert b"<" not in head
    comes_back(one)


def test_what_front_matter_cannot_hold() -> None:
    long = entry("x", "<p>x</p>", "<p>" + "word " * 5000 + "</p>")
    assert "excerpt" not in post_matter(long)
    alone = entry("x", "", "<p>" + "word " * 5000 + "</p>")
    assert read(alone).content == alone.clean.summary


# in a planet


def shown(planet: Planet, root: Path) -> list[Any]:
    """The entries of `all`, and what each says that a post can say."""
    store = Store(root / ".aggregator" / "state.db")
    store.open()
    try:
        with store.read() as tx:
            app = App(load_config(root / "config.yaml", {}), store, lambda: NOON)
            category_tree = CategoryTree(tx)
            selection = Selection(app, tx, category_tree)
            plan = next(iter(selection.plans(set())))
            ids = selection.ids(plan)
            entries = EntryReader(app, category_tree).read(tx, ids)
            return [_said(entries[id_]) for id_ in ids]
    finally:
        store.close()


def _said(one: Entry) -> dict[str, Any]:
    names = ("title", "authors", "enclosures", "image", "language", "rights")
    return {name: getattr(one.clean, name) for name in names} | {
        "texts": body_and_summary(one.clean),
        "id": one.id,
        "link": one.link,
        "published": one.published,
        "updated": one.updated,
        "paths": one.paths,
    }


POST = """\
---
title: "yes"
date: 2026-11-20 08:00:00
updated: 2026-11-21
author: Ann <ann@a.example>
categories: [图片, 1X, 2026-11-23]
tags: [a/b, "no"]
description: "In short: {{ x }}"
headimg: https://a.example/i.png
enclosure: {url: "https://a.example/1.mp3", type: audio/mpeg, length: 7}
lang: zh-CN
rights: CC BY
---
<p>{{ page.title }} {% raw %}</p>

---

<p>end</p>
"""


def test_a_planet_of_what_a_planet_exported_is_the_same(planet: Planet, upstream: Upstream, tmp_path: Path) -> None:
    planet.post("one.html", POST)
    planet.post(
        "sub/two.md", "---\ntitle: ': x'\nlink: https://a.example/2\ndate: 2026-11-19\n---\n*Two*\n\n<b>x</b>\n"
    )
    item = {"title": "Three", "link": "https://b.example/3", "guid": "urn:x:3", "description": "One\nTwo",
            "author": "x@x.example (Xu)",
            "category": "Python|Web", "pubDate": "Mon, 16 Nov 2026 10:00:00 GMT"}  # fmt: skip
    planet.config |= {
        "sources": [{"url": upstream.serve("/feed", rss(item)), "id": "b"}],
        "feeds": {"formats": ["posts"]},
    }
    report = planet.run()
    assert report.problems == {}
    folder = planet.root / "feeds" / "all" / "posts"
    assert len(list(folder.iterdir())) == 3
    for change in ({}, {"site": {"title": "Other", "url": "https://other.example/", "since": "2020-01-01"}}):
        second = Planet(tmp_path / f"second{len(change)}", planet.runner, planet.pool, planet.config | change)
        second.root.mkdir()
        second.config = {key: second.config[key] for key in ("site", "fetch")} | {"posts": [{"path": str(folder)}]}
        again = second.run()
        assert (again.problems, again.posts.read, again.posts.repaired) == ({}, 3, 0)
        assert shown(second, second.root) == shown(planet, planet.root)


@pytest.mark.torture
def test_the_folder_holds_what_the_feed_holds_and_no_more(planet: Planet) -> None:
    for number in range(3):
        planet.post(
            f"{number}.md",
            f"---\ntitle: Post {number}\nid: urn:x:{number}\ndate: 2026-11-1{number}\ncategories: [A]\n---\nText\n",
        )
    planet.config["feeds"] = {"limit": 2, "archive": 1, "window": "1h", "formats": ["atom", "posts"]}
    planet.run()
    first = {path for path in planet.tree() if "/posts/" in path}
    assert sorted(re.sub("-[0-9a-f]{12}", "", path) for path in first) == [
        "a/posts/2026-11-11-post-1.html", "a/posts/2026-11-12-post-2.html",
        "all/posts/2026-11-11-post-1.html", "all/posts/2026-11-12-post-2.html",
    ]  # fmt: skip
    for path in first:
        assert is_marked(path, (planet.root / "feeds" / path).read_bytes())
    row = planet.index()["a"]["formats"]
    assert row["posts"] == {"href": "a/posts/", "entries": 2}
    assert {"href", "sha256", "entries"} == set(row["atom"])
    before = planet.tree()
    times = {path: (planet.root / "feeds" / path).stat().st_mtime_ns for path in first}
    assert planet.run().feeds.written == 0
    planet.regenerate()
    assert planet.tree() == before
    assert times == {path: (planet.root / "feeds" / path).stat().st_mtime_ns for path in first}

    planet.post("3.md", "---\ntitle: Post 3\nid: urn:x:3\ndate: 2026-11-13\ncategories: [B]\n---\nText 3\n")
    (planet.root / "feeds" / min(first)).unlink()
    own = planet.root / "feeds" / "all" / "posts" / "own.html"
    own.write_text("mine")
    planet.run()
    after = {path for path in planet.tree() if "/posts/" in path}
    assert {path for path in after if path.startswith("a/")} == {path for path in first if path.startswith("a/")}
    assert min(path for path in after if path.startswith("all/")).startswith("all/posts/2026-11-12")
    assert own.read_text() == "mine"

    planet.config["feeds"]["formats"] = ["atom"]
    planet.run()
    assert [path for path in planet.tree() if "/posts/" in path] == ["all/posts/own.html"]
    assert "posts" not in planet.index()["all"]["formats"]


def test_a_category_called_posts_keeps_its_folder(planet: Planet) -> None:
    planet.post("1.md", "---\ntitle: One\ndate: 2026-11-11\ncategories: [A, Posts]\n---\nText\n")
    planet.config["feeds"] = {"formats": ["posts"]}
    report = planet.run()
    assert [(one.where, one.kind) for one in report.problems] == [("a", "config")]
    files = {re.sub("[0-9a-f]{12}", "…", path) for path in planet.tree() if "/posts/" in path}
    assert files == {"a/posts/index.html", "a/posts/posts/2026-11-11-one-….html", "all/posts/2026-11-11-one-….html"}


@pytest.mark.torture
def test_a_lost_state_takes_the_folder_for_its_own(planet: Planet) -> None:
    from aggregator.recover import recover

    planet.post("1.md", "---\ntitle: One\ndate: 2026-11-11\n---\nText\n")
    planet.config["feeds"] = {"formats": ["atom", "json", "posts"]}
    planet.run()
    before = planet.tree()
    (planet.root / ".aggregator" / "state.db").unlink()
    with planet.app() as app:
        planet.runner.run(recover(app, planet.pool))
    planet.run(NOON + timedelta(hours=1))
    assert planet.tree() == before
    assert (
        json.loads((planet.root / "feeds" / "index.json").read_bytes())["feeds"][0]["formats"]["posts"]["entries"] == 1
    )
