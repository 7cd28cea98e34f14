"""Prometheus metrics; no other module imports its client.

Names follow https://prometheus.io/docs/practices/naming/. No label holds a value that a publisher or reader can choose,
so there are at most a few hundred series. docs/reference/metrics.md explains each.
"""

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Histogram,
    Info,
    Metric,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.registry import Collector

from aggregator import __version__
from aggregator.events import Children, Decision, Observer, Publication, Pull, Sent
from aggregator.model.status import StateCounts

Registry = CollectorRegistry

STATES = ("new", "ok", "failing", "paused", "gone")
OUTCOMES = ("changed", "unchanged", "failed", "pushed")
DECISIONS: tuple[Decision, ...] = ("new", "updated", "duplicate", "held", "archived")
JOBS = (
    *("pulling", "taking in deliveries", "reading posts", "publishing", "subscribing", "tidying", "delivering"),
    *("opening rounds", "merging"),  # of a worker
)
SENT = ("ping", "verification", "delivery")
KINDS = (
    *("dns", "connect", "tls", "timeout", "status", "redirect", "too-large", "truncated", "forbidden-address"),
    *("bot-wall", "not-a-feed", "parse", "config", "other"),
)
CODES = ("2xx", "304", "3xx", "4xx", "5xx", "other")
ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
WORK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)


def process_registry(children: Callable[[], Children | None]) -> Registry:
    """A new registry with the metrics of any process: version, memory and CPU time, also of its children."""
    registry = CollectorRegistry()
    Info("aggregator_build", "The program's version.", registry=registry).info({"version": __version__})
    ProcessCollector(registry=registry)
    registry.register(_ChildrenCollector(children))
    return registry


def add_answers(registry: Registry, counts: Callable[[], Mapping[tuple[str, int], int]]) -> None:
    """`counts`: HTTP answers given, by (kind, status)."""
    registry.register(_AnswersCollector(counts))


def add_state(registry: Registry, count_state: Callable[[], StateCounts | None]) -> None:
    """`count_state` may wait for the disk. It returns None if the state cannot be read; its gauges are then missing."""
    registry.register(_StateCollector(count_state))


def expose(registry: Registry, accept: str) -> tuple[str, bytes]:
    """The media type and the metrics of `registry`: as OpenMetrics if the Accept header `accept` names it."""
    lean = _WithoutCreated(registry)
    if "application/openmetrics-text" in accept:
        return openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest(lean)  # type: ignore[no-untyped-call]
    return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(lean)


class Counters(Observer):
    """Counts events since the process started. Every series exists from the start, at zero."""

    def __init__(self, registry: Registry) -> None:
        def counter(name: str, text: str, label: str = "", values: tuple[str, ...] = ()) -> Counter:
            made = Counter(f"aggregator_{name}", text, [label] if label else [], registry=registry)
            for value in values:
                made.labels(value)
            return made

        def histogram(name: str, text: str, buckets: tuple[float, ...], label: str = "") -> Histogram:
            labels = [label] if label else []
            return Histogram(f"aggregator_{name}_seconds", text, labels, buckets=buckets, registry=registry)

        self._pulls = counter("pulls", "Pulls that were recorded, by outcome.", "outcome", OUTCOMES)
        self._failures = counter("pull_failures", "Pulls that failed, by kind of fault.", "kind", KINDS)
        self._answers = counter("pull_answers", "Answers of sources over HTTP, by status.", "code", CODES)
        self._received = counter("pull_received_bytes", "Bodies of sources' answers, as they came over the wire.")
        self._latency = histogram("pull_answer", "From a source's turn at its host to its answer.", ANSWER_SECONDS)
        self._entries = counter("entries", "What became of entries.", "decision", DECISIONS)
        self._publish = histogram("publish", "Bringing the tree up to what the state says.", WORK_SECONDS)
        self._render = histogram("render", "The part of publishing that makes documents.", WORK_SECONDS)
        self._feeds = counter("feeds_written", "Feeds of which a file changed.")
        self._files = counter("files_written", "Files that were put in their place.")
        self._pages = counter("pages_sealed", "Archive pages that were sealed.")
        self._sent = counter("websub_requests", "Requests to hubs and subscribers, by kind.", "kind", SENT)
        self._unsent = counter("websub_failures", "Those of them that failed.", "kind", SENT)
        self._batches = histogram("batch", "What a duty of the daemon took each time.", WORK_SECONDS, "duty")
        self._faults = counter("batch_faults", "Faults of a duty of the daemon, tried again.", "duty", JOBS)
        for job in JOBS:
            self._batches.labels(job)

    def pulled(self, pull: Pull) -> None:
        self._pulls.labels(pull.outcome).inc()
        if pull.kind:
            self._failures.labels(pull.kind if pull.kind in KINDS else "other").inc()
        if pull.status:
            self._answers.labels(status_class(pull.status)).inc()
            self._latency.observe(pull.seconds)
        self._received.inc(pull.received)

    def decided(self, counts: Mapping[Decision, int]) -> None:
        for decision, count in counts.items():
            self._entries.labels(decision).inc(count)

    def published(self, done: Publication) -> None:
        self._publish.observe(done.seconds)
        self._render.observe(done.rendering)
        self._feeds.inc(done.feeds)
        self._files.inc(done.files)
        self._pages.inc(done.pages)

    def sent(self, one: Sent) -> None:
        self._sent.labels(one.kind).inc()
        if one.fault:
            self._unsent.labels(one.kind).inc()

    def job_done(self, job: str, seconds: float) -> None:
        self._batches.labels(job).observe(seconds)

    def job_failed(self, job: str) -> None:
        self._faults.labels(job).inc()


