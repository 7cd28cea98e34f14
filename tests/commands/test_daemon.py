"""`aggregator daemon` as it is lived with. One life of a process holds as much as it can: each costs seconds."""

import json
import signal
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from aggregator.daemon.daemon import matters
from tests.commands.test_cli import aggregator
from tests.support.planet import Planet, Upstream, rss
from tests.support.running import CONFIG, TOKEN, daemon, eventually, service_manager

KEY = {"KEY": "hidden", "AGGREGATOR_NOW": ""}
POST = "---\ntitle: {0}\ndate: 2026-11-01\ncategories: [News]\n---\nWords of {0}.\n"


def item(title: str) -> dict[str, str]:
    return {"title": title, "guid": f"urn:{title}", "link": f"https://blog.example/{title}", "category": "Upstream"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format("First"))
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def silent() -> Iterator[str]:
    """A host that takes a connection and never says anything."""
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        yield f"http://127.0.0.1:{one.getsockname()[1]}/feed"


@pytest.mark.parametrize(
    ("path", "does"),
    [
        ("posts/a.md", True),
        ("posts/deep/a.md", True),
        (".git/index", False),
        ("posts/deep/.a.md.swp", False),
        ("feeds/all/atom.xml", False),
        ("state.db-wal", False),
    ],
)
def test_which_changes_matter(planet: Planet, path: str, does: bool) -> None:
    planet.root = planet.root / ".planet"
    planet.root.mkdir()
    with planet.app() as app:
        assert matters(app, [planet.root], planet.root / path) == does


def test_it_picks_up_saved_files_requests_and_signals_and_ends_cleanly(
    folder: Path, upstream: Upstream, silent: str
) -> None:
    upstream.serve("/feed?key=hidden", rss(item("one")))
    config = (
        f"{CONFIG}sources:\n  - {{id: blog, url: '{upstream.url('/feed')}?key=${{KEY}}', every: 1h, publish: true}}\n"
    )
    (folder / "config.yaml").write_text(config)
    notify = f"@aggregator-{folder.name}-{id(folder)}"
    environment = {"NOTIFY_SOCKET": notify, "WATCHDOG_USEC": "1000000", "KEY": "hidden"}
    words = ("--log-format", "json")
    with service_manager(notify) as heard, daemon(folder, *words, environment=environment) as running:
        eventually(lambda: sorted(running.titles()) == ["First", "one"])
        eventually(lambda: "READY=1" in heard and "WATCHDOG=1" in heard)

        (folder / "posts/b.md").write_text(POST.format("Second"))
        eventually(lambda: "Second" in running.titles("news"))

        upstream.serve("/feed?key=hidden", rss(item("one"), item("two")))
        assert running.ask("/api/sources/blog/poll", "POST").status == 401
        taken = running.ask("/api/sources/blog/poll", "POST", **TOKEN)
        assert (taken.status, json.loads(taken.body)) == (202, {"taken": "poll", "source": "blog"})
        eventually(lambda: "two" in running.titles("upstream"))
        served = running.ask("/upstream/atom.xml")
        assert b"two" in served.body
        assert 0 <= int(served.headers["cache-control"].removeprefix("public, max-age=")) <= 300

        eventually(lambda: b'aggregator_entries_total{decision="new"} 4.0\n' in running.ask("/metrics").body)
        assert b'aggregator_pulls_total{outcome="changed"} 2.0\n' in running.ask("/metrics").body
        assert running.ask("/readyz").body == b"ok"

        assert aggregator(folder, "entry", "remove", "https://blog.example/one", **KEY).returncode == 0
        eventually(lambda: running.titles("upstream") == ["two"])

        (folder / "config.yaml").write_text("site: nothing\n")
        eventually(lambda: "config.yaml:1: site:" in running.log)
        running.send(signal.SIGHUP)
        eventually(lambda: "stays in force" in running.log.partition("stays in force")[2])
        eventually(lambda: any(line.startswith("RELOADING=1\nMONOTONIC_USEC=") for line in heard))
        assert running.ask("/upstream/atom.xml").status == 200
        (folder / "config.yaml").write_text(f"{config}  - {{id: silent, url: {silent}}}\n")
        eventually(lambda: "was reloaded" in running.log)

        other = aggregator(folder, "daemon", **KEY)
        assert other.returncode == 3
        assert f"pid {running.process.pid}" in other.stderr

        eventually(lambda: "new" in states(folder).get("silent", ""))
        status, seconds = running.end()
        assert (status, seconds < 10) == (0, True)
        assert heard[-1] == "STOPPING=1"
    lines = [json.loads(line) for line in running.log.splitlines()]
    pulls = [(line["source"], line["outcome"], line["status"]) for line in lines if line["event"] == "pull"]
    assert pulls == [("blog", "changed", 200)] * 2
    assert {"publish", "batch", "request"} <= {line["event"] for line in lines}
    assert not any(word in running.log for word in ("Traceback", "hidden", "open sesame"))


def states(folder: Path) -> dict[str, str]:
    """source id → its state, for sources that are being pulled now."""
    with closing(sqlite3.connect(folder / ".aggregator/state.db")) as state:
        return dict(state.execute("SELECT id, state FROM source WHERE lease != ''"))


@pytest.mark.torture
def test_two_hundred_sources_are_not_pulled_early_after_a_kill_and_a_restart(folder: Path, upstream: Upstream) -> None:
    count = 200
    urls = [upstream.serve(f"/{n}", rss(item(f"entry {n}"))) for n in range(count)]
    sources = "".join(f"  - {{id: s{n}, url: {url}, every: 1h}}\n" for n, url in enumerate(urls))
    (folder / "config.yaml").write_text(f"{CONFIG}sources:\n{sources}".replace("feeds: {", "feeds: {limit: 500, "))
    with daemon(folder) as running:
        eventually(lambda: len(running.titles()) == count + 1, within=60)
        upstream.serve("/7", rss(item("entry 7"), item("breaking")))
        assert running.ask("/api/sources/s7/poll", "POST", **TOKEN).status == 202
        eventually(lambda: b"breaking" in running.ask("/upstream/atom.xml").body)
        (folder / "posts/b.md").write_text(POST.format("Second"))
        print(f"\na saved post is in its feeds after {eventually(lambda: 'Second' in running.titles('news')):.2f} s")
        children = psutil.Process(running.process.pid).children(recursive=True)
    eventually(lambda: not any(child.is_running() for child in children))
    assert len(upstream.asked) == count + 1
    (folder / "posts/c.md").write_text(POST.format("Third"))
    with daemon(folder, "--no-server") as running:
        eventually(lambda: "Third" in running.titles())
        assert len(running.titles()) == count + 4
        assert running.end(signal.SIGINT)[0] == 0
    assert len(upstream.asked) == count + 1


@pytest.mark.parametrize("fault", ["state", "output", "config", "port"])
def test_what_cannot_be_used_at_the_start_ends_it_with_one_sentence(folder: Path, fault: str) -> None:
    expected = {"state": 4, "output": 4, "config": 2, "port": 1}[fault]
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1] if fault == "port" else 0
        if fault == "state":
            (folder / ".aggregator").mkdir()
            (folder / ".aggregator/state.db").write_text("no database at all")
        elif fault == "output":
            (folder / "feeds").write_text("a file")
        elif fault == "config":
            (folder / "config.yaml").write_text("site: nothing\n")
        done = aggregator(folder, "-q", "daemon", "--port", str(port))
    assert done.returncode == expected
    assert len(done.stderr.splitlines()) == 1
