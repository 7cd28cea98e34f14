"""check: notes on what is no mistake, and is seldom meant. They change no exit status, and no run."""

from pathlib import Path

import pytest

from tests.commands.test_cli import POST, aggregator, report

SITE = "site: {title: Planet, url: https://feeds.planet.dev/, since: 2026-11-23}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format(title="First"))
    return tmp_path


def notes(folder: Path, config: str) -> list[str]:
    (folder / "config.yaml").write_text(config)
    done = aggregator(folder, "check")
    assert done.returncode == 0
    listed = report(aggregator(folder, "check", "--json")).get("notes", [])
    lines = done.stdout.splitlines()
    assert lines == [f"note: {one['file']}:{one['line']}: {one['key']}: {one['message']}" for one in listed]
    return lines


def test_a_config_that_says_what_is_meant_has_no_notes(folder: Path) -> None:
    assert notes(folder, SITE + "sources:\n- {url: https://a.dev/f, id: a, paused: true}\n") == []


@pytest.mark.parametrize("host", ["planet.example", "blog.example.org", "example.com", "x.test"])
def test_an_address_of_an_example_is_noted(host: str, folder: Path) -> None:
    [note] = notes(folder, f"site:\n  title: P\n  url: https://{host}/x/\n  since: 2026-11-23\n")
    assert note.startswith(f"note: config.yaml:3: site.url: {host} is an example's host; write your own before")


def test_a_day_in_the_future_is_noted(folder: Path) -> None:
    [note] = notes(folder, SITE.replace("2026-11-23", "2999-01-01"))
    assert note.startswith("note: config.yaml:1: site.since: 2999-01-01 is in the future; write a day on which")


@pytest.mark.parametrize(
    ("second", "otherwise"),
    [
        ("https://a.dev/feed", ""),
        ("http://a.dev/feed", ", spelled otherwise"),
        ("https://www.a.dev/feed/", ", spelled otherwise"),
    ],
)
def test_a_feed_that_stands_twice_is_noted_with_both_lines(second: str, otherwise: str, folder: Path) -> None:
    [note] = notes(folder, f"{SITE}sources:\n- {{url: https://a.dev/feed, id: a}}\n- {{url: '{second}', id: b}}\n")
    assert note == (
        "note: config.yaml:4: sources.1.url: the same address as that of a (config.yaml:3)"
        f"{otherwise}; take out one of the two"
    )


def test_other_queries_and_files_are_other_feeds(folder: Path) -> None:
    (folder / "f.xml").write_text("<rss><channel><title>x</title></channel></rss>")
    urls = ["https://a.dev/?x=1", "https://a.dev/?x=2", "https://a.dev/f", "f.xml"]
    assert (
        notes(folder, SITE + "sources:\n" + "".join(f"- {{url: '{url}', id: s{n}}}\n" for n, url in enumerate(urls)))
        == []
    )
    assert "the same address" in notes(folder, SITE + "sources:\n- url: f.xml\n- url: ./f.xml\n")[0]


@pytest.mark.parametrize("other", ["posts", "./posts/", "posts/news", "."])
def test_a_folder_of_posts_inside_another_is_noted(other: str, folder: Path) -> None:
    (folder / "posts/news").mkdir()
    [note] = notes(folder, f"{SITE}output: ../out\nposts:\n- {{path: posts}}\n- {{path: {other}, id: b}}\n")
    assert note == (
        "note: config.yaml:5: posts.1.path: its files are among those of posts (config.yaml:4), and are published"
        " twice; take out one of the two"
    )


def test_folders_beside_each_other_have_no_note(folder: Path) -> None:
    (folder / "posts-2").mkdir()
    assert notes(folder, f"{SITE}posts: [{{path: posts}}, {{path: posts-2}}]\n") == []


def test_a_path_that_only_a_shell_would_expand_is_noted(folder: Path) -> None:
    said = notes(folder, f"{SITE}output: ~/feeds\nstate: ~me/state.db\n")
    assert said == [
        "note: config.yaml:2: output: ~/feeds is below a folder named ~ here, not a home; write the whole path",
        "note: config.yaml:3: state: ~me/state.db is below a folder named ~me here, not a home; write the whole path",
    ]


EXTRA = SITE + "categories: {aliases: {Programming/Python: [py]}}\nfeeds: {extra: [{id: x, any: [NAME]}]}\n"


@pytest.mark.parametrize("name", ["programming", "Programming/Python"])
def test_a_category_to_which_a_rule_leads_is_known(name: str, folder: Path) -> None:
    assert notes(folder, EXTRA.replace("NAME", name)) == []


def test_a_slip_in_a_category_of_an_extra_feed_is_noted(folder: Path) -> None:
    [note] = notes(folder, EXTRA.replace("NAME", "Programming/Pyhton"))
    assert note == (
        "note: config.yaml:3: feeds.extra.0.any.0: no entry has the category Programming/Pyhton;"
        " did you mean Programming/Python?"
    )


