"""What is counted, as Prometheus reads it: the one who speaks its language, with registries that are handed on.

Names keep to https://prometheus.io/docs/practices/naming/; no label holds what a publisher or a reader may choose, so
there are never more than a few hundred series. docs/metrics.md tells what each means.
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
from aggregator.events import Children, Decision, Observer, Publication, Pull
from aggregator.model.status import StateCounts

Registry = CollectorRegistry

STATES = ("new", "ok", "failing", "paused", "gone")
OUTCOMES = ("changed", "unchanged", "failed")
DECISIONS: tuple[Decision, ...] = ("new", "updated", "duplicate", "held")
DUTIES = ("pulling", "reading posts", "publishing", "tidying")
KINDS = (
    *("dns", "connect", "tls", "timeout", "status", "redirect", "too-large", "truncated", "forbidden-address"),
    *("bot-wall", "not-a-feed", "parse", "config", "other"),
)
CODES = ("2xx", "304", "3xx", "4xx", "5xx", "other")
ANSWER_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
WORK_SECONDS = (0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300)


def of_this_process(children: Callable[[], Children | None]) -> Registry:
    """A new registry with what is true of any process: its version, memory and time, and those of its children."""
    registry = CollectorRegistry()
    Info("aggregator_build", "The program's version.", registry=registry).info({"version": __version__})
    ProcessCollector(registry=registry)
    registry.register(_OfChildren(children))
    return registry


def add_answers(registry: Registry, counts: Callable[[], Mapping[tuple[str, int], int]]) -> None:
    """`counts`: HTTP answers that were given, by (kind, status)."""
    registry.register(_OfAnswers(counts))


def add_state(registry: Registry, census: Callable[[], StateCounts | None]) -> None:
    """`census` may wait for a disk; None where the state cannot be read: then its gauges are not there."""
    registry.register(_OfState(census))


def expose(registry: Registry, accept: str) -> tuple[str, bytes]:
    """The media type, and what stands in `registry`: OpenMetrics for who asks for it in an Accept header."""
    lean = _Lean(registry)
    if "application/openmetrics-text" in accept:
        return openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest(lean)  # type: ignore[no-untyped-call]
    return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(lean)


class Counters(Observer):
    """What a process that stays has done since it began. Each series is there from the first moment, at nothing."""

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
        self._batches = histogram("batch", "What a duty of the daemon took each time.", WORK_SECONDS, "duty")
        self._faults = counter("batch_faults", "Faults of a duty of the daemon, tried again.", "duty", DUTIES)
        for duty in DUTIES:
            self._batches.labels(duty)

    def pulled(self, pull: Pull) -> None:
        self._pulls.labels(pull.outcome).inc()
        if pull.kind:
            self._failures.labels(pull.kind if pull.kind in KINDS else "other").inc()
        if pull.status:
            self._answers.labels(code_of(pull.status)).inc()
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

    def worked(self, duty: str, seconds: float) -> None:
        self._batches.labels(duty).observe(seconds)

    def faltered(self, duty: str) -> None:
        self._faults.labels(duty).inc()


def code_of(status: int) -> str:
    """A class, but for the one that says that nothing changed: servers may send any number there is."""
    if status == 304:
        return "304"
    code = f"{status // 100}xx"
    return code if code in CODES else "other"


class _Lean(Collector):
    """Without a second series for each that says since when there is one: the process says when it began."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for family in self._registry.collect():
            family.samples = [one for one in family.samples if not one.name.endswith("_created")]
            yield family


class _OfChildren(Collector):
    def __init__(self, ask: Callable[[], Children | None]) -> None:
        self._ask = ask
        self._seconds = 0.0  # one that ends between two questions may be missed for a moment: a counter never falls

    def describe(self) -> Iterator[Metric]:
        yield from _children_families()

    def collect(self) -> Iterator[Metric]:
        found = self._ask()
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


class _OfAnswers(Collector):
    def __init__(self, counts: Callable[[], Mapping[tuple[str, int], int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("aggregator_http_answers", "HTTP answers given.", labels=["kind", "code"])
        sums: dict[tuple[str, str], int] = {}
        for (kind, status), count in self._counts().items():
            key = kind, code_of(status)
            sums[key] = sums.get(key, 0) + count
        for labels, count in sums.items():
            family.add_metric(labels, count)
        yield family


class _OfState(Collector):
    def __init__(self, census: Callable[[], StateCounts | None]) -> None:
        self._census = census

    def describe(self) -> Iterator[Metric]:
        """Without waiting for a disk."""
        yield GaugeMetricFamily("aggregator_state_readable", "")

    def collect(self) -> Iterator[Metric]:
        census = self._census()
        yield _gauge("state_readable", "1 while the state can be read, else 0.", census is not None)
        if census is None:
            return
        sources = GaugeMetricFamily("aggregator_sources", "Sources of the config, by state.", labels=["state"])
        for state in STATES:
            sources.add_metric([state], census.sources.get(state, 0))
        yield sources
        yield _gauge("sources_due", "Sources whose turn has come and that nobody asks yet.", census.due)
        yield _gauge("sources_under_way", "Sources that are being asked.", census.under_way)
        yield _gauge("queue_age_seconds", "How long the most overdue source waits.", census.waits.total_seconds())
        yield _gauge("entries_held", "Entries that wait for their day, or for a person.", census.held)
        yield _gauge("terms_unmapped", "Terms that no rule of the config maps.", census.unmapped)
        if census.batch_at:
            at = census.batch_at.timestamp()
            yield _gauge("newest_pull_timestamp_seconds", "When sources, or posts, were last recorded.", at)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"aggregator_{name}", text, value=value)
