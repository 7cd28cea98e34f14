"""Front matter and body to a RawEntry: every form of a value."""

from datetime import UTC, datetime, timedelta

import pytest

from aggregator.errors import PostError
from aggregator.model.document import Link, Person, Text
from aggregator.posts import Post, PostSettings, read_post


def read(front: str, body: str = "body", *, path: str = "a.md", settings: PostSettings | None = None) -> Post:
    return read_post(f"---\n{front}\n---\n{body}".encode(), path, settings or PostSettings())


def problems(post: Post) -> list[tuple[str, str]]:
    return [(problem.where, problem.kind) for problem in post.problems]


def test_a_whole_post() -> None:
    post = read(
        "Title: A &#123;b&#125;\nid: tag:a.example,2021:1\ndate: 2021-10-22\nlastmod: 2021-10-23\n"
        "categories: [X, Y]\ntags: [t, u]\nauthor: Ann\nlink: https://a.example/1\nsummary: short\n"
        "cover: c.png\nlang: no\nlicense: CC0\ncomments: false\nother: {a: [1]}",
        path="f/a.md",
    )
    draft = post.draft
    assert draft.title == Text("A {b}")
    assert (draft.id, draft.language, draft.rights, draft.image) == ("tag:a.example,2021:1", "no", "CC0", "c.png")
    assert draft.published
    assert draft.updated
    assert draft.updated - draft.published == timedelta(days=1)
    assert [term.term for term in draft.terms] == ["X", "Y"]
    assert [term.term for term in post.tags] == ["t", "u"]
    assert (draft.authors, draft.links) == ((Person("Ann"),), (Link("https://a.example/1"),))
    assert (draft.summary, draft.content) == (Text("short"), Text("<p>body</p>", "html"))
    assert (draft.path, post.hidden, post.repaired, post.problems) == ("f/a.md", False, (), ())


# ── titles ──


@pytest.mark.parametrize(
    ("data", "path", "title"),
    [
        ("# Head\n\ntext", "a.md", "Head"),
        ("text", "notes/2021-10-22-my_first-post.md", "my first post"),
        ("text", "2021-10-22.md", "2021 10 22"),
        ("<h1>A <b>b</b> &amp; c</h1>", "a.html", "A b & c"),
        ("---\ndate: 2021-01-01\n---\n# Head\n\ntext", "a.md", "Head"),
        ("---\ndate: 2021-01-01\n---\ntext", "a.md", None),
        ("---\ntitle:\n---\n# Head", "a.md", None),
        ("---\ntitle: ~\n---\ntext", "a.md", None),
        ("---\ntitle: null\n---\ntext", "a.md", None),
        ("---\ntitle: 'null'\n---\ntext", "a.md", "null"),
        ("---\ntitle: ''\n---\n# Head", "a.md", None),
        ('{"title": null}\ntext', "a.md", None),
        ('+++\ntitle = ""\n+++\ntext', "a.md", None),
        ("---\ntitle: [a, b]\n---\n", "a.md", "a, b"),
        ("---\ntitle: {a: b}\n---\n", "a.md", None),
    ],
)
def test_titles(data: str, path: str, title: str | None) -> None:
    found = read_post(data.encode(), path, PostSettings()).draft.title
    assert (found.value if found else None) == title


# ── categories ──


@pytest.mark.parametrize(
    ("written", "names", "kinds"),
    [
        ("[a, b]", ["a", "b"], []),
        ("\n - a\n - b", ["a", "b"], []),
        ("a, b c", ["a, b c"], []),
        ("编程，网络", ["编程，网络"], []),
        ("[编程，网络]", ["编程", "网络"], []),
        ("[2021, no, 1.10, 404, 2021-01-01]", ["2021", "no", "1.10", "404", "2021-01-01"], []),
        ("\n- Sci-Fi: New\n- b", ["Sci-Fi: New", "b"], []),
        ("\n-\n- null\n- '  '\n- 'null'", ["null"], ["category"] * 3),
        ("[[a, b], [c]]", ["a", "b", "c"], []),
        ("{a: b, c: d}", [], ["category"]),
        ("\n- a\n- # gone", ["a"], ["category"]),
        ("", [], []),
        ("[]", [], []),
        ("'a &#123;'", ["a {"], []),
    ],
)
def test_categories(written: str, names: list[str], kinds: list[str]) -> None:
    post = read(f"title: x\ncategories: {written}")
    assert [term.term for term in post.draft.terms] == names
    assert problems(post) == [("a.md:3", kind) for kind in kinds]


