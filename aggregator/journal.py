"""What a daemon says of its work, a line a thing, on stderr."""

import logging
from datetime import timedelta

from aggregator.errors import AggregatorError, ConfigError
from aggregator.models import Problem
from aggregator.report import Report

LOGGER = logging.getLogger("aggregator")


def write_to_stderr(*, verbose: bool, quiet: bool) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    LOGGER.handlers[:] = [handler]
    LOGGER.setLevel(logging.DEBUG if verbose else logging.WARNING if quiet else logging.INFO)


class Journal:
    """A problem is told when it comes, and again when it is another one."""

    def __init__(self) -> None:
        self._told: dict[str, Problem] = {}

    def say(self, sentence: str) -> None:
        LOGGER.info("%s", sentence)

    def warn(self, sentence: str) -> None:
        LOGGER.warning("%s", sentence)

    def batch(self, report: Report, took: timedelta) -> None:
        for problem in report.problems:
            if self._told.get(problem.where) != problem:
                self._told[problem.where] = problem
                where = f"{problem.where}: " if problem.where else ""
                LOGGER.warning("%s%s: %s", where, problem.kind, problem.message)
        counts = _counts(report)
        is_news = bool(report.sources.changed or report.sources.failed or report.posts.changed or report.feeds.written)
        if counts:
            level = logging.INFO if is_news else logging.DEBUG
            LOGGER.log(level, "%s (%.1f s)", counts, took.total_seconds())

    def fault(self, duty: str, error: Exception, again_in: timedelta) -> None:
        """One line, whatever it is; where it is none of ours, -v shows where it came from."""
        said = str(error) if isinstance(error, AggregatorError) else f"{type(error).__name__}: {error}"
        LOGGER.error("%s: %s; again in %.0f s", duty, " ".join(said.split()), again_in.total_seconds())
        LOGGER.debug("it came from here", exc_info=error)

    def config_refused(self, error: ConfigError) -> None:
        for finding in error.findings:
            LOGGER.error("%s", finding)
        LOGGER.error("the config that was in force before stays in force")


def _counts(report: Report) -> str:
    sources, entries = report.sources, report.entries
    return ", ".join(
        f"{count} {words}"
        for count, words in (
            (sources.polled, "asked"),
            (sources.changed, "changed"),
            (sources.failed, "failed"),
            (report.posts.changed, "posts changed"),
            (entries.new, "new"),
            (entries.updated, "updated"),
            (entries.held, "held"),
            (report.feeds.written, "feeds written"),
            (report.feeds.removed, "feeds removed"),
        )
        if count
    )
