"""import and export: OPML files of any shape. Files of other kinds: test_imports.py."""

import fcntl
import io
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import load_config
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.subscriptions.export import export_outlines
from aggregator.subscriptions.imports.read import read_subscriptions
from aggregator.subscriptions.intake import import_found
from aggregator.text.normalize import one_line
from tests.commands.test_cli import aggregator, report
from tests.commands.test_source import backups
from tests.support.planet import Upstream, rss

SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
CONFIG = f"""\
# Mine.
{SITE}sources:   # all
  # first
  - url: https://one.example/feed   # one
    id: one
# the end
"""
LIST = """\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>Mine & yours</title></head><body>
<outline text="Tech">
 <outline text="Python"><outline type="rss" text="P & Q" title="P & Q" xmlUrl="https://p.example/feed?a=1&b=2"/></outline>
 <outline text="Again" xmlUrl="http://one.example/feed/"/>
 <outline text="Renamed" title="Own name" XMLURL="https://r.example/atom.xml" category="/News/Local"/>
</outline>
<outline text="P, too" xmlUrl="https://p.example/feed?b=2&amp;a=1"/>
<outline text="Note"/>
<outline text="Mail" xmlUrl="mailto:me@example.org"/>
<outline text="File" xmlUrl="/etc/passwd"/>
<outline text="Secret" xmlUrl="https://evil.example/?${HOME}"/>
<outline text="Login" xmlUrl="https://me:pass@evil.example/"/>
</body></opml>
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "list.opml").write_text(LIST)
    return tmp_path


def text(folder: Path) -> str:
    return (folder / "config.yaml").read_text(encoding="utf-8")


ADDED = """\
  - url: https://p.example/feed?a=1&b=2
    id: p-and-q
    title: P & Q
    categories: [Tech/Python]
  - url: https://r.example/atom.xml
    id: renamed
    title: Renamed
    categories: [Tech, News/Local]