@pytest.mark.parametrize(
    ("written", "paths"),
    [
        ("a", []),
        ("[a, b]", []),
        ("\n- a\n- b", []),
        ("[[a, b], [c]]", ["a/b", "c"]),
        ("[[a, b]]", ["a/b"]),
        ("[[a, b], c]", ["a/b", "c"]),
        ("[c, [a, b], d]", ["c", "a/b", "d"]),
        (
            "\n- [Sports, Baseball]\n- [MLB, American League]\n- Rivalries",
            ["Sports/Baseball", "MLB/American League", "Rivalries"],
        ),
        ("\n- - a\n  - b\n- - c", ["a/b", "c"]),
        ("\n- - a\n  - b\n- c", ["a/b", "c"]),
        ("\n-\n  - a\n  - b", ["a/b"]),
        ("\n- [a]\n- [b]", ["a", "b"]),
        ("[[a, [b, c]], d]", ["a/b/c", "d"]),
        ("[[a, ''], [], [null], [b]]", ["a", "b"]),
        ("[[2021, no], [1.10]]", ["2021/no", "1.10"]),
        ("{a: b, c: d}", []),
    ],
)
def test_a_list_of_lists_is_several_paths_of_categories(written: str, paths: list[str]) -> None:
    draft = read(f"title: x\ncategories: {written}").draft
    assert ["/".join(term.term for term in path) for path in draft.paths] == paths


@pytest.mark.parametrize(
    ("front", "paths", "terms", "tags"),
    [
        ('[taxonomies]\ntags = ["rust", "web"]\ncategories = ["Notes"]', ["Notes"], ["Notes"], ["rust", "web"]),
        ('[taxonomies]\ncategories = ["a", "b"]\nauthors = ["x"]', ["a", "b"], ["a", "b"], []),
        ('[taxonomies]\ntag = ["a"]', [], [], ["a"]),
        ("[taxonomies]\ntags = []\ncategories = []", [], [], []),
        ('categories = ["c", "d"]\n[taxonomies]\ncategories = ["a"]', [], ["c", "d"], []),
        ('taxonomies = "x"', [], [], []),
        ('[Taxonomies]\ntags = ["a"]\n[extra]\ntags = ["b"]', [], [], ["a"]),
    ],
)
def test_zola_has_categories_and_tags_among_taxonomies(
    front: str, paths: list[str], terms: list[str], tags: list[str]
) -> None:
    post = read_post(f"+++\ntitle = 'x'\n{front}\n+++\nbody".encode(), "a.md", PostSettings())
    assert ["/".join(term.term for term in path) for path in post.draft.paths] == paths
    assert [term.term for term in post.draft.terms] == terms
    assert [tag.term for tag in post.tags] == tags
    assert post.problems == ()


@pytest.mark.parametrize(
    ("written", "names"),
    [
        ("a, b c,", ["a", "b c"]),
        ("[a, 'b, c']", ["a", "b, c"]),
        ("", []),
        ("编程，网络", ["编程", "网络"]),
        ("[编程，网络]", ["编程", "网络"]),
        ("[プログラミング、ウェブ、]", ["プログラミング", "ウェブ"]),
        ("برمجة، شبكات", ["برمجة", "شبكات"]),
        ("你好，世界, 生活", ["你好，世界", "生活"]),
        ("[你好，世界, 生活]", ["你好，世界", "生活"]),
        ("['你好，世界']", ["你好，世界"]),
        ("\n- 你好，世界\n- 生活", ["你好，世界", "生活"]),
        ("\n- a, b", ["a, b"]),
        ('["编程"，"网络"]', ["编程", "网络"]),
    ],
)
def test_tags(written: str, names: list[str]) -> None:
    post = read(f"title: x\ntags: {written}")
    assert ([tag.term for tag in post.tags], post.draft.terms) == (names, ())


# ── people and links ──


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("author: Ann", [Person("Ann")]),
        ("author: 1X", [Person("1X")]),
        ("author: Ann <ann@a.example>", [Person("Ann", email="ann@a.example")]),
        ("authors: [Ann, Bob]", [Person("Ann"), Person("Bob")]),
        ("author: {Name: Ann, url: https://a.example, email: a@b}", [Person("Ann", "https://a.example", "a@b")]),
        ("authors:\n- name: Ann\n- Bob", [Person("Ann"), Person("Bob")]),
        ("author: Shop - [Name](https://a.example)", [Person("Shop - Name")]),
        ("author:", []),
        ("author: {x: y}", []),
    ],
)
def test_authors(written: str, people: list[Person]) -> None:
    assert list(read(f"title: x\n{written}").draft.authors) == people


