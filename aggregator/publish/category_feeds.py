"""Which categories have a feed now, and why: reads from the store what `categories.own_feeds` needs."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from aggregator.app import App
from aggregator.categories.feed_quota import Founding
from aggregator.categories.own_feeds import ENOUGH_OF_ONE, SEVERAL_SOURCES, FeedRule, Ground, Lack, Usage
from aggregator.config import Config
from aggregator.merge.category_tree import CategoryTree
from aggregator.model.problems import Problem
from aggregator.publish.feed_quota import FeedQuota
from aggregator.settings import feed_rule
from aggregator.store import CategoryRow, Transaction
from aggregator.store.feed_members import EVERY
from aggregator.text.counts import count_of


@dataclass(frozen=True, slots=True)
class CategoryFeeds:
    """By category: `counts`, its visible entries, counted up to a limit; `grounds`, why it has a feed; `lacks`, what
    it lacks for one. `ended`: those whose address a person ended, so that only the config brings it back."""

    counts: Mapping[int, int] = field(default_factory=dict)
    grounds: Mapping[int, Ground] = field(default_factory=dict)
    lacks: Mapping[int, Lack] = field(default_factory=dict)
    ended: frozenset[int] = frozenset()
    founding: Founding = field(default_factory=Founding)


def ground_text(config: Config, ground: Ground) -> str:
    """Why a category has a feed, as a clause."""
    match ground:
        case "named":
            return "the config names it"
        case "posts":
            return "local posts use it"
        case "entries":
            least = config.feeds.min_entries
            return f"its terms brought {count_of(least, 'entry', 'entries')} or more (feeds.min_entries)"
        case "stands":
            return "it was published before, so its address stays; today's rule would not found it"


def lack_text(config: Config, lack: Lack) -> str:
    """Why a category has no feed, as a phrase."""
    match lack:
        case "tag":
            where = config.where("categories", "unmapped")
            return f"its terms are tags ({where}: categories.unmapped); name it in the config to give it a feed"
        case "few":
            return f"fewer entries than feeds.min_entries ({config.feeds.min_entries})"
        case "one source":
            return (
                f"one source alone brought it, and fewer than {ENOUGH_OF_ONE} entries: with {SEVERAL_SOURCES} sources"
                " or more, a second one has to use it, too (feeds.min_entries: 1 gives every category a feed)"
            )


@dataclass(slots=True)
class CategoryFeedReader:
    app: App
    tx: Transaction
    category_tree: CategoryTree
    quota: FeedQuota = field(init=False)

    def __post_init__(self) -> None:
        self.quota = FeedQuota(self.app, self.tx, self.category_tree)

    def decide(self, published: Container[str]) -> CategoryFeeds:
        """`published`: ids of feeds that stand; what has entries and stands, stays."""
        rule = feed_rule(self.app.config, sources=self.tx.sources.published_count())
        counts = self.tx.feed_members.counts(rule.most_counted)
        rows = [row for row in self.category_tree.by_id.values() if row.depth <= self.app.config.feeds.depth]
        usage = self._usage(rule, {row.id: counts[row.id] for row in rows if counts[row.id]})
        addresses = self.tx.feeds.ended()
        ended = frozenset(row.id for row in rows if row.path in addresses and not self.quota.is_named(row))
        standing = {row.id for row in rows if row.path in published}
        wanted = usage.keys() - ended
        grounds = dict(self._grounds(rule, [row for row in rows if row.id in wanted], usage, standing))
        founding = self.quota.decide(grounds.keys(), published)
        lacks = {id_: lack for id_, one in usage.items() if id_ not in grounds and (lack := rule.lack(one))}
        return CategoryFeeds(
            counts, {id_: one for id_, one in grounds.items() if id_ not in founding.refused}, lacks, ended, founding
        )

    def problems(self, founding: Founding) -> Iterator[Problem]:
        """Categories that have no feed because of the quota."""
        return self.quota.problems(founding)

    def _grounds(
        self, rule: FeedRule, rows: list[CategoryRow], usage: Mapping[int, Usage], standing: Container[int]
    ) -> Iterator[tuple[int, Ground]]:
        for row in rows:
            ground = rule.ground(usage[row.id], is_named=self.quota.is_named(row))
            if ground or row.id in standing:
                yield row.id, ground or "stands"

    def _usage(self, rule: FeedRule, counts: Mapping[int, int]) -> dict[int, Usage]:
        """Of categories with entries. Only what the rule needs is read."""
        unnamed = [id_ for id_ in counts if not self.quota.is_named(self.category_tree.by_id[id_])]
        few = [id_ for id_ in unnamed if rule.min_entries <= counts[id_] < rule.most_counted]
        posts = self.app.config.posts and self.tx.feed_members.with_posts(
            unnamed, rule.most_counted if rule.terms_found else EVERY
        )
        sources = self.tx.feed_members.source_counts(few, rule.most_counted)
        return {id_: Usage(count, sources.get(id_, 0), id_ in posts) for id_, count in counts.items()}
