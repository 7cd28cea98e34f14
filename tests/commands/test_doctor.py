"""`doctor`: what is wrong is really made wrong; what it advises is typed, and then all is well."""

import fcntl
import json
import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_cli import CONFIG, POST, Done, aggregator
from tests.support.planet import Upstream, rss

LATER, EARLIER = "2026-12-23T12:00:00Z", "2026-11-20T12:00:00Z"
STATE = ".aggregator/state.db"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/a.md").write_text(POST.format(title="First"))
    (tmp_path / "config.yaml").write_text(CONFIG.replace("planet.example", "feeds.planet.dev"))
    return tmp_path


@pytest.fixture
def published(folder: Path) -> Path:
    assert aggregator(folder, "run").returncode == 0
    return folder


def checks(done: Done) -> dict[str, dict[str, Any]]:
    return {
        one["check"]: one for one in json.loads(done.stdout)["checks"] if one["message"].count("AGGREGATOR_NOW") == 0
    }


def problems(folder: Path, *words: str, **environment: str) -> dict[str, dict[str, Any]]:
    done = aggregator(folder, "doctor", "--json", *words, **environment)
    found = {name: one for name, one in checks(done).items() if one["state"] == "problem"}
    assert done.returncode == int(bool(found))
    assert all(one["advice"] for one in found.values())
    return found