TEMPLATE = "https://blog.example/{path}/"


@pytest.mark.parametrize(
    ("written", "template", "href"),
    [
        ("link: https://a.example/1", "", "https://a.example/1"),
        ("permalink: /2021/x/\nurl: http://a.example/2", TEMPLATE, "http://a.example/2"),
        ("url: javascript:alert(1)", "", ""),
        ("url: https://", "", ""),
        ("url: 'https://[bad'", "", ""),
        ("url: 'https://a.example/a b'", "", ""),
        ("permalink: /2021/x/", "", ""),
        ("permalink: /2021/x/", TEMPLATE, "https://blog.example/2021/x/"),
        ("permalink: /:year/:title/", TEMPLATE, "https://blog.example/dir/p%20%C3%A9%25/"),
        ("x: y", TEMPLATE, "https://blog.example/dir/p%20%C3%A9%25/"),
        ("x: y", "", ""),
    ],
)
def test_links(written: str, template: str, href: str) -> None:
    post = read(f"title: x\n{written}", path="dir/p é%.md", settings=PostSettings(link=template))
    assert [link.href for link in post.draft.links] == [href] * bool(href)


@pytest.mark.parametrize("template", ["", TEMPLATE])
@pytest.mark.parametrize(
    ("written", "kinds"),
    [
        ("link: a.example/1", ["front-matter"]),
        ("link: www.a.example/1", ["front-matter"]),
        ("canonical_url: ftp://a.example/1", ["front-matter"]),
        ("url: javascript:alert(1)", ["front-matter"]),
        ("url: 'https://a.example/a b'", ["front-matter"]),
        ("link: N/A", []),
        ("link: false", []),
        ("permalink: ':year/:title'", []),
        ("url: posts/a", []),
        ("permalink: /2021/x/", []),
        ("link: a.example/1\npermalink: https://a.example/1", []),
    ],
)
def test_a_link_that_is_no_address_is_a_problem(written: str, kinds: list[str], template: str) -> None:
    post = read(f"title: x\n{written}", settings=PostSettings(link=template))
    assert problems(post) == [("a.md:3", kind) for kind in kinds]


@pytest.mark.parametrize(("template", "lines"), [("", ["a.md:3"]), (TEMPLATE, [])])
def test_a_path_as_link_needs_a_site(template: str, lines: list[str]) -> None:
    post = read("title: x\nlink: /2021/x/", settings=PostSettings(link=template))
    assert problems(post) == [(line, "front-matter") for line in lines]


SLUGS = "https://blog.example/{year}/{slug}/"


@pytest.mark.parametrize(
    ("front", "path", "before", "href"),
    [
        ("slug: my-slug\ndate: 2026-03-01", "a.md", "", "https://blog.example/2026/my-slug/"),
        ("slug: /my-slug/\ndate: 2026-03-01", "a.md", "", "https://blog.example/2026/my-slug/"),
        ("slug:\ndate: 2026-03-01", "a b.md", "", "https://blog.example/2026/a%20b/"),
        ("x: y", "d/2026-3-1-name.md", "", "https://blog.example/2026/name/"),
        ("x: y", "2026-03-16-bundle/index.md", "", "https://blog.example/2026/bundle/"),
        ("date: 2026-01-01T00:30:00Z", "a.md", "", "https://blog.example/2025/a/"),
        ("slug: new\ndate: 2026-03-01", "a.md", "https://blog.example/old/", "https://blog.example/old/"),
        ("slug: new\ndate: 2026-03-01", "a.md", "https://other.example/old/", "https://blog.example/2026/new/"),
        ("slug: x\npermalink: /p/", "a.md", "https://blog.example/old/", "https://blog.example/p/"),
        ("slug: x\nurl: https://a.example/", "a.md", "https://blog.example/old/", "https://a.example/"),
    ],
)
def test_a_slug_makes_the_link_of_a_post_that_has_none_yet(front: str, path: str, before: str, href: str) -> None:
    settings = PostSettings(timezone="America/New_York", link=SLUGS)
    post = read_post(f"---\ntitle: x\n{front}\n---\nbody".encode(), path, settings, before)
    assert ([link.href for link in post.draft.links], post.problems) == ([href], ())


