"""entry approve: by name, by source, and by number at a terminal."""

import io
import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.cli.approval_list import chosen
from tests.commands.test_cli import CONFIG, aggregator, report
from tests.support.planet import Planet, Upstream, rss

EVIL = "\x1b[31mred\u202e\x9b2J"
APPROVE = ("entry", "approve")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A planet with four posts that wait, the first of them with a title that would drive a terminal."""
    (tmp_path / "config.yaml").write_text(CONFIG.replace("path: posts", "path: posts, approve: true"))
    (tmp_path / "posts").mkdir()
    for n, title in enumerate(("one " + EVIL, "two", "three", "four"), 1):
        text = f"---\ntitle: {json.dumps(title)}\ndate: 2026-11-0{n}\n---\nWords of {n}.\n"
        (tmp_path / f"posts/{n}.md").write_text(text)
    assert report(aggregator(tmp_path, "run", "--json"))["entries"]["held"] == 4
    return tmp_path


def published(folder: Path) -> list[str]:
    aggregator(folder, "run")
    return [title.split()[0] for title in Planet(folder, None, None).titles()]  # type: ignore[arg-type]


def at_terminal(folder: Path, monkeypatch: pytest.MonkeyPatch, *lines: str) -> str:
    """What `entry approve` says where a person types these lines."""
    monkeypatch.setattr("aggregator.cli.entry.is_interactive", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
    done = aggregator(folder, *APPROVE)
    assert (done.returncode, done.stdout.strip()) == (0, "")
    return done.stderr


@pytest.mark.torture
def test_off_a_terminal_the_list_and_what_to_type(folder: Path) -> None:
    done = aggregator(folder, *APPROVE)
    assert done.returncode == 2
    assert [line.split()[:4] for line in done.stdout.splitlines()] == [
        [str(n), "posts", "2026-11-23", word] for n, word in enumerate(("one", "two", "three", "four"), 1)
    ]
    assert done.stdout.replace("\n", "").isprintable()
    assert "4 entries wait for approval" in done.stderr
    assert "`aggregator entry approve --source posts` (4)" in done.stderr
    document = report(aggregator(folder, *APPROVE, "--json"))
    assert document["problems"][0]["kind"] == "usage"
    assert [one["title"] for one in document["waiting"]] == ["one [31mred2J", "two", "three", "four"]
    assert published(folder) == []


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["2"], ["two"]),
        (["3-4, 1"], ["four", "three", "one"]),
        (["ALL"], ["four", "three", "two", "one"]),
        (["none"], []),
        ([""], []),
        ([], []),
        (["5", "0", "2-1", "x", "1-", "-1", "1e1", "٣", "9" * 5000, "3"], ["three"]),
    ],
)
def test_a_person_at_a_terminal_chooses(
    folder: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str], words: list[str]
) -> None:
    said = at_terminal(folder, monkeypatch, *lines)
    assert "  1  posts  2026-11-23  one" in said
    assert said.count("no number or range from 1 to 4") == max(0, len(lines) - 1)
    assert ("nothing is approved\n" in said) == (not words)
    assert published(folder) == words


@pytest.mark.torture
def test_when_nothing_waits(folder: Path) -> None:
    done = aggregator(folder, *APPROVE, "--source", "posts")
    assert (done.returncode, done.stderr.count("is approved")) == (0, 4)
    for words in (APPROVE, (*APPROVE, "--source", "posts")):
        done = aggregator(folder, *words)
        assert (done.returncode, done.stdout) == (0, "")
        assert "waits for approval" in done.stderr
        assert report(aggregator(folder, *words, "--json")) == {"entries": []}
    assert published(folder) == ["four", "three", "two", "one"]


@pytest.mark.torture
def test_by_name(folder: Path) -> None:
    document = report(aggregator(folder, *APPROVE, "two", "--json"))
    assert (document["act"], document["state"]) == ("approve", "")
    assert published(folder) == ["two"]
    for words, status in (
        (["two"], 2),
        (["nothing of that name"], 2),
        (["three", "--source", "posts"], 2),
        (["--source", "unknown"], 2),
        (["three", "four"], 0),
    ):
        assert aggregator(folder, *APPROVE, *words).returncode == status
    assert published(folder) == ["four", "three", "two"]


@pytest.mark.torture
def test_a_real_terminal(folder: Path) -> None:
    """What is written to it drives it by nothing that a title says."""
    keeper, terminal = pty.openpty()
    command = [sys.executable, "-m", "aggregator", *APPROVE]
    environment = os.environ | {"NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "200"}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
    )
    os.close(terminal)
    said = b""
    try:
        while b"all or none?" not in said:
            assert select.select([keeper], [], [], 20)[0], said
            said += os.read(keeper, 4096)
        os.write(keeper, b"2-3\n")
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        os.close(keeper)
    assert b"\x1b" not in said
    assert said.decode().replace("\r\n", "").isprintable()
    assert published(folder) == ["three", "two"]


def test_status_tells_how_to_approve(folder: Path) -> None:
    said = aggregator(folder, "status").stdout
    assert "posts: 4 entries wait for approval, also after `approve` is taken off the source;" in said
    assert "`aggregator entry approve` lists all and asks" in said
    assert "`aggregator entry approve --source posts` publishes these" in said


@pytest.mark.torture
def test_dry_run_names_what_would_wait(folder: Path) -> None:
    (folder / "posts/5.md").write_text("---\ntitle: five\ndate: 2026-11-05\n---\nWords of 5.\n")
    would = report(aggregator(folder, "run", "--dry-run", "--json"))["would"]
    assert ([one["title"] for one in would["held"]], would["new"]) == (["five"], [])


@pytest.mark.torture
def test_a_reading_list_hands_the_key_on(folder: Path, upstream: Upstream) -> None:
    item = {"title": "listed", "link": "https://x.example/1", "description": "Words"}
    url = upstream.serve("/feed", rss(item))
    outline = f'<outline type="rss" xmlUrl="{url}"/>'
    listed = upstream.serve("/list", f'<opml version="2.0"><body>{outline}</body></opml>')
    with (folder / "config.yaml").open("a") as file:
        file.write(f"sources: [{{opml: '{listed}', id: list, approve: true}}]\n")
    aggregator(folder, "run")
    assert "listed" in aggregator(folder, *APPROVE).stdout


@given(st.text(alphabet="0123456789-, alnoe\u0663\n", max_size=20), st.integers(0, 30))
def test_an_answer_names_known_places_or_is_refused(answer: str, count: int) -> None:
    try:
        places = chosen(answer, count)
    except ValueError:
        return
    assert places == sorted(set(places))
    assert set(places) <= set(range(count))
