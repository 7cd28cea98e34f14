"""What a process that stays says of its work: a line a thing on stderr, for people or for programs.

Lines are made here alone, those of the libraries included; whoever reads them gets the same fields either way. Values
of variables of the environment (secrets, maybe), and whatever looks secret in an address, stand in none.
"""

import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import structlog
from structlog.stdlib import BoundLogger, ProcessorFormatter
from structlog.typing import EventDict, Processor

from aggregator.errors import AggregatorError, ConfigError
from aggregator.events import Observer, Publication, Pull
from aggregator.model.entry import Problem
from aggregator.report import Report
from aggregator.text.masking import NOTHING_HIDDEN, Hidden, cut
from aggregator.text.printable import escaped_in_json, visible

Format = Literal["console", "json"]

OURS = "aggregator"
ACCESS = "uvicorn.access"
SPEAKERS = (OURS, "uvicorn", "apscheduler", "asyncio", "concurrent")  # whose lines these are
PLAIN = frozenset("timestamp level source outcome kind next why duty".split())  # fields without secrets
LONGEST = 4000  # characters of what is told of one thing: much of it comes from outside
LONGEST_TRACE = 40_000


class Log(Observer):
    """A problem is told when it comes, and again when it is another one; every pull and publication once.

    `secrets`: variables of the environment that the config names, and their values.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._told: dict[str, Problem] = {}
        self._names: dict[str, str] = {}
        self._hidden = NOTHING_HIDDEN
        self.hush(secrets or {})
        processors: list[Processor] = [
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            ProcessorFormatter.wrap_for_formatter,
        ]
        own = structlog.wrap_logger(logging.getLogger(OURS), processors=processors, wrapper_class=BoundLogger)
        self._logger: BoundLogger = own.bind()

    def hush(self, secrets: Mapping[str, str]) -> None:
        """These values, too, stand in no line from here on."""
        self._names |= {value: f"${{{name}}}" for name, value in secrets.items()}
        self._hidden = Hidden(tuple(self._names.items()))

    def shown(self, text: str, most: int = LONGEST) -> str:
        """At most `most` characters of it, without secrets."""
        return self._hidden.masked(text if len(text) <= most else self._cut(text, most))

    def _cut(self, text: str, most: int) -> str:
        """Without the beginning of a secret that the cut goes through."""
        text = cut(text, most).removesuffix("…")
        for value in self._names:
            half = next((size for size in range(len(value) - 1, 0, -1) if text.endswith(value[:size])), 0)
            text = text[: len(text) - half]
        return text + "…"

    def say(self, sentence: str) -> None:
        self._logger.info(sentence)

    def warn(self, sentence: str) -> None:
        self._logger.warning(sentence)

    # what was done

    def pulled(self, pull: Pull) -> None:
        self._logger.info(
            "pull",
            source=pull.source,
            outcome=pull.outcome,
            **{name: value for name, value in (("status", pull.status), ("kind", pull.kind)) if value},
            seconds=round(pull.seconds, 3),
            bytes=pull.received,
            next=_time(pull.next_at),
            why=pull.why,
        )

    def published(self, done: Publication) -> None:
        say = self._logger.info if done.files else self._logger.debug
        say("publish", feeds=done.feeds, files=done.files, pages=done.pages, seconds=round(done.seconds, 3))

    def batch(self, report: Report, took: timedelta) -> None:
        for problem in report.problems:
            if self._told.get(problem.where) != problem:
                self._told[problem.where] = problem
                self._logger.warning("problem", source=problem.where, kind=problem.kind, message=problem.message)
        counts = _counts(report)
        is_news = bool(report.sources.changed or report.sources.failed or report.posts.changed or report.feeds.written)
        if counts:
            say = self._logger.info if is_news else self._logger.debug
            say("batch", **counts, seconds=round(took.total_seconds(), 1))

    # what went wrong

    def fault(self, duty: str, error: Exception, again_in: timedelta) -> None:
        """One line, whatever it is; where it is none of ours, -v shows where it came from."""
        said = str(error) if isinstance(error, AggregatorError) else f"{type(error).__name__}: {error}"
        self._logger.error("fault", duty=duty, message=" ".join(said.split()), again_in=round(again_in.total_seconds()))
        self._logger.debug("it came from here", exc_info=error)

    def config_refused(self, error: ConfigError) -> None:
        for finding in error.findings:
            self._logger.error(str(finding))
        self._logger.error("the config that was in force before stays in force")


def write_to_stderr(journal: Log, *, verbose: bool, quiet: bool, format: Format = "console") -> None:  # noqa: A002 - the option's word
    """From here on; once a process."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(journal, format, verbose=verbose, colors=_takes_colors()))
    for name in SPEAKERS:
        logging.getLogger(name).handlers[:] = [handler]
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO)


def formatter(journal: Log, format: Format, *, verbose: bool = False, colors: bool = False) -> logging.Formatter:  # noqa: A002
    """From a record, ours or a library's, to its line. `verbose`: with where an error came from."""
    traced: Processor = structlog.processors.format_exc_info if verbose else _without_trace
    shape: Processor = (
        _json
        if format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=colors, sort_keys=False, pad_event_to=9, exception_formatter=structlog.dev.plain_traceback
        )
    )
    seen: list[Processor] = [] if format == "json" else [_visible]
    return ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, _of_access],
        processors=[ProcessorFormatter.remove_processors_meta, traced, _stamped, _hushing(journal), *seen, shape],
        pass_foreign_args=True,
    )


def _stamped(_: Any, __: str, event: EventDict) -> EventDict:
    """When, how bad and what come first."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"timestamp": at, "level": event.pop("level"), "event": event.pop("event"), **event}


def _hushing(journal: Log) -> Processor:
    def hush(_: Any, __: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            if name not in PLAIN and isinstance(value, str):
                event[name] = journal.shown(value, LONGEST_TRACE if name == "exception" else LONGEST)
        return event

    return hush


_AS_JSON = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _json(logger: Any, name: str, event: EventDict) -> str:
    """Where somebody reads it as it goes by, nothing in it is obeyed by the terminal; a program reads the same."""
    return escaped_in_json(str(_AS_JSON(logger, name, event)))


def _visible(_: Any, __: str, event: EventDict) -> EventDict:
    """A line is one, but for where an error came from."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = visible(value, lines=name == "exception")
    return event


def _without_trace(_: Any, __: str, event: EventDict) -> EventDict:
    """What went wrong, in one line."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = " ".join(f"{type(error).__name__}: {error}".split())
    return event


def _of_access(_: Any, __: str, event: EventDict) -> EventDict:
    """A line of uvicorn's access log, as fields."""
    args = event.pop("positional_args", ())
    if event["_record"].name == ACCESS and len(args) == 5:
        client, method, path, _version, status = args
        event.update(event="request", client=client, method=method, path=path, status=status)
    return event


def _takes_colors() -> bool:
    """https://no-color.org"""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _counts(report: Report) -> dict[str, int]:
    sources, entries = report.sources, report.entries
    counts = {
        "asked": sources.polled,
        "changed": sources.changed,
        "failed": sources.failed,
        "posts": report.posts.changed,
        "new": entries.new,
        "updated": entries.updated,
        "held": entries.held,
        "feeds": report.feeds.written,
        "feeds_removed": report.feeds.removed,
    }
    return {name: count for name, count in counts.items() if count}
