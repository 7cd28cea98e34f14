"""The log on stderr: as text and as JSON, one line for each event, without secrets."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.config import load_config
from aggregator.daemon.log import LOGGERS, Format, Log, formatter, write_to_stderr
from aggregator.daemon.log import LONGEST as LONGEST_LINE
from aggregator.errors import ConfigError, StateError
from aggregator.events import Publication, Pull
from aggregator.model.problems import Problem
from aggregator.report import Report
from tests.support.planet import NOON

PULL = Pull("blog", "failed", 503, "status", 0.1234, 0, NOON, "back-off")


@pytest.fixture(autouse=True)
def own_loggers() -> Iterator[None]:
    """Restores the loggers after each test."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [(one, one.handlers[:], one.level) for one in loggers]
    yield
    for one, handlers, level in before:
        one.handlers[:] = handlers
        one.setLevel(level)


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


def started(stderr: io.StringIO, shape: Format = "json", *, verbose: bool = False, quiet: bool = False) -> Log:
    log = Log({"TOKEN": "s3cret", "LONGER": "s3cret-and-more", "SHORT": "e"})
    with redirect_stderr(stderr):
        write_to_stderr(log, verbose=verbose, quiet=quiet, format=shape)
    return log


def lines(stderr: io.StringIO) -> list[dict[str, Any]]:
    """Without their times."""
    documents = [json.loads(line) for line in stderr.getvalue().splitlines()]
    assert all(list(one)[:3] == ["timestamp", "level", "event"] for one in documents)
    return [{name: value for name, value in one.items() if name != "timestamp"} for one in documents]


def test_a_pull_and_a_publication_log_one_line_each(stderr: io.StringIO) -> None:
    log = started(stderr)
    log.pulled(PULL)
    log.published(Publication(feeds=2, files=9, pages=1, seconds=0.5, rendering=0.25))
    log.published(Publication(feeds=0, files=0, pages=0, seconds=0.5, rendering=0.25))
    assert lines(stderr) == [
        {
            "level": "info",
            "event": "pull",
            "source": "blog",
            "outcome": "failed",
            "status": 503,
            "kind": "status",
            "seconds": 0.123,
            "bytes": 0,
            "next": "2026-11-23T12:00:00Z",
            "why": "back-off",
        },
        {"level": "info", "event": "publish", "feeds": 2, "files": 9, "pages": 1, "seconds": 0.5},
    ]


def test_text_has_the_same_fields_as_json(stderr: io.StringIO) -> None:
    started(stderr, "console").pulled(PULL)
    line = stderr.getvalue()
    assert line.endswith(
        " [info     ] pull      source=blog outcome=failed status=503 kind=status seconds=0.123 bytes=0"
        " next=2026-11-23T12:00:00Z why=back-off\n"
    )
    assert line[10] == "T"


@pytest.mark.parametrize(
    ("option", "levels"),
    [
        ("-v", ["debug", "info", "warning", "error"]),
        ("", ["info", "warning", "error"]),
        ("-q", ["warning", "error"]),
    ],
)
def test_verbose_and_quiet_set_the_level(stderr: io.StringIO, option: str, levels: list[str]) -> None:
    log = started(stderr, verbose=option == "-v", quiet=option == "-q")
    log.published(Publication(0, 0, 0, 0, 0))
    log.info("ready")
    log.warning("another state takes a restart")
    log.config_refused(ConfigError([]))
    assert [one["level"] for one in lines(stderr)] == levels