@pytest.mark.parametrize(
    ("front", "template", "aliases"),
    [
        ("aliases: [/old/, /older/]", TEMPLATE, ["https://blog.example/old/", "https://blog.example/older/"]),
        ("aliases: /old/", TEMPLATE, ["https://blog.example/old/"]),
        ("redirect_from:\n- https://a.example/1\n- /2", "", ["https://a.example/1"]),
        ("alias: old/index.html", TEMPLATE, []),
        ("aliases:", TEMPLATE, []),
        ("aliases: {a: b}", TEMPLATE, []),
        ("aliases: ['javascript:x', //b.example/x]", TEMPLATE, ["https://b.example/x"]),
    ],
)
def test_old_addresses(front: str, template: str, aliases: list[str]) -> None:
    draft = read(f"title: x\n{front}", settings=PostSettings(link=template)).draft
    assert list(draft.aliases) == aliases


def test_a_post_without_a_date_has_no_link_that_needs_one() -> None:
    post = read("title: x\nslug: y", settings=PostSettings(link=SLUGS))
    assert (post.draft.links, problems(post)) == ((), [("a.md", "front-matter")])


def test_enclosures() -> None:
    post = read(
        "title: x\nenclosures:\n- https://a.example/1.mp3\n"
        "- {url: https://a.example/2.mp3, type: audio/mpeg, length: 123}\n"
        "- {url: 2.mp3}\n- {src: https://a.example/3, size: big}"
    )
    assert list(post.draft.links) == [
        Link("https://a.example/1.mp3", rel="enclosure"),
        Link("https://a.example/2.mp3", rel="enclosure", type="audio/mpeg", length=123),
        Link("https://a.example/3", rel="enclosure"),
    ]
    assert problems(post) == [("a.md:3", "front-matter")]


@pytest.mark.parametrize(
    ("written", "image"),
    [
        ("headimg: a\nthumbnail: b", "a"),
        ("thumbnail: b\nheadimg: ", "b"),
        ("image: {src: a}", "a"),
        ("image: [{url: ''}, b]", "b"),
        ("cover: null\nbanner: c", "c"),
        ("cover: false\nbanner: c", "c"),
        ("thumbnail: ", ""),
    ],
)
def test_images(written: str, image: str) -> None:
    assert read(f"title: x\n{written}").draft.image == image


# ── dates ──


def test_an_invalid_date_is_a_problem_and_no_failure() -> None:
    post = read("title: x\ndate: Invalid Date\npubDate: 2026-13-45\nupdated: 2021-01-01")
    assert post.draft.published is None
    assert post.draft.updated
    assert problems(post) == [("a.md:3", "date"), ("a.md:4", "date")]


def test_the_first_good_date_counts() -> None:
    post = read("title: x\ndate: Invalid Date\ndate_published: 2021-01-01")
    assert post.draft.published
    assert post.draft.published.year == 2021


@pytest.mark.parametrize(
    ("written", "month", "kinds"),
    [
        ("date: 01/05/2025", 5, ["date"]),
        ("date: 01/05/2025\nlang: en-US", 1, []),
        ("date: 01/05/2025\nlang: de", 5, []),
        ("date: 01/05/2025\nupdated: 01/17/2025", 1, []),
        ("date: 1. Mai 2025", 5, []),
    ],
)
def test_the_order_of_numbers_in_a_date(written: str, month: int, kinds: list[str]) -> None:
    post = read(f"title: x\n{written}")
    assert post.draft.published
    assert post.draft.published.month == month
    assert [kind for _, kind in problems(post)] == kinds


def test_settings_move_dates() -> None:
    settings = PostSettings(timezone="Asia/Shanghai", date_offset=timedelta(hours=-8))
    naive = read("date: 2021-11-26 07:21:47", settings=settings).draft.published
    labeled = read("date: Fri, 26 Nov 2021 07:21:47 GMT", settings=settings).draft.published
    assert naive
    assert naive == labeled
    assert naive.isoformat() == "2021-11-25T23:21:47+00:00"


