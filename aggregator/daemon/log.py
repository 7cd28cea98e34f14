"""The log of `daemon` and `serve`: one line for each event on stderr, as text or as JSON with the same fields.

Lines of libraries get the same form. No line shows values of environment variables that the config names, or parts of
URLs that look secret.
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
from aggregator.events import Observer, Publication, Pull, Sent
from aggregator.model.problems import Problem
from aggregator.report import Report
from aggregator.settings import HUB_PATH
from aggregator.text.date_formats import rfc3339
from aggregator.text.masking import NOTHING_HIDDEN, Hidden, cut
from aggregator.text.printable import escaped_in_json, visible

Format = Literal["console", "json"]

OURS = "aggregator"
ACCESS = "uvicorn.access"
CALLBACKS = "/websub/"
LOGGERS = (OURS, "uvicorn", "apscheduler", "asyncio", "concurrent", "procrastinate", "psycopg")
PLAIN = frozenset("timestamp level source outcome kind next why duty".split())  # fields without secrets
LONGEST = 4000  # characters of one value: much of it comes from outside
LONGEST_TRACE = 40_000


class Log(Observer):
    """Logs each pull and publication once, and a problem when it is new or has changed.

    `secrets`: the environment variables that the config names, with their values.
    """

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        self._reported: dict[str, Problem] = {}
        self._names: dict[str, str] = {}
        self._hidden = NOTHING_HIDDEN
        self.add_secrets(secrets or {})
        processors: list[Processor] = [
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            ProcessorFormatter.wrap_for_formatter,
        ]
        own = structlog.wrap_logger(logging.getLogger(OURS), processors=processors, wrapper_class=BoundLogger)
        self._logger: BoundLogger = own.bind()

    def add_secrets(self, secrets: Mapping[str, str]) -> None:
        """From now on no line shows these values."""
        self._names |= {value: f"${{{name}}}" for name, value in secrets.items()}
        self._hidden = Hidden(tuple(self._names.items()))

    def redact(self, text: str, most: int = LONGEST) -> str:
        """The text without secrets, cut to `most` characters."""
        return self._hidden.masked(text if len(text) <= most else self._cut(text, most))

    def _cut(self, text: str, most: int) -> str:
        """Cuts the text; where that would cut a secret, removes the rest of the secret, too."""
        text = cut(text, most).removesuffix("…")
        for value in self._names:
            half = next((size for size in range(len(value) - 1, 0, -1) if text.endswith(value[:size])), 0)
            text = text[: len(text) - half]
        return text + "…"

    def info(self, sentence: str) -> None:
        self._logger.info(sentence)

    def warning(self, sentence: str) -> None:
        self._logger.warning(sentence)

    # what happened

    def pulled(self, pull: Pull) -> None:
        self._logger.info(
            "pull",
            source=pull.source,
            outcome=pull.outcome,
            **{name: value for name, value in (("status", pull.status), ("kind", pull.kind)) if value},
            seconds=round(pull.seconds, 3),
            bytes=pull.received,
            next=rfc3339(pull.next_at),
            why=pull.why,
        )

    def published(self, done: Publication) -> None:
        write = self._logger.info if done.files else self._logger.debug
        write("publish", feeds=done.feeds, files=done.files, pages=done.pages, seconds=round(done.seconds, 3))

    def sent(self, one: Sent) -> None:
        """A failure is no warning: much is sent to strangers, and again later."""
        write = self._logger.info if one.fault else self._logger.debug
        fields = (("status", one.status), ("message", one.fault))
        write(one.kind, host=one.host, **{name: value for name, value in fields if value})

    def batch(self, report: Report, took: timedelta) -> None:
        for problem in report.problems:
            if self._reported.get(problem.where) != problem:
                self._reported[problem.where] = problem
                self._logger.warning("problem", source=problem.where, kind=problem.kind, message=problem.message)
        counts = _counts(report)
        is_news = bool(
            report.entries.new
            or report.sources.changed
            or report.sources.failed
            or report.posts.changed
            or report.feeds.written
        )
        if counts:
            write = self._logger.info if is_news else self._logger.debug
            write("batch", **counts, seconds=round(took.total_seconds(), 1))

    # what went wrong

    def log_job_failure(self, duty: str, error: Exception, again_in: timedelta) -> None:
        """Logs one line; -v adds the traceback."""
        text = str(error) if isinstance(error, AggregatorError) else f"{type(error).__name__}: {error}"
        self._logger.error("fault", duty=duty, message=" ".join(text.split()), again_in=round(again_in.total_seconds()))
        self._logger.debug("it came from here", exc_info=error)

    def config_refused(self, error: ConfigError) -> None:
        for finding in error.findings:
            self._logger.error(str(finding))
        self._logger.error("the config that was in force before stays in force")


def write_to_stderr(log: Log, *, verbose: bool, quiet: bool, format: Format = "console") -> None:  # noqa: A002 - the option's word
    """Sends the log to stderr. Call it once in a process."""
    handler = logging.StreamHandler()
    handler.setFormatter(formatter(log, format, verbose=verbose, colors=_takes_colors()))
    for name in LOGGERS:
        logging.getLogger(name).handlers[:] = [handler]
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO)


def formatter(log: Log, format: Format, *, verbose: bool = False, colors: bool = False) -> logging.Formatter:  # noqa: A002
    """Formats records of this program and of libraries. `verbose` adds tracebacks."""
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
        processors=[ProcessorFormatter.remove_processors_meta, traced, _stamped, _redacting(log), *seen, shape],
        pass_foreign_args=True,
    )


def _stamped(_: Any, __: str, event: EventDict) -> EventDict:
    """Puts timestamp, level and event first."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"timestamp": at, "level": event.pop("level"), "event": event.pop("event"), **event}


def _redacting(log: Log) -> Processor:
    def redact(_: Any, __: str, event: EventDict) -> EventDict:
        for name, value in event.items():
            if name not in PLAIN and isinstance(value, str):
                event[name] = log.redact(value, LONGEST_TRACE if name == "exception" else LONGEST)
        return event

    return redact


_AS_JSON = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)


def _json(logger: Any, name: str, event: EventDict) -> str:
    """Escapes control characters, which a terminal would obey; programs read the same text."""
    return escaped_in_json(str(_AS_JSON(logger, name, event)))


def _visible(_: Any, __: str, event: EventDict) -> EventDict:
    """Keeps each value on one line, except tracebacks."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = visible(value, lines=name == "exception")
    return event


def _without_trace(_: Any, __: str, event: EventDict) -> EventDict:
    """Replaces the traceback by the error in one line."""
    info = event.pop("exc_info", None)
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["error"] = " ".join(f"{type(error).__name__}: {error}".split())
    return event


def _of_access(_: Any, __: str, event: EventDict) -> EventDict:
    """Turns a record of uvicorn's access log into fields."""
    args = event.pop("positional_args", ())
    if event["_record"].name == ACCESS and len(args) == 5:
        client, method, path, _version, status = args
        event.update(event="request", client=client, method=method, path=_shown_path(path), status=status)
    return event


def _shown_path(path: str) -> str:
    """Without the name of a callback of ours: who knows it can claim to be its hub."""
    return f"{CALLBACKS}…" if path.startswith(CALLBACKS) and path != f"/{HUB_PATH}" else path


def _takes_colors() -> bool:
    """https://no-color.org"""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


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
        "archived": entries.archived,
        "feeds": report.feeds.written,
        "feeds_removed": report.feeds.removed,
    }
    return {name: count for name, count in counts.items() if count}
