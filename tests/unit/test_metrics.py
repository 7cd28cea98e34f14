"""Metrics, and the formats in which Prometheus reads them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from aggregator import pipeline
from aggregator.app import App
from aggregator.config import load_config
from aggregator.events import Children, Decision, Observer, Observers, Publication, Pull
from aggregator.metrics import (
    DECISIONS,
    Counters,
    Registry,
    add_answers,
    add_state,
    expose,
    process_registry,
    status_class,
)
from aggregator.model.status import StateCounts
from aggregator.one_shot.batch import RunOptions
from aggregator.polling import Refusals
from aggregator.report import EntryCounts
from aggregator.store import SourceRow, Store
from aggregator.store.entries import Entries
from aggregator.web import StateReader, application_of, measures_of
from aggregator.web.metrics import StateCounter, children
from tests.support import paths
from tests.support.planet import NOON, Planet, Upstream, rss
from tests.support.serving import Client, served

HOUR = timedelta(hours=1)
DOCS = paths.PROJECT / "docs" / "reference" / "metrics.md"
COUNTS = StateCounts({"ok": 3}, due=2, waits=HOUR, under_way=1, held=4, unmapped=5, batch_at=NOON)


class Recorder(Observer):
    def __init__(self) -> None:
        self.pulls: dict[str, Pull] = {}
        self.publications: list[Publication] = []

    def pulled(self, pull: Pull) -> None:
        self.pulls[pull.source] = pull

    def published(self, done: Publication) -> None:
        self.publications.append(done)


def registry(count_state: Callable[[], StateCounts | None] = lambda: COUNTS) -> Registry:
    one = process_registry(children)
    add_answers(one, lambda: {("tree", 304): 7, ("tree", 200): 2, ("tree", 206): 1, ("program", 503): 1})
    add_state(one, count_state)
    return one


def values(one: Registry) -> dict[str, float]:
    """Values by name and labels, as in the text format."""
    lines = (line.rpartition(" ") for line in expose(one, "")[1].decode().splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def rows() -> dict[str, tuple[str, dict[str, set[str]], str]]:
    """The table of docs/reference/metrics.md: name → (kind, label → values, origin)."""
    found = {}
    for line in DOCS.read_text().splitlines():
        if line.startswith("| `"):
            name, kind, labels, origin, _ = (cell.strip() for cell in line.strip("|").split("|"))
            labelled = (part.partition(":") for part in labels.split(";") if part.strip())
            named = {label.strip(" `"): {one.strip() for one in listed.split(",")} for label, _, listed in labelled}
            found[name.strip("`")] = kind, named, origin
    return found


def kinds(text: str) -> dict[str, str]:
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))


def test_the_table_in_the_docs_lists_every_metric() -> None:
    one = registry()
    without = kinds(expose(one, "")[1].decode())
    Counters(one)
    text = expose(one, "")[1].decode()
    assert kinds(text) == {name: kind for name, (kind, _, _) in rows().items()}
    assert without == {name: kind for name, (kind, _, origin) in rows().items() if origin != "daemon"}
    exposed: dict[str, dict[str, set[str]]] = {}
    for family in read_text(text):
        for sample in family.samples:
            bare = re.sub(r"_(bucket|sum|count)$", "", sample.name) if family.type == "histogram" else sample.name
            for label, value in sample.labels.items():
                if label != "le":
                    exposed.setdefault(bare, {}).setdefault(label, set()).add(value)
    for name, (_, labels, _) in rows().items():
        said = exposed.get(name, {})
        assert said.keys() == labels.keys(), name
        for label, possible in labels.items():
            assert label == "version" or said[label] <= possible, name
            assert label in {"version", "code"} or said[label] == possible, name


def test_promtool_accepts_names_and_help_texts() -> None:
    if not (promtool := shutil.which("promtool")):
        pytest.skip("promtool is not installed (Debian: prometheus)")
    one = registry()
    Counters(one)
    words = expose(one, "")[1]
    done = subprocess.run([promtool, "check", "metrics"], input=words, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain; version=0.0.4; charset=utf-8"),
        (
            "application/openmetrics-text;version=no number;q=0.5,text/plain;q=0.2",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
    ],
)
def test_the_accept_header_chooses_the_format(accept: str, media_type: str) -> None:
    one = registry()
    Counters(one).decided({"new": 3})
    kind, body = expose(one, accept)
    assert kind == media_type
    read = read_openmetrics if "openmetrics" in kind else read_text
    told = (sample for family in read(body.decode()) for sample in family.samples)
    samples = {(sample.name, *sample.labels.values()): sample.value for sample in told}
    assert samples["aggregator_entries_total", "new"] == 3
    assert not any("_created" in name for name, *_ in samples)


def test_events_are_counted_and_no_label_holds_a_foreign_value() -> None:
    one = registry()
    counters = Counters(one)
    few = values(one).keys()
    for outcome, status, kind in (
        ("changed", 200, ""),
        ("unchanged", 304, ""),
        ("failed", 503, "status"),
        ("failed", 0, "timeout"),
        ("failed", 999, "a kind of its own"),
    ):
        counters.pulled(Pull("blog", outcome, status, kind, 0.2, 10, NOON, "ttl"))
    counts: Mapping[Decision, int] = {"new": 1, "updated": 2, "duplicate": 3, "held": 4}
    counters.decided(counts)
    counters.published(Publication(feeds=2, files=9, pages=1, seconds=0.5, rendering=0.25))
    counters.job_done("pulling", 7)
    counters.job_failed("tidying")
    found = {name.removeprefix("aggregator_"): value for name, value in values(one).items() if value}
    expected = {
        'pulls_total{outcome="changed"}': 1,
        'pulls_total{outcome="failed"}': 3,
        'pull_failures_total{kind="timeout"}': 1,
        'pull_failures_total{kind="other"}': 1,
        'pull_answers_total{code="304"}': 1,
        'pull_answers_total{code="other"}': 1,
        "pull_answer_seconds_count": 4,
        "pull_received_bytes_total": 50,
        'entries_total{decision="duplicate"}': 3,
        "publish_seconds_sum": 0.5,
        "render_seconds_sum": 0.25,
        "feeds_written_total": 2,
        "files_written_total": 9,
        "pages_sealed_total": 1,
        'batch_seconds_bucket{duty="pulling",le="10.0"}': 1,
        'batch_faults_total{duty="tidying"}': 1,
        'http_answers_total{code="2xx",kind="tree"}': 3,
        'http_answers_total{code="304",kind="tree"}': 7,
        "queue_age_seconds": 3600,
        'sources{state="ok"}': 3,
        "newest_pull_timestamp_seconds": NOON.timestamp(),
    }
    assert {name: found[name] for name in expected} == expected
    assert values(one).keys() == few  # no event added a series


def test_what_is_decided_of_entries_is_counted_whoever_merges_them() -> None:
    """Entries that are no news were left out by workers."""
    counts = EntryCounts(new=1, updated=2, duplicates=3, held=4, archived=5, total=99)
    assert counts.decisions() == dict(zip(DECISIONS, range(1, 6), strict=True))


def test_every_status_falls_into_a_class() -> None:
    said = {200: "2xx", 304: "304", 301: "3xx", 410: "4xx", 503: "5xx", 100: "other", 999: "other", -1: "other"}
    assert {status: status_class(status) for status in said} == said


def test_an_unreadable_state_has_no_gauges() -> None:
    found = values(registry(lambda: None))
    assert found["aggregator_state_readable"] == 0
    assert not any(name.startswith(("aggregator_sources", "aggregator_queue")) for name in found)


def test_every_observer_receives_every_event() -> None:
    one = registry()
    both = Observers(Observer(), Counters(one))
    both.pulled(Pull("blog", "changed", 200, "", 0.2, 10, NOON, "ttl"))
    both.decided({"new": 1})
    both.published(Publication(1, 2, 3, 4, 5))
    both.job_done("tidying", 1)
    both.job_failed("pulling")
    found = values(one)
    for name in (
        'pulls_total{outcome="changed"}',
        'entries_total{decision="new"}',
        "publish_seconds_count",
        'batch_seconds_count{duty="tidying"}',
        'batch_faults_total{duty="pulling"}',
    ):
        assert found[f"aggregator_{name}"] == 1


def test_ended_children_keep_their_cpu_time() -> None:
    before = children()
    assert before is not None
    work = "sum(range(3_000_000)); print(flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", work], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        child.stdout.readline()
        during = children()
        assert during is not None
        assert during.count == before.count + 1
        assert during.resident > before.resident
        assert during.seconds > before.seconds
        child.communicate(b"\n")
    after = children()
    assert after is not None
    assert after.count == before.count
    assert after.seconds >= during.seconds


def test_without_proc_there_are_no_metrics_of_children(tmp_path: Path) -> None:
    assert children(tmp_path) is None
    one = process_registry(lambda: None)
    assert not any("children" in name for name in values(one))
    told = [Children(1, 100, 5.0), Children(0, 0, 4.0)]
    falling = process_registry(lambda: told.pop(0))
    assert [values(falling)["aggregator_children_cpu_seconds_total"] for _ in range(2)] == [5, 5]


def test_a_run_emits_pulls_and_publications(planet: Planet, upstream: Upstream) -> None:
    body = rss({"title": "one", "guid": "urn:1", "link": "https://blog.example/1"})
    urls = {
        "good": upstream.serve("/good", body),
        "busy": upstream.serve("/busy", "no", status=503),
        "page": upstream.serve("/page", "<html><p>words", headers={"Content-Type": "text/html"}),
        "nobody": "http://127.0.0.1:1/",
    }
    (planet.root / "own.xml").write_text(body)
    planet.config["sources"] = [{"id": id_, "url": url, "every": "1h"} for id_, url in urls.items()]
    planet.config["sources"].append({"id": "own", "url": "own.xml"})
    heard = []
    for at in (NOON, NOON + 9 * HOUR):
        with planet.app(at) as app:
            heard.append(Recorder())
            told = replace(app, observer=heard[-1])
            planet.runner.run(pipeline.run(told, planet.pool, RunOptions()))
    first, second = (one.pulls for one in heard)
    assert {id_: (one.outcome, one.status, one.kind, one.received) for id_, one in first.items()} == {
        "good": ("changed", 200, "", len(body)),
        "busy": ("failed", 503, "status", 0),
        "page": ("failed", 200, "not-a-feed", len("<html><p>words")),
        "nobody": ("failed", 0, "connect", 0),
        "own": ("changed", 0, "", 0),
    }
    assert all(one.seconds > 0 for id_, one in first.items() if id_ != "own")
    assert (first["good"].why, first["busy"].why) == ("interval", "back-off")
    assert first["good"].next_at >= NOON + HOUR
    assert (second["good"].outcome, second["good"].status) == ("unchanged", 304)
    done = heard[0].publications[0]
    assert (done.feeds, done.files, done.pages) == (1, len(planet.tree()), 0)
    assert 0 < done.rendering < done.seconds
    assert heard[1].publications[0].feeds == 0


def test_one_query_counts_all_sources(blank_state: Path, tmp_path: Path) -> None:
    store = Store(Path(shutil.copy(blank_state, tmp_path / "state.db")))
    store.open()
    minute = timedelta(minutes=1)
    rows: dict[str, dict[str, object]] = {
        "never": {"state_since": NOON - 5 * minute},
        "due": {"state": "ok", "next_poll_at": NOON - 3 * minute},
        "later": {"state": "ok", "next_poll_at": NOON + minute},
        "alone": {"state": "failing", "next_poll_at": NOON - HOUR, "host": "h:80"},
        "gone": {"state": "gone", "next_poll_at": NOON - HOUR},
        "paused": {"state": "paused"},
        "folder": {"state": "ok", "kind": "posts"},
        "former": {"configured": False, "next_poll_at": NOON - HOUR},
        "asked": {"state": "ok", "next_poll_at": NOON - HOUR},
    }
    with store.write() as tx:
        for place, (id_, more) in enumerate(rows.items()):
            tx.sources.add(SourceRow(**({"id": id_, "kind": "feed", "url": id_, "position": place} | more)))  # type: ignore[arg-type]
        tx.hosts.put("h:80", Refusals("alone", NOON, 1, NOON + HOUR, None))
        tx.sources.claim(NOON, until=NOON + HOUR, token="t", only=["asked"])
        found = tx.health.state_counts(NOON, unmapped=9)
        assert tx.health.state_counts(NOON - HOUR, unmapped=0).waits == timedelta(0)
    store.close()
    assert found == StateCounts({"new": 1, "ok": 4, "failing": 1, "gone": 1, "paused": 1}, 2, 5 * minute, 1, 0, 9, None)


def test_concurrent_requests_read_the_state_once(planet: Planet, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, count = [], Entries.unmapped_count

    def counting(self: Entries) -> int:
        asked.append(1)
        return count(self)

    monkeypatch.setattr(Entries, "unmapped_count", counting)
    planet.post("a.md", "---\ntitle: A\ncategories: [News]\n---\nWords\n")
    planet.run()
    state = planet.root / ".aggregator/state.db"
    app = App(load_config(planet.root / "config.yaml", {}), Store(state), lambda: NOON)
    kept = StateCounter(app, StateReader(Store(state), app.output))
    first = kept.counts()
    assert first is not None
    assert (first.sources, first.unmapped) == ({"ok": 1}, 1)
    assert kept.counts() is first
    fresh = StateCounter(app, StateReader(Store(state), app.output), pause=0)
    assert fresh.counts() == fresh.counts() == first
    state.rename(state.with_name("away.db"))
    assert fresh.counts() is None
    state.write_text("no database at all")
    assert fresh.counts() is None
    assert kept.counts() is first
    assert len(asked) == 2  # once for each, however often


def test_metrics_are_served_over_http(planet: Planet) -> None:
    planet.post("a.md", "---\ntitle: A\n---\nWords\n")
    planet.run()
    state = planet.root / ".aggregator/state.db"
    app = App(load_config(planet.root / "config.yaml", {}), Store(state), lambda: NOON)
    measures, late = measures_of(app), [""]
    reading = StateReader(app.store, app.output)
    with (
        served(application_of(app, reading, measures=measures, late=lambda: late[0])) as port,
        Client(port) as client,
    ):
        tag = client.ask("/all/atom.xml").headers["etag"]
        assert client.ask("/all/atom.xml", If_None_Match=tag).status == 304
        assert client.ask("/nowhere").status == 404
        assert client.ask("/readyz").body == b"ok"
        late[0] = "the schedule is late"
        assert (client.ask("/readyz").status, client.ask("/readyz").body) == (503, b"the schedule is late")
        reply = client.ask("/metrics")
        assert (reply.status, reply.headers["cache-control"], reply.headers["vary"]) == (200, "no-store", "Accept")
        assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert reply.headers["x-content-type-options"] == "nosniff"
        found = {
            (one.labels["kind"], one.labels["code"]): one.value
            for family in read_text(reply.body.decode())
            for one in family.samples
            if one.name == "aggregator_http_answers_total"
        }
        assert found == {
            ("tree", "2xx"): 1,
            ("tree", "304"): 1,
            ("tree", "4xx"): 1,
            ("program", "2xx"): 1,
            ("program", "5xx"): 2,
        }
        assert b"aggregator_pulls_total" not in reply.body  # nothing is pulled here
        head = client.ask("/metrics", "HEAD")
        assert (head.status, head.headers["content-type"]) == (200, reply.headers["content-type"])
        assert client.ask("/metrics", "POST").status == 405
        openmetrics = client.ask("/metrics", Accept="application/openmetrics-text;version=1.0.0;q=0.7,text/plain;q=0.1")
        assert openmetrics.body.endswith(b"# EOF\n")