@pytest.mark.parametrize(
    ("path", "published", "title"),
    [
        ("2026-3-13-my-name.md", "2026-03-12T16:00", "my name"),
        ("20260314-x.md", "2026-03-13T16:00", "x"),
        ("2026/03/15/x.md", "2026-03-14T16:00", "x"),
        ("2026-03-16-a_bundle/index.md", "2026-03-15T16:00", "a bundle"),
        ("bundle/index.md", "", "bundle"),
    ],
)
def test_the_path_dates_and_names_a_post_without_front_matter(path: str, published: str, title: str) -> None:
    draft = read_post(b"text", path, PostSettings(timezone="Asia/Shanghai")).draft
    assert (draft.published.isoformat()[:16] if draft.published else "") == published
    assert draft.title == Text(title)


@pytest.mark.parametrize(("front", "day"), [("title: x", 22), ("date: 2021-10-23", 23), ("date: Invalid Date", None)])
def test_a_date_in_the_name_counts_where_no_key_has_one(front: str, day: int | None) -> None:
    published = read(front, path="_posts/2021-10-22-name.md").draft.published
    assert (published.day if published else None) == day


def day(moment: datetime | None) -> str:
    return moment.isoformat()[:10] if moment else ""


@pytest.mark.parametrize(
    ("front", "published", "goes_out", "expires"),
    [
        ("date: 2026-03-01", "2026-03-01", "2026-03-01", ""),
        ("title: x", "", "", ""),
        ("publishDate: 2026-05-01", "2026-05-01", "2026-05-01", ""),
        ("publishdate: 2026-05-01\ndate: 2026-03-01", "2026-03-01", "2026-05-01", ""),
        ("date: 2026-03-01\npublishDate: 2026-02-01", "2026-03-01", "2026-02-01", ""),
        ("date: 2026-09-01\npublishDate: 2026-05-01", "2026-05-01", "2026-05-01", ""),
        ("date: 2026-09-01\npublishDate: 2026-08-01", "2026-09-01", "2026-08-01", ""),
        ("date: 2026-09-01\npublishDate:", "2026-09-01", "2026-09-01", ""),
        ("date: 2026-09-01", "2026-09-01", "2026-09-01", ""),
        ("expiryDate: 2026-04-01", "", "", "2026-04-01"),
        ("date: 2026-03-01\nExpiryDate: 2027-04-01", "2026-03-01", "2026-03-01", "2027-04-01"),
        ("unpublishdate: 2026-04-01", "", "", "2026-04-01"),
        ("expiryDate: never", "", "", ""),
    ],
)
def test_a_post_goes_out_and_expires_as_in_hugo(front: str, published: str, goes_out: str, expires: str) -> None:
    post = read(front)
    now = datetime(2026, 6, 1, tzinfo=UTC)
    assert (day(post.date_at(now)), day(post.goes_out_at), day(post.expires_at)) == (published, goes_out, expires)


def test_a_date_to_go_out_that_is_none_is_reported_once() -> None:
    post = read("title: x\npublishDate: soon\nexpiryDate: later")
    assert problems(post) == [("a.md:3", "date"), ("a.md:4", "date")]


def test_an_unknown_timezone_is_an_error() -> None:
    with pytest.raises(PostError, match="no such timezone"):
        read("date: 2021-01-01", settings=PostSettings(timezone="Mars/Olympus"))


# ── flags and texts ──


@pytest.mark.parametrize(
    ("written", "hidden"),
    [
        ("draft: true", True),
        ("draft: Yes", True),
        ("draft: 'true'", True),
        ("draft: nearly done", True),
        ("draft: false", False),
        ("draft: no", False),
        ("draft:", False),
        ("published: false", True),
        ("published: 'no'", True),
        ("published: true", False),
        ("published: 2021-01-01", False),
    ],
)
def test_drafts_are_hidden(written: str, hidden: bool) -> None:
    post = read(f"title: x\n{written}")
    assert (post.hidden, post.problems) == (hidden, ())


@pytest.mark.parametrize(("written", "kind"), [("1 < 2 & 3", "text"), ("a <b>b</b>", "html"), ("a<br/>", "html")])
def test_a_summary_is_markup_only_with_tags(written: str, kind: str) -> None:
    assert read(f"title: x\ndescription: {written}").draft.summary == Text(written, kind)  # type: ignore[arg-type]


def test_a_switch_is_no_text() -> None:
    draft = read("title: true\ncopyright: false\nexcerpt: true\ncategories: true").draft
    assert (draft.title, draft.rights, draft.summary) == (Text("true"), "", None)
    assert [term.term for term in draft.terms] == ["true"]


def test_no_body_is_no_content() -> None:
    assert read("title: x", "\n \n").draft.content is None