def listing(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(file): (file.stat().st_size, file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}


def test_a_planet_that_is_well(published: Path) -> None:
    before = listing(published)
    done = aggregator(published, "doctor")
    assert (done.returncode, "PROBLEM" in done.stdout, done.stderr) == (0, False, "")
    assert "     ok  state: 1 source, 1 entry," in done.stdout
    assert listing(published) == before
    quiet = aggregator(published, "doctor", "-q").stdout.splitlines()
    assert [line.split()[0] for line in quiet] == ["note", "→"]  # AGGREGATOR_NOW is set


def test_before_the_first_run_nothing_is_made(folder: Path) -> None:
    done = aggregator(folder, "doctor", "--json")
    assert done.returncode == 0
    assert checks(done)["schema"]["advice"] == "`aggregator run` creates it"
    assert not (folder / ".aggregator").exists()
    assert not (folder / "feeds").exists()


def test_a_config_with_a_mistake_is_named_beside_the_versions(folder: Path) -> None:
    (folder / "config.yaml").write_text(CONFIG.replace("title", "titel", 1))
    done = aggregator(folder, "doctor", "--json")
    assert done.returncode == 2
    found = checks(done)
    assert found["config"]["message"].endswith("config.yaml:1: site.titel: unknown key; did you mean `title`?")
    assert found["python"]["state"] == "ok"
    assert aggregator(folder, "check").returncode == 2


@pytest.mark.torture
def test_a_post_that_cannot_be_read(published: Path) -> None:
    (published / "posts/b.md").write_text("---\ntitle: [\n---\n")
    found = problems(published)
    assert list(found) == ["posts and sources"]
    assert found["posts and sources"]["message"].startswith("posts/b.md:")


@pytest.mark.torture
def test_files_that_are_missing_or_changed_are_written_again_by_the_advice(published: Path) -> None:
    (published / "feeds/all/rss.xml").unlink()
    (published / "feeds/index.html").write_text("other")
    found = problems(published)
    assert found["tree"]["message"] == (
        "1 of the recorded files missing: all/rss.xml; 1 of the recorded files not as written: index.html"
    )
    assert found["tree"]["advice"] == "`aggregator run` writes them again"
    assert aggregator(published, "run").returncode == 0
    assert not problems(published)


@pytest.mark.torture
def test_a_clock_behind_the_state(published: Path) -> None:
    assert list(problems(published, AGGREGATOR_NOW=EARLIER)) == ["clock"]
    assert aggregator(published, "db", "clock", "--accept-now", AGGREGATOR_NOW=EARLIER).returncode == 0
    assert not problems(published, AGGREGATOR_NOW=EARLIER)
    assert not problems(published, AGGREGATOR_NOW=LATER)


@pytest.mark.torture
def test_a_lost_state_beside_its_tree(published: Path) -> None:
    shutil.rmtree(published / ".aggregator")
    found = problems(published)
    assert "`aggregator db recover`" in found["schema"]["advice"]
    assert not (published / ".aggregator").exists()
    assert aggregator(published, "db", "recover").returncode == 0
    assert aggregator(published, "run").returncode == 0
    assert not problems(published)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("damage", [b"no database", b"", b"SQLite format 3\0" + b"x" * 2000])
def test_a_state_that_is_no_database(damage: bytes, published: Path) -> None:
    (published / STATE).write_bytes(damage)
    assert "schema" in problems(published)


@pytest.mark.torture
def test_a_state_of_a_newer_version_and_of_an_older_one(published: Path) -> None:
    def set_step(step: str) -> None:
        with closing(sqlite3.connect(published / STATE)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (step,))

    set_step("9999")
    assert problems(published)["schema"]["advice"].startswith("upgrade this program")
    set_step("0019")
    before = (published / STATE).read_bytes()
    done = aggregator(published, "doctor", "--json")
    assert (done.returncode, checks(done)["schema"]["state"]) == (0, "note")
    assert (published / STATE).read_bytes() == before


def test_damage_in_the_state(published: Path) -> None:
    with closing(sqlite3.connect(published / STATE)) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("UPDATE sighting SET source_id = 'nobody'")
    assert "its source is missing" in problems(published)["damage"]["message"]
    assert aggregator(published, "db", "check").returncode == 4


@pytest.mark.torture
def test_another_process_that_works_on_the_state_is_named(published: Path) -> None:
    with (published / f"{STATE}.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.truncate()
        lock.write("1\n")
        lock.flush()
        lock_check = checks(aggregator(published, "doctor", "--json"))["lock"]
        assert lock_check["message"].startswith("process 1")
        assert aggregator(published, "run").returncode == 3
    assert checks(aggregator(published, "doctor", "--json"))["lock"]["message"].startswith("no run")


@pytest.mark.torture
def test_a_tree_that_a_web_server_cannot_read_is_noted(published: Path) -> None:
    (published / "feeds").chmod(0o750)
    noted = checks(aggregator(published, "doctor", "--json"))["readable"]
    assert noted["state"] == "note"
    command = noted["advice"].split("`")[1]
    assert command == f"chmod -R o+rX {published / 'feeds'}" or command == "chmod -R o+rX feeds"
    subprocess.run(command, shell=True, cwd=published, check=True)
    assert checks(aggregator(published, "doctor", "--json"))["readable"]["state"] == "ok"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folders_of_another_user(published: Path) -> None:
    (published / "feeds").chmod(0o555)
    try:
        assert problems(published)["output"]["advice"].startswith(f"`chown {os.geteuid()} feeds`")
    finally:
        (published / "feeds").chmod(0o755)


def test_a_file_where_a_folder_must_be(folder: Path) -> None:
    (folder / "feeds").write_text("")
    assert problems(folder)["output"]["message"].endswith("is a file where a folder must be")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let us mount")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
@pytest.mark.parametrize(
    ("options", "check", "said"),
    [
        ("size=1m", "disk of the output", "1 MiB free in "),
        ("size=100m,nr_inodes=50", "disk of the output", "more files"),
        ("size=100m,ro", "output", "is on a read-only file system"),
    ],
)
def test_a_disk_that_is_full_or_read_only(folder: Path, options: str, check: str, said: str) -> None:
    with small_disk(folder / "feeds", options):
        found = problems(folder)
    assert said in found[check]["message"]


def test_hosts_of_sources_are_connected_to_and_sent_nothing(folder: Path, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss())
    secret = "sources:\n- {url: 'http://${HOST}/feed', id: hidden}\n"
    (folder / "config.yaml").write_text(f"{CONFIG}{secret}- {{url: '{url}', id: one}}\n")
    network = checks(aggregator(folder, "doctor", "--json", HOST="secret.example"))["network"]
    assert (network["state"], "127.0.0.1" in network["message"]) == ("ok", True)
    assert "secret.example" not in str(network)
    assert not upstream.asked
    assert "network" not in checks(aggregator(folder, "doctor", "--json", "--offline", HOST="secret.example"))


def test_a_machine_without_a_way_to_its_sources(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        closed = server.getsockname()[1]
    sources = f"sources:\n- {{url: 'http://127.0.0.1:{closed}/', id: a}}\n- {{url: 'http://10.0.0.1/', id: b}}\n"
    (folder / "config.yaml").write_text(CONFIG + sources)
    message = problems(folder)["network"]["message"]
    assert f"127.0.0.1:{closed}: no connection" in message
    assert "10.0.0.1:80: " in message


def test_no_secret_is_shown(folder: Path) -> None:
    sources = "sources:\n- {url: 'http://me:hunter2@127.0.0.1:9/?token=hunter3', id: a, auth: 'basic me:hunter4'}\n"
    (folder / "config.yaml").write_text(CONFIG + sources)
    for more in ([], ["--json"]):
        done = aggregator(folder, "doctor", *more, HTTPS_PROXY="http://me:hunter5@proxy.example")
        assert "hunter" not in done.stdout + done.stderr
