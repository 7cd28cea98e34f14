"""`aggregator serve` as a user starts and ends it."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.config import load_config
from aggregator.store import Store
from aggregator.web import MovedFeeds, StateReader, application_of
from tests.commands.test_cli import CONFIG, POST, aggregator
from tests.support.planet import NOON, Planet
from tests.support.serving import Client, served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format(title="First"))
    return tmp_path


@contextmanager
def serving(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, and the line it begins with."""
    command = [sys.executable, "-m", "aggregator", "-c", str(folder / "config.yaml"), "serve", "--port", "0", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        yield process, process.stderr.readline()
    finally:
        process.kill()
        process.communicate()


def port_of(line: str) -> int:
    return int(line.strip().rstrip("/").rpartition(":")[2])


@pytest.mark.torture
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_beside_runs_until_a_signal_ends_it(folder: Path, how: signal.Signals) -> None:
    with serving(folder) as (process, line):
        assert line == f"serving {folder}/feeds at http://127.0.0.1:{port_of(line)}/\n"
        with Client(port_of(line)) as client, Client(port_of(line)) as idle:
            assert client.ask("/").status == 404
            assert client.ask("/readyz").body == b"nothing is published yet"
            assert not (folder / ".aggregator").exists()  # serving leaves nothing behind
            assert aggregator(folder, "run").returncode == 0
            assert client.ask("/readyz").status == 200
            tag = json.loads(client.ask("/index.json").body)["feeds"][0]["formats"]["atom"]["sha256"]
            assert client.ask("/all/atom.xml").headers["etag"] == f'"{tag}"'
            idle.socket.sendall(b"GET / HT")
            began = time.monotonic()
            process.send_signal(how)
            _, rest = process.communicate(timeout=10)
            assert (process.returncode, rest) == (0, "")
            assert time.monotonic() - began < 6


@pytest.mark.torture
def test_log_format_json_writes_json_lines(folder: Path) -> None:
    with serving(folder, "--log-format", "json") as (_, line):
        said = json.loads(line)
        assert (said["level"], said["event"].startswith(f"serving {folder}/feeds at http://")) == ("info", True)


@pytest.mark.torture
def test_it_serves_the_next_version_of_the_internet_protocol(folder: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with serving(folder, "--host", "::1") as (_, line):
        assert line.endswith(f" at http://[::1]:{port_of(line)}/\n")
        with Client(port_of(line), "::1") as client:
            assert client.ask("/healthz").body == b"ok"


@pytest.mark.torture
def test_the_line_names_the_public_address_and_quiet_says_nothing(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        port = one.getsockname()[1]
    config = folder / "config.yaml"
    config.write_text(CONFIG + f"server: {{port: {port}, public_url: https://feeds.example/planet}}\n")
    command = [sys.executable, "-m", "aggregator", "-c", str(config), "serve"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        assert process.stderr.readline() == f"serving {folder}/feeds at https://feeds.example/planet\n"
        (folder / "feeds/ai").mkdir(parents=True)
        (folder / "feeds/ai/index.html").write_text("AI")
        with Client(port) as client:  # the port of the config
            assert client.ask("/ai").headers["location"] == "/planet/ai/"
        process.terminate()
        assert process.wait(10) == 0


def test_an_address_in_use_is_reported_in_one_sentence(folder: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as one:
        taken = aggregator(folder, "serve", "--port", str(one.getsockname()[1]))
    assert taken.returncode == 1  # the options are right, and the port may be free later
    assert taken.stderr.startswith(f"another program listens on port {one_line(taken.stderr)} of 127.0.0.1;")
    unknown = aggregator(folder, "serve", "--host", "no-such-host.invalid", "--port", "0")
    assert unknown.returncode == 2
    assert "no-such-host.invalid is no name or address of this machine" in unknown.stderr
    foreign = aggregator(folder, "serve", "--host", "192.0.2.1", "--port", "0")
    assert foreign.returncode == 2
    assert "192.0.2.1 is no address of this machine" in foreign.stderr
    for done in (taken, unknown, foreign):
        assert done.stderr.count("\n") == 1
    assert aggregator(folder, "serve", "--port", "65536").returncode == 2
    assert aggregator(folder, "serve", "--port", "http").returncode == 2


def one_line(text: str) -> str:
    return text.split(" of ", 1)[0].rpartition(" ")[2]


def test_a_privileged_port_is_a_wrong_word(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket, "create_server", refuse)
    done = aggregator(folder, "serve", "--port", "80")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "choose one from 1024 on" in done.stderr


def test_readiness_needs_a_tree_and_a_state_that_can_be_read(planet: Planet) -> None:
    state = planet.root / ".aggregator/state.db"
    reading = StateReader(Store(state), planet.root / "feeds", pause=0)
    assert reading.trouble() == "nothing is published yet"
    planet.post("a.md", "---\ntitle: A\n---\nWords\n")
    planet.run()
    assert reading.trouble() == ""
    assert reading.moved() == {}
    assert [file.name for file in state.parent.iterdir() if file.name.startswith("state.db-")] == []
    away = state.rename(state.with_name("away.db"))
    assert reading.trouble() == "there is no state yet"
    assert reading.moved() == {}
    assert not state.exists()
    state.write_text("no database at all")
    assert reading.trouble() == "the state cannot be read"
    away.replace(state)
    assert reading.trouble() == ""


def test_a_renamed_category_is_redirected_while_it_is_served(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MovedFeeds, "is_due", lambda _: True)
    planet.post("a.md", f"---\ntitle: A\ndate: 2026-11-01\ncategories: [Old]\n---\n{'Words ' * 50}\n")
    planet.run()
    config = load_config(planet.root / "config.yaml", {})
    app = App(config, Store(config.root / config.state), lambda: NOON)
    with served(application_of(app, StateReader(app.store, app.output))) as port, Client(port) as client:
        first = client.ask("/old/atom.xml")
        assert (first.status, first.headers["link"]) == (200, '<https://planet.example/old/atom.xml>; rel="self"')
        assert first.headers["cache-control"] == "public, max-age=300"
        planet.config["categories"] = {"aliases": {"New": ["Old"]}}
        planet.regenerate()
        assert (client.ask("/old/atom.xml").status, client.ask("/new/atom.xml").status) == (301, 200)
        assert client.ask("/old/").headers["location"] == "/new/"
        assert client.ask("/readyz").body == b"ok"