@pytest.mark.parametrize("shape", ["console", "json"])
def test_no_line_shows_a_secret(stderr: io.StringIO, shape: Format) -> None:
    log = started(stderr, shape, verbose=True)
    log.add_secrets({"NEW": "another one"})
    report = Report()
    address = "https://me:word@blog.example/feed?key=s3cret&page=2"
    report.add_problems([Problem("blog", "redirect", f"it leads to {address} and s3cret-and-more, again")])
    log.batch(report, timedelta(seconds=1))
    log.log_job_failure("pulling", ValueError(f"{address} another one"), timedelta(seconds=5))
    log.warning("/x/s3cret/y")
    logging.getLogger("asyncio").error("lost: %s", address)
    try:
        raise StateError(address)
    except StateError:
        logging.getLogger("uvicorn.error").exception("it failed")
    text = stderr.getvalue()
    assert text.count("https://blog.example/feed?key=…&page=2") >= 5
    assert "and ${LONGER}, again" in text
    assert "/x/${TOKEN}/y" in text
    assert "${NEW}" in text
    for secret in ("s3cret", "word@", "another one", "-and-more"):
        assert secret not in text


def test_environment_variables_in_the_config_are_secret(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(
        "site: {title: '${NAME}', url: https://planet.example/, since: 2026-11-23}\n"
        "sources: [{id: a, url: 'https://blog.example/${TOKEN}/feed', auth: 'bearer ${TOKEN}'}]\n"
    )
    config = load_config(file, {"NAME": "Planet", "TOKEN": "s3cret", "OTHER": "x"})
    assert config.secrets() == {"NAME": "Planet", "TOKEN": "s3cret"}


def test_http_requests_are_logged_with_fields(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    started(stderr, verbose=True)
    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)
    monkeypatch.setattr(access, "propagate", True)  # a server without an access log turned it off
    access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "GET", "/all/?token=x&q=1", "1.1", 304)
    expected = {"client": "127.0.0.1:5000", "method": "GET", "path": "/all/?token=…&q=1", "status": 304}
    assert lines(stderr) == [{"level": "info", "event": "request"} | expected]


def test_callbacks_of_ours_are_not_named(stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    started(stderr, verbose=True)
    access = logging.getLogger("uvicorn.access")
    access.setLevel(logging.INFO)
    monkeypatch.setattr(access, "propagate", True)
    for path in ("/websub/hub", "/websub/a-callback?hub.mode=subscribe"):
        access.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:5000", "POST", path, "1.1", 202)
    assert [line["path"] for line in lines(stderr)] == ["/websub/hub", "/websub/…"]


def test_an_error_of_a_library_is_one_line_unless_verbose(stderr: io.StringIO) -> None:
    for verbose in (False, True):
        started(stderr, "console", verbose=verbose)
        try:
            raise ZeroDivisionError("by\nzero")
        except ZeroDivisionError:
            logging.getLogger("asyncio").exception("a task failed")
    first, _, rest = stderr.getvalue().partition("\n")
    assert first.endswith("a task failed error='ZeroDivisionError: by zero'")
    assert "Traceback" in rest


@pytest.mark.parametrize(
    ("environment", "has_colors"),
    [({}, True), ({"NO_COLOR": ""}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_a_terminal_has_colors_unless_it_wants_none(
    stderr: io.StringIO, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], has_colors: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    started(stderr, "console").info("ready")
    assert "\x1b" not in stderr.getvalue()  # a file, or a pipe
    monkeypatch.setattr(stderr, "isatty", lambda: True)
    started(stderr, "console").info("ready")
    assert ("\x1b" in stderr.getvalue()) == has_colors


def test_a_line_in_any_script_stays_one_line() -> None:
    record = logging.LogRecord("asyncio", logging.ERROR, "", 0, "新媒体\nنص", None, None)
    line = formatter(Log(), "json").format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "新媒体\nنص"


def test_long_text_is_cut_but_never_inside_a_secret(stderr: io.StringIO) -> None:
    log = started(stderr)
    for length in range(LONGEST_LINE - 20, LONGEST_LINE + 2):
        text = log.redact(f"{'x' * length}s3cret-and-more and more")
        assert len(text) <= LONGEST_LINE + len("${LONGER}")
        assert "s3" not in text
    assert log.redact("at  https://me:pass@x/?key=1\tsays") == "at  https://x/?key=…\tsays"
    assert log.redact("words " * LONGEST_LINE)[-1] == "…"