def status_class(status: int) -> str:
    """One of CODES: 304 for itself, any other status as its class, since servers may send any number."""
    if status == 304:
        return "304"
    code = f"{status // 100}xx"
    return code if code in CODES else "other"


class _WithoutCreated(Collector):
    """Leaves out the `_created` series: the process has its own start time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family


class _ChildrenCollector(Collector):
    def __init__(self, measure: Callable[[], Children | None]) -> None:
        self._measure = measure
        self._seconds = 0.0  # a child that has just ended may be missing for a moment, but a counter must not fall

    def describe(self) -> Iterator[Metric]:
        yield from _children_families()

    def collect(self) -> Iterator[Metric]:
        found = self._measure()
        if found is None:
            return
        count, resident, spent = _children_families()
        self._seconds = max(self._seconds, found.seconds)
        count.add_metric([], found.count)
        resident.add_metric([], found.resident)
        spent.add_metric([], self._seconds)
        yield from (count, resident, spent)


def _children_families() -> tuple[GaugeMetricFamily, GaugeMetricFamily, CounterMetricFamily]:
    return (
        GaugeMetricFamily("aggregator_children", "Processes that this one started, as for reading foreign markup."),
        GaugeMetricFamily("aggregator_children_resident_memory_bytes", "Their memory."),
        CounterMetricFamily("aggregator_children_cpu_seconds", "Their time of a processor, ended ones included."),
    )


class _AnswersCollector(Collector):
    def __init__(self, counts: Callable[[], Mapping[tuple[str, int], int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("aggregator_http_answers", "HTTP answers given.", labels=["kind", "code"])
        sums: dict[tuple[str, str], int] = {}
        for (kind, status), count in self._counts().items():
            key = kind, status_class(status)
            sums[key] = sums.get(key, 0) + count
        for labels, count in sums.items():
            family.add_metric(labels, count)
        yield family


class _StateCollector(Collector):
    def __init__(self, count_state: Callable[[], StateCounts | None]) -> None:
        self._count_state = count_state

    def describe(self) -> Iterator[Metric]:
        """Does not wait for the disk, as `collect` may."""
        yield GaugeMetricFamily("aggregator_state_readable", "")

    def collect(self) -> Iterator[Metric]:
        counts = self._count_state()
        yield _gauge("state_readable", "1 while the state can be read, else 0.", counts is not None)
        if counts is None:
            return
        sources = GaugeMetricFamily("aggregator_sources", "Sources of the config, by state.", labels=["state"])
        for state in STATES:
            sources.add_metric([state], counts.sources.get(state, 0))
        yield sources
        yield _gauge("sources_due", "Sources whose turn has come and that nobody asks yet.", counts.due)
        yield _gauge("sources_under_way", "Sources that are being asked.", counts.under_way)
        yield _gauge("queue_age_seconds", "How long the most overdue source waits.", counts.waits.total_seconds())
        yield _gauge("entries_held", "Entries that wait for their day, or for a person.", counts.held)
        yield _gauge("workers", "Workers on this state, where there are many.", counts.workers)
        yield _gauge("rounds_open", "Rounds of workers that are not merged.", counts.rounds)
        yield _gauge("terms_unmapped", "Terms that no rule of the config maps.", counts.unmapped)
        yield _gauge("websub_pings_waiting", "Documents that the hub of the feeds has to hear of.", counts.pings)
        yield _gauge("websub_subscriptions", "Subscriptions of the own hub.", counts.subscriptions)
        failing = counts.failing_subscriptions
        yield _gauge("websub_subscriptions_failing", "Those of them whose last delivery failed.", failing)
        if counts.batch_at:
            at = counts.batch_at.timestamp()
            yield _gauge("newest_pull_timestamp_seconds", "When sources, or posts, were last recorded.", at)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"aggregator_{name}", text, value=value)
