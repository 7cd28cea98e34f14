"""What every command works with: config, store and clock."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.config import Config, PostsConfig, RuleBook, SourceConfig
from aggregator.errors import ClockError, UsageError
from aggregator.events import NULL_OBSERVER, Observer
from aggregator.store import Store, Transaction
from aggregator.text.normalize import shorten

Clock = Callable[[], datetime]

CLOCK_SLACK = timedelta(days=1)
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)  # limits of AGGREGATOR_NOW
SAMPLE_TIME = "2026-11-23T08:00:00Z"


@dataclass(frozen=True, slots=True)
class App:
    """`writes`: publishing also writes the output tree; `observer` receives an event for each step of the work."""

    config: Config
    store: Store
    clock: Clock
    writes: bool = True
    observer: Observer = field(default=NULL_OBSERVER, repr=False, compare=False)
    rules: RuleBook = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rules", RuleBook(self.config))  # of one config, so they are made with the App

    def with_config(self, config: Config) -> "App":
        return self if config is self.config else replace(self, config=config)

    def now(self, tx: Transaction) -> datetime:
        """The time of this batch; raises ClockError if the clock is behind what the state stores."""
        now, newest = self.clock(), tx.facts.newest()
        if newest and now < newest - CLOCK_SLACK:
            raise ClockError(
                f"the clock says {now:%Y-%m-%d %H:%M} UTC, the state was written at {newest:%Y-%m-%d %H:%M};"
                " set the clock right, or unset AGGREGATOR_NOW; if the clock was wrong then and is right now,"
                " `aggregator db clock` lists the future times, and `aggregator db clock --accept-now` corrects them"
            )
        return now

    @property
    def output(self) -> Path:
        return self.config.output_path

    @property
    def folders(self) -> tuple[PostsConfig, ...]:
        return self.config.posts or ()

    @property
    def sources(self) -> tuple[SourceConfig, ...]:
        """The feeds. Those of reading lists are among them once `resolve_sources` read the state."""
        return self.config.feeds_to_pull

    def feed_source(self, id_: str) -> SourceConfig:
        section = self.rules.section(id_)
        assert isinstance(section, SourceConfig)  # noqa: S101 - only sources of the config are stored as feeds
        return section

    def knows(self, id_: str) -> bool:
        """Whether the config has a source or a posts folder with this id."""
        return self.rules.section(id_) is not None


def with_known_ids(config: Config, tx: Transaction) -> Config:
    """A source whose id was once made from the value of a variable keeps that id, if the state knows it."""
    if not config.former_ids:
        return config
    return config.with_known_ids({row.id for row in tx.sources.all()} | tx.lists.all().keys())


def clock_from(environment: Mapping[str, str]) -> Clock:
    """The clock of one-shot commands: AGGREGATOR_NOW (RFC 3339) if it is set, else the system's."""
    text = environment.get("AGGREGATOR_NOW", "")
    if not text:
        return lambda: datetime.now(UTC)
    moment = _moment(text)
    return lambda: moment


def _moment(text: str) -> datetime:
    """Raises UsageError. Times near the ends of the calendar are refused: adding a duration to them would overflow."""
    shown = f"AGGREGATOR_NOW is {shorten(text, 60)!r}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{shown}; write a time such as {SAMPLE_TIME}") from error
    if moment.tzinfo is None:
        raise UsageError(f"{shown}, without a zone; write {SAMPLE_TIME}")
    if not EARLIEST <= moment < LATEST:  # compared before conversion to UTC, which could overflow
        raise UsageError(f"{shown}; write a time from {EARLIEST:%Y} to {LATEST:%Y}, such as {SAMPLE_TIME}")
    return moment.astimezone(UTC)
