"""The commands as a user types them: what they print, what they leave behind, how they end."""

import fcntl
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aggregator.cli import main
from aggregator.config import load_config
from tests.support.planet import Upstream, rss

CONFIG = """\
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
fetch: {gap: 0s, per_host: 8, allow_networks: [127.0.0.0/8]}
posts: [{path: posts}]
"""
POST = "---\ntitle: {title}\ndate: 2026-11-01\ncategories: [News]\n---\nWords of {title}.\n"


NOW = "2026-11-23T12:00:00Z"


@dataclass(frozen=True)
class Done:
    returncode: int
    stdout: str
    stderr: str


def aggregator(folder: Path, *words: str, **environment: str) -> Done:
    """Runs the command line in this process: starting another one costs a second each time."""
    return _run(io.StringIO(), io.StringIO(), folder, words, environment)


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(folder: Path, *words: str, width: int = 80, typed: str | None = None, now: str = NOW) -> Done:
    """The same on a terminal of `width` cells, where a person has `typed` lines; what it prints is without styles."""
    environment = {"COLUMNS": str(width), "LINES": "50", "TERM": "xterm", "AGGREGATOR_NOW": now}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.StringIO() if typed is None else Screen(typed))
        done = _run(Screen(), Screen(), folder, words, environment)
    return Done(done.returncode, *(re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", one) for one in (done.stdout, done.stderr)))


def _run(out: io.StringIO, err: io.StringIO, folder: Path, words: Sequence[str], environment: dict[str, str]) -> Done:
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["aggregator", *words])
        for name, value in ({"AGGREGATOR_NOW": NOW, "COLUMNS": "200"} | environment).items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
    code = ended.value.code
    return Done(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue())


def report(done: Done) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(done.stdout)
    return document


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format(title="First"))
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(f.relative_to(folder)): f.read_bytes() for f in (folder / "feeds").rglob("*") if f.is_file()}


