"""What a run did: counted while it runs, shown by `--json`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from aggregator.errors import LONGEST_MESSAGE
from aggregator.events import Decision
from aggregator.model.problems import Problem
from aggregator.text.masking import cut

Progress = Callable[[str], None]  # called after each step: such as "pulled 3/40: id", or ""; an exception ends the run


@dataclass(slots=True)
class SourceCounts:
    due: int = 0
    polled: int = 0
    unchanged: int = 0
    changed: int = 0
    failed: int = 0


@dataclass(slots=True)
class PostCounts:
    read: int = 0
    changed: int = 0
    repaired: int = 0
    failed: int = 0
    gone: int = 0  # out of their folder, and by `gone: remove` out of the feeds


@dataclass(slots=True)
class EntryCounts:
    """`archived`: new ones that are no news: they stand in archives and on pages only."""

    new: int = 0
    updated: int = 0
    duplicates: int = 0
    held: int = 0
    archived: int = 0
    total: int = 0

    def decisions(self) -> dict[Decision, int]:
        """What observers hear of them."""
        return {
            "new": self.new,
            "updated": self.updated,
            "duplicate": self.duplicates,
            "held": self.held,
            "archived": self.archived,
        }


@dataclass(slots=True)
class FeedCounts:
    written: int = 0
    unchanged: int = 0
    removed: int = 0
    total: int = 0


COUNTED = ("sources", "posts", "entries", "feeds")


@dataclass(slots=True)
class Report:
    sources: SourceCounts = field(default_factory=SourceCounts)
    posts: PostCounts = field(default_factory=PostCounts)
    entries: EntryCounts = field(default_factory=EntryCounts)
    feeds: FeedCounts = field(default_factory=FeedCounts)
    problems: dict[Problem, None] = field(default_factory=dict)  # an ordered set
    advice: list[str] = field(default_factory=list)  # what a person may want to do next
    seconds: float = 0.0
    lists_failed: int = 0
    standing: dict[Problem, None] = field(default_factory=dict)  # what the next run finds, too; an ordered set
    lasting_removals: int = 0  # feeds of categories with too few entries, among the removed ones
    repaired: int = 0  # values of the state that could not be read

    def add_problems(self, problems: Iterable[Problem], *, last: bool = False) -> None:
        """Long messages are cut: they quote foreign text. `last`: every run finds them, until somebody does something
        about them."""
        found = {replace(one, message=cut(one.message, LONGEST_MESSAGE)): None for one in problems}
        self.problems |= found
        self.standing |= found if last else {}

    def add_standing(self, problems: Iterable[Problem]) -> None:
        """Problems that every run finds; one whose message is reported already is not reported again."""
        said, found = {one.message for one in self.problems}, list(problems)
        self.add_problems(one for one in found if one.message not in said)
        self.standing |= dict.fromkeys(found)

    def add_advice(self, sentence: str) -> None:
        """Nothing is added for ""."""
        self.advice += [sentence] if sentence else []

    def add_repairs(self, problems: Sequence[Problem]) -> None:
        self.add_problems(problems)
        self.repaired += len(problems)

    def lasting(self) -> "Report":
        """What the next run reports if nothing happens until then."""
        posts, feeds = self.posts, self.feeds
        return Report(
            posts=PostCounts(read=posts.read, repaired=posts.repaired, failed=posts.failed),
            entries=EntryCounts(total=self.entries.total),
            feeds=FeedCounts(unchanged=feeds.total, removed=self.lasting_removals, total=feeds.total),
            problems=dict(self.standing),
        )

    def copy(self) -> "Report":
        """As it is now. Problems are shared: they never change."""
        counts = {name: replace(getattr(self, name)) for name in COUNTED}
        return replace(
            self, **counts, problems=dict(self.problems), standing=dict(self.standing), advice=[*self.advice]
        )

    def restore(self, before: "Report") -> None:
        """Resets to the copy `before`, because the steps since then will run again."""
        for one in fields(self):
            setattr(self, one.name, getattr(before, one.name))

    def sort_problems(self, order: Sequence[str]) -> None:
        """Problems of posts first, then of sources in this order: the order of answers means nothing."""
        rank = {source_id: i for i, source_id in enumerate(order)}
        self.problems, self.standing = (
            dict.fromkeys(sorted(some, key=lambda problem: rank.get(problem.where, -1)))
            for some in (self.problems, self.standing)
        )

    @property
    def failed(self) -> bool:
        """A source, reading list, post or feed failed, or the state was damaged (`--strict`)."""
        lost = any(problem.kind == "render" for problem in self.problems)
        return bool(self.sources.failed or self.lists_failed or self.posts.failed or self.repaired or lost)

    def as_json(self) -> dict[str, Any]:
        """`archived` only where there are any."""
        counts = {name: asdict(getattr(self, name)) for name in COUNTED}
        if not self.entries.archived:
            del counts["entries"]["archived"]
        problems = [asdict(problem) for problem in self.problems]
        return counts | {"problems": problems, "advice": self.advice, "seconds": round(self.seconds, 3)}