@pytest.mark.torture
def test_before_the_first_run_other_names_may_still_arrive(folder: Path) -> None:
    assert notes(folder, EXTRA.replace("NAME", "Cooking")) == []
    assert aggregator(folder, "run").returncode == 0
    assert "no entry has the category Cooking" in notes(folder, EXTRA.replace("NAME", "Cooking"))[0]
    assert notes(folder, EXTRA.replace("NAME", "News")) == []


@pytest.mark.parametrize(("way", "near"), [("keeep", "keep"), ("Tag", "tag"), ("drops", "drop")])
def test_a_slip_in_what_becomes_of_unmapped_terms_is_noted(way: str, near: str, folder: Path) -> None:
    [note] = notes(folder, f"{SITE}categories:\n  unmapped: {way}\n")
    assert note.startswith("note: config.yaml:3: categories.unmapped: terms without a rule go to a category")
    assert note.endswith(f" named {way}; did you mean {near}?")


@pytest.mark.parametrize(
    "config",
    [
        "categories: {unmapped: tag}\n",
        "categories: {unmapped: Other}\n",
        "categories: {unmapped: Tags, aliases: {Tags: [labels]}}\n",
        "categories: {unmapped: Tags}\nfeeds: {about: {tags: {title: All the rest}}}\n",
    ],
)
def test_a_category_for_unmapped_terms_has_no_note(config: str, folder: Path) -> None:
    assert notes(folder, SITE + config) == []


def test_an_address_without_a_scheme_is_noted(folder: Path) -> None:
    (folder / "config.yaml").write_text(SITE + "sources:\n- {url: a.dev/feed, id: a}\n- {url: feed.xml, id: b}\n")
    done = aggregator(folder, "check")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == (
        "note: config.yaml:3: sources.0.url: is taken for a file, and there is none; for an address write https://a.dev/feed"
    )


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://https://a.dev/feed", "the scheme stands there twice"),
        (f"https://{'a' * 64}.dev/feed", "no name server knows a host with a part that is empty or over 63 characters"),
        ("https://a~b.dev/feed", "the host has characters that no host name has"),
    ],
)
def test_an_address_that_no_run_can_ask_is_a_problem(url: str, why: str, folder: Path) -> None:
    (folder / "config.yaml").write_text(
        f"{SITE}sources:\n- {{url: https://under_score.dev/feed, id: b}}\n- {{url: '{url}', id: a}}\n"
    )
    done = aggregator(folder, "check")
    assert done.stdout.splitlines() == [
        f"config.yaml:4: sources.1.url: config: {url} is no address to fetch: {why}; right would be https://host/path"
    ]
    assert done.returncode == 1


@pytest.mark.parametrize("host", ["xn--.a.dev", "xn--a-.dev", "a.xn--zzzzzz99999"])
def test_a_host_that_only_looks_encoded_is_noted(host: str, folder: Path) -> None:
    [note] = notes(folder, f"{SITE}sources:\n- {{url: 'https://{host}/feed', id: a}}\n")
    assert note.startswith("note: config.yaml:3: sources.0.url: ")
    assert "begins as a name in other letters does (IDNA), and stands for none" in note


def test_an_encoded_host_has_no_note(folder: Path) -> None:
    hosts = ("xn--bcher-kva.dev", "xn--ls8h.dev", "a.xn--p1ai")
    listed = "".join(f"- {{url: 'https://{host}/feed', id: s{i}}}\n" for i, host in enumerate(hosts))
    assert notes(folder, f"{SITE}sources:\n{listed}") == []


def test_a_published_tree_is_read_whole(folder: Path) -> None:
    (folder / "config.yaml").write_text(SITE)
    assert aggregator(folder, "check", "--tree").stdout == "feeds/index.json: nothing is published here\n"
    assert aggregator(folder, "run", AGGREGATOR_NOW="2026-11-24T12:00:00Z").returncode == 0
    assert aggregator(folder, "check", "--tree").returncode == 0
    file = folder / "feeds/all/atom.xml"
    file.write_text(file.read_text().replace("<updated>2026", "<updated>AD 2026", 1))
    done = aggregator(folder, "check", "--tree")
    assert done.returncode == 1
    assert done.stdout.startswith("feeds/all/atom.xml: RFC 4287 3.3: a date of RFC 3339 (here: AD 2026")


@pytest.mark.torture
def test_a_post_that_takes_too_long_is_named_and_the_others_are_checked(folder: Path) -> None:
    (folder / "config.yaml").write_text(SITE + "posts: [{path: posts}]\n")
    (folder / "posts/b.md").write_text("---\ntitle: Long\n---\n" + "some words\n\n" * 500_000)
    (folder / "posts/c.md").write_text("---\ntitle: Undated\ndate: someday\n---\nWords\n")
    done = aggregator(folder, "check")
    assert done.stdout.splitlines() == [
        "posts/b.md: reading it took more than 10 s of CPU and was stopped",
        "posts/c.md:3: date: not a date: someday",
    ]
    assert done.returncode == 1