@pytest.mark.torture
def test_the_module_is_the_command_too(folder: Path) -> None:
    command = [sys.executable, "-m", "aggregator", "-c", str(folder / "config.yaml"), "run", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["posts"]["read"] == 1


def test_run_prints_a_summary_on_stderr_and_nothing_on_stdout(folder: Path) -> None:
    done = aggregator(folder, "run")
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 read" in done.stderr
    assert "index.html" in done.stderr


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(("gone", "said"), [("remove", True), ("keep", False)])
def test_a_run_says_that_posts_went_and_what_would_keep_them(folder: Path, gone: str, said: bool) -> None:
    (folder / "config.yaml").write_text(CONFIG.replace("{path: posts}", f"{{path: posts, gone: {gone}}}"))
    for name in ("b", "c", "d"):
        (folder / f"posts/{name}.md").write_text(POST.format(title=f"Post {name}"))
    aggregator(folder, "run")
    for name in ("c", "d"):
        (folder / f"posts/{name}.md").unlink()
    done = aggregator(folder, "run")
    assert ("          2 posts went (gone: remove; `keep` would keep them)\n" in done.stderr) is said
    assert report(aggregator(folder, "run", "--json"))["posts"]["gone"] == 0


@pytest.mark.torture
def test_a_post_that_was_renamed_did_not_go(folder: Path) -> None:
    aggregator(folder, "run")
    (folder / "posts/a.md").rename(folder / "posts/other.md")
    assert report(aggregator(folder, "run", "--json"))["posts"]["gone"] == 0


def test_json_is_one_document_of_the_promised_shape(folder: Path) -> None:
    document = report(aggregator(folder, "run", "--json"))
    assert list(document) == ["sources", "posts", "entries", "feeds", "problems", "advice", "seconds"]
    assert list(document["sources"]) == ["due", "polled", "unchanged", "changed", "failed"]
    assert list(document["posts"]) == ["read", "changed", "repaired", "failed", "gone"]
    assert list(document["entries"]) == ["new", "updated", "duplicates", "held", "total"]
    assert list(document["feeds"]) == ["written", "unchanged", "removed", "total"]


def test_a_broken_config_is_refused_with_its_line_and_nothing_is_written(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG + "feeds: {limt: 3}\n")
    done = aggregator(folder, "run")
    assert done.returncode == 2
    assert done.stderr.startswith("config.yaml:4: feeds.limt: ")
    assert "did you mean `limit`?" in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["config.yaml", "posts"]
    document = report(aggregator(folder, "run", "--json"))
    assert document["problems"][0]["where"] == "config.yaml:4"


def test_without_a_config_the_way_out_is_named(tmp_path: Path) -> None:
    done = aggregator(tmp_path, "run")
    assert done.returncode == 2
    assert "aggregator init" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["rnu"], ["run", "--froce"], ["run", "--source", "nobody"], ["regenerate", "nothing"]]
)
def test_wrong_words_end_with_2(folder: Path, words: list[str]) -> None:
    done = aggregator(folder, *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert report(aggregator(folder, *words, "--json"))["problems"]


def test_check_names_what_is_wrong_in_posts_and_ends_with_1(folder: Path) -> None:
    (folder / "posts/bad.md").write_text("---\n- only\n- a list\n---\n")
    done = aggregator(folder, "check")
    assert done.returncode == 1
    assert done.stdout.startswith("posts/bad.md:")
    assert report(aggregator(folder, "check", "--json"))["problems"][0].keys() == {"file", "line", "key", "message"}
    assert not (folder / ".aggregator").exists()


def test_check_names_files_that_are_no_posts_when_asked_for_more(folder: Path) -> None:
    for name in ("README.md", "_index.md"):
        (folder / "posts" / name).write_text("Words")
    done = aggregator(folder, "-v", "check")
    assert (done.returncode, done.stdout.count("note: config.yaml:3")) == (0, 1)
    assert "posts.0.path: no posts by their name: README.md, _index.md; a file becomes a post under" in done.stdout


@pytest.mark.torture
def test_check_and_status_say_that_a_source_with_secrets_is_in_no_feed(folder: Path) -> None:
    source = 'url: https://x.example/feed, id: x, auth: "bearer ${TOKEN}"'
    (folder / "config.yaml").write_text(
        CONFIG + f"sources:\n  - {{{source}}}\n  - {{{source.replace('x', 'y')}, publish: true}}\n"
    )
    done = aggregator(folder, "check", TOKEN="1")
    assert (done.returncode, done.stdout.count("note:")) == (0, 2)
    assert "note: config.yaml:5: sources.0: x has auth or headers, so it is in no feed" in done.stdout
    *_, note = report(aggregator(folder, "check", "--json", TOKEN="1"))["notes"]
    assert (note["line"], note["key"]) == (5, "sources.0")
    (folder / "config.yaml").write_text(CONFIG + "sources:\n  - {url: nothing.xml, id: x, publish: false}\n")
    aggregator(folder, "run")
    assert "x: in no feed (publish: false, or auth or headers)" in aggregator(folder, "status").stdout


def test_check_advises_to_give_an_id_to_each_source_that_has_none(folder: Path) -> None:
    sources = "  - url: https://blog.example/feed\n  - {url: b.xml, id: b}\n  - {url: c.xml}\n"
    (folder / "config.yaml").write_text(f"{CONFIG}sources:\n{sources}")
    for name in ("b.xml", "c.xml"):
        (folder / name).write_text(rss())
    done = aggregator(folder, "check")
    message = "with `id: {}` its entries keep their ids when its address changes"
    assert [line for line in done.stdout.splitlines() if "has no id" in line] == [
        f"note: config.yaml:5: sources.0: has no id; {message.format('blog-example-feed')}",
        f"note: config.yaml:7: sources.2: has no id; {message.format('c-xml')}",
    ]
    assert done.returncode == 0


def test_what_writes_sources_gives_each_an_id(tmp_path: Path, upstream: Upstream) -> None:
    aggregator(tmp_path, "init")
    with (tmp_path / "config.yaml").open("a") as file:
        file.write("fetch: {gap: 0s, allow_networks: [127.0.0.0/8]}\n")
    url = upstream.serve("/posts/feed", rss(title="A blog"))
    aggregator(tmp_path, "source", "add", url)
    (tmp_path / "a.opml").write_text("<opml><body><outline xmlUrl='https://other.example/feed'/></body></opml>")
    aggregator(tmp_path, "import", "a.opml")
    assert "has no id" not in aggregator(tmp_path, "check").stdout
    config = load_config(tmp_path / "config.yaml", {})
    assert [one.id for one in config.sources] == ["python-insider", "a-blog", "other-example-feed"]


def test_check_online_asks_each_source(folder: Path, upstream: Upstream) -> None:
    good, bad = upstream.serve("/feed", rss({"title": "One"})), upstream.url("/gone")
    (folder / "config.yaml").write_text(CONFIG + f"sources:\n  - url: {good}\n  - url: {bad}\n")
    assert aggregator(folder, "check").returncode == 0
    done = aggregator(folder, "check", "--online")
    assert done.returncode != 0
    assert done.stdout.startswith("config.yaml:6: sources.1.url: status:")


def test_status_tells_each_source(folder: Path, upstream: Upstream) -> None:
    (folder / "config.yaml").write_text(CONFIG + f"sources:\n  - {{id: gone, url: {upstream.url('/gone')}}}\n")
    aggregator(folder, "run")
    document = report(aggregator(folder, "status", "--json"))
    posts, gone = document["sources"]
    assert (posts["id"], posts["state"], posts["entries"]) == ("posts", "ok", 1)
    assert (gone["id"], gone["state"], gone["kind"], gone["failures"]) == ("gone", "new", "status", 1)
    assert (document["feeds"], document["held"]) == (2, [])
    assert "gone: status:" in aggregator(folder, "status").stdout


def test_strict_ends_with_1_where_something_failed(folder: Path, upstream: Upstream) -> None:
    assert aggregator(folder, "run", "--strict").returncode == 0
    (folder / "config.yaml").write_text(CONFIG + f"sources:\n  - url: {upstream.url('/gone')}\n")
    assert aggregator(folder, "run", "--strict").returncode == 1
    assert aggregator(folder, "run", "--force").returncode == 0


def test_who_comes_second_ends_with_3_at_once_or_waits(folder: Path) -> None:
    aggregator(folder, "run")
    with (folder / ".aggregator/state.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = aggregator(folder, "run")
        assert done.returncode == 3
        assert "another process" in done.stderr
        assert aggregator(folder, "status").returncode == 0
        waiting = subprocess.Popen([sys.executable, "-m", "aggregator", "run", "--wait"], cwd=folder)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(1)
        fcntl.flock(lock, fcntl.LOCK_UN)
        assert waiting.wait(30) == 0


def test_an_empty_state_beside_a_published_tree_is_refused_unless_fresh(folder: Path) -> None:
    aggregator(folder, "run")
    before = files(folder)
    for path in (folder / ".aggregator").iterdir():
        path.unlink()
    done = aggregator(folder, "run")
    assert done.returncode == 4
    assert "--fresh" in done.stderr
    assert files(folder) == before
    assert aggregator(folder, "run", "--fresh").returncode == 0
    assert files(folder) == before


def test_a_clock_that_went_back_decides_nothing(folder: Path) -> None:
    aggregator(folder, "run")
    done = aggregator(folder, "run", AGGREGATOR_NOW="2026-11-21T12:00:00Z")
    assert done.returncode == 4
    assert "clock" in done.stderr


NO_TIMES = [
    "soon",
    "2026-11-23",
    "2026-11-23T12:00:00",
    " ",
    "2026-11-23T12:00:00Z\x1b[31m",
    "2026-13-23T12:00:00Z",
    "2026-11-23T12:00:00+25:00",
    "\udcff",
    "9" * 5000,
    # the ends of the calendar, and beyond them
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:59:59+01:00",
    "9000-01-01T00:00:00Z",
    "8999-12-31T23:59:59-00:01",
    "9999-12-31T12:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-23:59",
    "10000-01-01T00:00:00Z",
]


@pytest.mark.variants(quick=8)
@pytest.mark.parametrize("command", [["run"], ["source", "add", "http://127.0.0.1:9/"]])
@pytest.mark.parametrize("text", NO_TIMES)
def test_a_time_that_is_none_is_refused(folder: Path, text: str, command: list[str]) -> None:
    done = aggregator(folder, *command, AGGREGATOR_NOW=text)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("AGGREGATOR_NOW is ")
    assert done.stderr.endswith("such as 2026-11-23T08:00:00Z\n") or "without a zone" in done.stderr
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 200
    assert "\x1b" not in done.stderr
    assert not (folder / ".aggregator/state.db").exists()


@pytest.mark.torture
@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "8999-12-31T23:59:59Z", "1970-01-01T23:59:59+23:59"])
def test_the_first_and_the_last_time_there_are_can_be_worked_in(folder: Path, text: str) -> None:
    assert aggregator(folder, "run", AGGREGATOR_NOW=text).returncode == 0
    for command in (["run", "--force"], ["status"], ["regenerate"], ["db", "check"]):
        assert aggregator(folder, *command, AGGREGATOR_NOW=text).returncode == 0