"""


A_VARIABLE = "holds ${…}, a variable of the environment; write such an address into the config"
A_PASSWORD = "must not hold a password: addresses end up in logs and feeds"


def test_a_list_becomes_sources_in_one_edit(folder: Path) -> None:
    done = aggregator(folder, "import", "list.opml")
    assert (done.returncode, done.stdout) == (0, "")
    assert text(folder) == CONFIG.replace("    id: one\n", "    id: one\n" + ADDED)
    [copy] = backups(folder)
    assert copy.read_text() == CONFIG
    assert done.stderr.splitlines() == [
        "list.opml:8: left out: P, too: the same feed as in line 4",
        "list.opml:9: left out: Note: it has no xmlUrl, the address of a feed",
        "list.opml:10: left out: Mail: mailto:me@example.org is no address; right would be https://host/path",
        "list.opml:11: left out: File: /etc/passwd is no address; right would be https://host/path",
        f"list.opml:12: left out: Secret: https://evil.example/?${{HOME}} {A_VARIABLE}",
        f"list.opml:13: left out: Login: https://evil.example/: {A_PASSWORD}",
        "2 added, 1 known already, 6 left out",
        f"changed config.yaml; {copy.relative_to(folder)} is a copy of the old one",
    ]


def test_json_and_a_dry_run(folder: Path) -> None:
    document = report(aggregator(folder, "import", "list.opml", "--dry-run", "--json"))
    assert list(document) == ["config", "copy", "added", "known", "left_out", "unused"]
    assert document["added"][1] == {
        "id": "renamed",
        "url": "https://r.example/atom.xml",
        "title": "Renamed",
        "categories": ["Tech", "News/Local"],
        "line": 6,
    }
    assert document["known"] == [{"id": "one", "title": "Again", "line": 5}]
    assert [one["line"] for one in document["left_out"]] == [8, 9, 10, 11, 12, 13]
    assert text(folder) == CONFIG
    assert backups(folder) == []


def test_a_dry_run_lists_every_outline(folder: Path) -> None:
    done = aggregator(folder, "import", "list.opml", "--dry-run")
    assert done.stdout.splitlines()[:5] == [
        "list.opml:4: would be added: p-and-q: https://p.example/feed?a=1&b=2 (P & Q) in Tech/Python",
        "list.opml:5: known already: Again: source one",
        "list.opml:6: would be added: renamed: https://r.example/atom.xml (Renamed) in Tech, News/Local",
        "list.opml:8: left out: P, too: the same feed as in line 4",
        "list.opml:9: left out: Note: it has no xmlUrl, the address of a feed",
    ]
    assert len(done.stdout.splitlines()) == 9
    assert done.stderr.splitlines() == [
        "2 would be added, 1 known already, 6 left out",
        "config.yaml is unchanged",
    ]
    assert aggregator(folder, "import", "list.opml", "--dry-run", "-q").stdout == done.stdout


def test_the_second_time_nothing_is_new(folder: Path) -> None:
    aggregator(folder, "import", "list.opml")
    before = text(folder)
    done = report(aggregator(folder, "import", "list.opml", "--json"))
    assert (done["added"], len(done["known"]), done["copy"]) == ([], 4, None)
    assert text(folder) == before


def imported(folder: Path, *outlines: str) -> list[str]:
    """The ids of the new sources, in the order of the file."""
    (folder / "named.opml").write_text(f"<opml>{''.join(outlines)}</opml>", encoding="utf-8")
    return [one["id"] for one in report(aggregator(folder, "import", "named.opml", "--json"))["added"]]


def outline(path: str, **names: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in names.items())
    return f'<outline{written} xmlUrl="https://x.example/{path}"/>'


def test_ids_are_made_from_titles(folder: Path) -> None:
    named = {
        "阮一峰的网络日志": "ruan-yi-feng-de-wang-luo-ri-zhi",
        "Le Café &amp; Co.": "le-cafe-and-co",
        "One": "one-2",  # `one` is in the config
        "one": "one-3",
        "Index": "index-2",  # never the name of a folder of ours
        "2024": "2024",
        "No": "no",
        "…": "x-example-7",  # nothing to read
        "https://x.example/?key=s3cret": "x-example-8",  # an address
        "": "x-example-9",
    }
    assert imported(folder, *(outline(str(n), text=name) for n, name in enumerate(named))) == list(named.values())
    assert load_config(folder / "config.yaml").sources[-5].id == "2024"


def test_an_address_is_no_title(folder: Path) -> None:
    address = "https://x.example/feed"
    both = outline("feed", text=address, title="Its name"), outline("2", title="Same", text="Same")
    assert imported(folder, *both) == ["its-name", "same"]
    assert [one.title for one in load_config(folder / "config.yaml").sources[1:]] == ["Its name", "Same"]


@pytest.mark.torture
def test_a_feed_that_the_state_knows_has_its_id_again(folder: Path, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss({"title": "Entry"}))
    local = SITE + "fetch: {gap: 0s, allow_networks: [127.0.0.0/8]}\n"
    (folder / "config.yaml").write_text(f"{local}sources: [{{url: '{url}'}}]\n")
    aggregator(folder, "run")
    [derived] = [one.id for one in load_config(folder / "config.yaml").sources]
    (folder / "config.yaml").write_text(local)
    assert imported(folder, f'<outline text="Its name" xmlUrl="{url}"/>', outline("2", text=derived)) == [
        derived,
        f"{derived}-2",
    ]


def test_folders_of_two_outlines_of_one_feed_are_both_its_categories(folder: Path) -> None:
    feed = '<outline xmlUrl="https://a.example/f"/>'
    (folder / "two.opml").write_text(
        f'<opml><outline text="CI/CD">{feed}</outline><outline text="B">{feed}</outline></opml>'
    )
    [added] = report(aggregator(folder, "import", "two.opml", "--json"))["added"]
    assert added["categories"] == ["CI／CD", "B"]
    config = load_config(folder / "config.yaml")
    assert config.sources[1].categories == (("CI／CD",), ("B",))


def test_what_exceeds_a_limit_is_reported(folder: Path) -> None:
    paths = ",".join(f"/{number}" for number in range(150))
    far = f'<outline text="Far" xmlUrl="https://a.example/{"x" * 9000}"/>'
    (folder / "far.opml").write_text(f'<opml>{far}<outline xmlUrl="https://b.example/f" category="{paths}"/></opml>')
    done = report(aggregator(folder, "import", "far.opml", "--json"))
    assert [len(one["categories"]) for one in done["added"]] == [100]
    reasons = [one["reason"] for one in done["left_out"]]
    assert "9,018 characters, where an address has 8,192 at most" in reasons[0]
    assert len(reasons[0]) < 400
    assert reasons[1] == "some of its categories: a feed can have at most 100"


def test_names_from_outside_take_nothing_out_of_the_environment(folder: Path) -> None:
    (folder / "evil.opml").write_text(
        '<opml><outline text="${HOME}"><outline text="${PATH}" title="x" xmlUrl="https://a.example/f"/></outline></opml>'
    )
    assert aggregator(folder, "import", "evil.opml").returncode == 0
    source = load_config(folder / "config.yaml").sources[1]
    assert (source.title, source.categories) == ("$ {PATH}", (("$ {HOME}",),))


ENCODED = {
    "UTF-8 that says Latin-1": ("iso-8859-1", "utf-8"),
    "Windows-1252 that says UTF-8": ("utf-8", "cp1252"),
    "UTF-16": ("utf-16", "utf-16"),
    "an encoding that there is not": ("nonsense", "utf-8"),
}


@pytest.mark.parametrize("case", ENCODED)
def test_whatever_encoding_it_says(case: str, folder: Path) -> None:
    said, real = ENCODED[case]
    body = f'<?xml version="1.0" encoding="{said}"?><opml><outline text="Café"><outline xmlUrl="https://a.example/f"/></outline></opml>'
    (folder / "odd.opml").write_bytes(body.encode(real))
    assert report(aggregator(folder, "import", "odd.opml", "--json"))["added"][0]["categories"] == ["Café"]


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("page.html", "<html><p>outline", "is no list of subscriptions"),
        ("empty", "", "is no list of subscriptions"),
        ("feed.xml", rss({"title": "x"}), "is no list of subscriptions"),
        ("missing.opml", None, "cannot be read"),
    ],
)
def test_a_file_that_is_not_opml_is_refused(name: str, body: str | None, said: str, folder: Path) -> None:
    if body is not None:
        (folder / name).write_text(body)
    done = aggregator(folder, "import", name)
    assert done.returncode == 2
    assert said in done.stderr
    assert text(folder) == CONFIG


def test_a_file_too_large_is_not_read_to_its_end(folder: Path) -> None:
    with (folder / "huge.opml").open("wb") as file:
        file.truncate(2**33)
    done = aggregator(folder, "import", "huge.opml")
    assert (done.returncode, "larger than 32 MiB" in done.stderr) == (2, True)


def test_what_comes_on_stdin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(LIST.encode())))
    assert "2 added" in aggregator(folder, "import", "-").stderr


@pytest.mark.torture
def test_ten_thousand_outlines_of_one_name_get_their_ids_in_no_time(folder: Path) -> None:
    outlines = "".join(f'<outline text="A" xmlUrl="https://tube.example/feed?id={n}"/>' for n in range(10_000))
    (folder / "tube.opml").write_text(f"<opml><body><outline text='Tube'>{outlines}</outline></body></opml>")
    started = time.process_time()
    done = report(aggregator(folder, "import", "tube.opml", "--json"))
    assert time.process_time() - started < 20
    assert done["added"][-1]["id"] == "a-10000"
    assert text(folder).startswith(CONFIG.partition("# the end")[0])


def test_a_config_without_sources_and_one_that_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SITE)
    (tmp_path / "list.opml").write_text(LIST)
    assert "3 added" in aggregator(tmp_path, "import", "list.opml").stderr
    assert text(tmp_path).startswith(SITE + "\nsources:\n  - url: https://p.example")


# out


@pytest.mark.torture
def test_an_export_has_titles_pages_and_folders(folder: Path, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss({"title": "Entry"}, title="The Blog & I", link="https://blog.example/"))
    more = f"""\
  - {{url: {url}, id: blog, categories: [A/B, C/D]}}
  - {{url: posts.xml, id: file}}
  - {{url: "https://x.example/?key=${{KEY}}", id: secret}}
  - {{url: https://y.example/, id: named, title: My name, categories: [A]}}
fetch: {{gap: 0s, allow_networks: [127.0.0.0/8]}}
"""
    (folder / "config.yaml").write_text(CONFIG.replace("# the end\n", more))
    aggregator(folder, "source", "pause", "one")
    aggregator(folder, "run", "--source", "blog", KEY="s3cret")
    done = aggregator(folder, "export", KEY="s3cret")
    assert done.returncode == 0
    assert (
        done.stdout
        == f"""\
<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>Planet</title>
  </head>
  <body>
    <outline type="rss" text="https://one.example/feed" title="https://one.example/feed" xmlUrl="https://one.example/feed"/>
    <outline type="rss" text="secret" title="secret" xmlUrl="https://x.example/?key=s3cret"/>
    <outline text="A">
      <outline type="rss" text="My name" title="My name" xmlUrl="https://y.example/"/>
      <outline text="B">
        <outline type="rss" text="The Blog &amp; I" title="The Blog &amp; I" xmlUrl="{url}"\
 htmlUrl="https://blog.example/" category="/C/D"/>
      </outline>
    </outline>
  </body>
</opml>
"""
    )
    holds = "the file holds secrets: the addresses of secret are complete; share it with nobody"
    assert done.stderr.splitlines() == [holds, "left out: file: a file of this machine"]
    quiet = aggregator(folder, "-q", "export", "mine.opml", KEY="s3cret")
    assert quiet.stderr.splitlines() == [holds]
    assert "4 sources in mine.opml" in aggregator(folder, "export", "mine.opml", KEY="s3cret").stderr
    assert (folder / "mine.opml").read_text(encoding="utf-8") == done.stdout
    document = report(aggregator(folder, "export", "mine.opml", "--json", KEY="x"))
    assert (document["file"], document["sources"], len(document["left_out"])) == ("mine.opml", 4, 1)


def test_where_nothing_can_be_written_the_old_file_stays(folder: Path) -> None:
    done = aggregator(folder, "export", "nowhere/mine.opml")
    assert (done.returncode, "cannot be written" in done.stderr) == (4, True)


def test_no_other_file_is_written_over(folder: Path) -> None:
    done = aggregator(folder, "export", "config.yaml")
    assert (done.returncode, "not OPML; name another file" in done.stderr) == (2, True)
    assert text(folder) == CONFIG
    assert aggregator(folder, "export", "list.opml").returncode == 0


@pytest.mark.torture
def test_both_work_beside_a_running_process(folder: Path) -> None:
    (folder / "posts").mkdir()
    with (folder / ".lock").open("w"):
        aggregator(folder, "regenerate")
    with (folder / ".aggregator/state.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert aggregator(folder, "import", "list.opml").returncode == 0
        assert aggregator(folder, "export").returncode == 0


# there and back


NAME = st.text(min_size=1, max_size=30).map(one_line).filter(lambda name: name and "/" not in name and "${" not in name)
SOURCE = st.fixed_dictionaries(
    {"url": st.from_regex(r"\Ahttps?://[a-z]{1,8}\.example/[a-z0-9/?&=%.é-]{1,20}\Z")},
    optional={"title": NAME, "categories": st.lists(st.lists(NAME, min_size=1, max_size=3).map("/".join), max_size=3)},
)


def register(folder: Path, sources: Sequence[object]) -> ConfigFile:
    data = {"site": {"title": "P", "url": "https://planet.example/", "since": "2026-11-23"}, "sources": sources}
    (folder / "config.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return ConfigFile.open(folder / "config.yaml")


def sources(one: ConfigFile) -> set[tuple[str, str, tuple[tuple[str, ...], ...]]]:
    return {(one.url, one.title, tuple(dict.fromkeys(one.categories))) for one in one.config.sources}


@pytest.mark.torture
@given(st.lists(SOURCE, max_size=5, unique_by=lambda source: source["url"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_import_of_an_export_gives_the_same_sources(tmp_path: Path, written: list[dict[str, str]]) -> None:
    before = register(tmp_path, written)
    if len({before.key(source.url) for source in before.config.sources}) < len(written):
        return  # the config may list an address twice, spelled in two ways; a list of subscriptions has it once
    opml = export_outlines(before).opml
    after = register(tmp_path, [])
    done = import_found(after, read_subscriptions(opml.encode(), "list"))
    assert done.left_out == ()
    assert sources(ConfigFile.open(tmp_path / "config.yaml")) == sources(before)
    assert export_outlines(before).opml == opml