@pytest.mark.parametrize("damage", ["foreign", "cut", "flipped", "folder"])
def test_a_state_that_cannot_be_used_ends_with_4_and_the_tree_stays(folder: Path, damage: str) -> None:
    aggregator(folder, "run")
    before, state = files(folder), folder / ".aggregator/state.db"
    whole = state.read_bytes()
    for beside in folder.glob(".aggregator/state.db-*"):
        beside.unlink()
    if damage == "folder":
        state.unlink()
        state.mkdir()
    else:
        flipped = whole[:4096] + bytes(byte ^ 0x5A for byte in whole[4096:40960]) + whole[40960:]
        state.write_bytes({"foreign": b"not a database" * 99, "cut": whole[:5000], "flipped": flipped}[damage])
    done = aggregator(folder, "run", "--json")
    assert done.returncode == 4, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert report(done)["problems"]
    assert files(folder) == before


def test_a_state_of_a_newer_program_is_refused(folder: Path) -> None:
    aggregator(folder, "run")
    with closing(sqlite3.connect(folder / ".aggregator/state.db")) as state, state:
        state.execute("UPDATE alembic_version SET version_num = '9999'")
    done = aggregator(folder, "run")
    assert done.returncode == 4
    assert "newer" in done.stderr


def test_somebody_elses_file_in_the_way_is_named_and_left_alone(folder: Path) -> None:
    theirs = folder / "feeds/news/atom.xml"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    done = aggregator(folder, "run")
    assert done.returncode == 4
    assert "feeds/news/atom.xml" in done.stderr
    assert theirs.read_text() == "mine"
    theirs.unlink()
    assert aggregator(folder, "run").returncode == 0


def test_an_output_that_cannot_be_written_ends_with_4(folder: Path) -> None:
    (folder / "feeds").write_text("a file where the folder must be")
    done = aggregator(folder, "run")
    assert done.returncode == 4
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_leaves_the_old_tree_whole_and_passes(folder: Path) -> None:
    (folder / "feeds").mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder / "feeds"], check=False)
    if mount.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        assert aggregator(folder, "run").returncode == 0
        before = files(folder)
        (folder / "posts/big.md").write_text(POST.format(title="Big") + "Many words. " * 30_000)
        done = aggregator(folder, "run", "--json")
        assert done.returncode == 4
        assert "no room left" in done.stderr
        assert files(folder) == before
        (folder / "posts/big.md").unlink()
        assert aggregator(folder, "run").returncode == 0
    finally:
        subprocess.run(["umount", folder / "feeds"], check=True)


def test_init_writes_a_planet_that_runs_and_never_overwrites(tmp_path: Path) -> None:
    assert aggregator(tmp_path, "init", "new").returncode == 0
    config = (tmp_path / "new/config.yaml").read_text()
    done = aggregator(tmp_path / "new", "check")
    [note] = done.stdout.splitlines()
    assert (done.returncode, note.startswith("note: config.yaml:4: site.url: planet.example is an example's")) == (
        0,
        True,
    )
    assert aggregator(tmp_path, "init", "new").returncode == 2
    assert (tmp_path / "new/config.yaml").read_text() == config


def test_init_writes_a_gitignore_and_leaves_anothers_alone(tmp_path: Path) -> None:
    assert report(aggregator(tmp_path, "init", "new", "--json"))["written"] == [
        "new/config.yaml",
        "new/posts/hello-planet.md",
        "new/.gitignore",
    ]
    kept = [line for line in (tmp_path / "new/.gitignore").read_text().splitlines() if not line.startswith("#")]
    assert kept == [".aggregator/", "feeds/"]
    (tmp_path / ".gitignore").write_text("*.pyc")
    done = aggregator(tmp_path, "init")
    assert (tmp_path / ".gitignore").read_text() == "*.pyc"
    assert ".gitignore stays as it is; add .aggregator/ to it\n" in done.stderr
    (tmp_path / "third").mkdir()
    (tmp_path / "third/.gitignore").write_text("/.aggregator\n")
    assert "stays as it is" not in aggregator(tmp_path, "init", "third").stderr


def test_a_config_that_is_missing_is_written_where_it_was_looked_for(tmp_path: Path) -> None:
    said = aggregator(tmp_path, "run", "-c", "my planet/config.yaml").stderr
    assert said == "my planet/config.yaml: no such file; `aggregator init 'my planet'` writes a starter config\n"
    assert aggregator(tmp_path, "init", "my planet").returncode == 0
    assert aggregator(tmp_path, "check", "-c", "my planet/config.yaml").returncode == 0


@pytest.mark.torture
def test_a_run_that_is_interrupted_ends_with_a_sentence(folder: Path, upstream: Upstream) -> None:
    feeds = [upstream.serve("/a", rss()), upstream.serve("/b", rss())]
    polite = CONFIG.replace("gap: 0s, per_host: 8", "gap: 20s, per_host: 1")
    (folder / "config.yaml").write_text(polite + "sources:\n" + "".join(f"  - url: {url}\n" for url in feeds))
    running = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "run"],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - ignored here, perhaps
    )
    while not upstream.asked:
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=20)
    assert running.returncode == 130
    assert said == "interrupted; finished work is stored, and the next run continues\n"


def test_help_is_quick_and_names_every_command(tmp_path: Path) -> None:
    said = aggregator(tmp_path, "--help").stdout
    assert all(f"  {command} " in said for command in ("check", "init", "regenerate", "run", "status"))
