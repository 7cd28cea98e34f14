"""What a run says once about the feeds of categories: how many there are by which rule, and how to change that."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from aggregator.app import App
from aggregator.categories.own_feeds import ENOUGH_OF_ONE
from aggregator.config import Config
from aggregator.model.published import SETTLED_AFTER
from aggregator.publish.category_feeds import CategoryFeeds
from aggregator.settings import feed_rule
from aggregator.store import Transaction
from aggregator.store.fact_names import FEED_RULE_TOLD
from aggregator.text.counts import count_of


def feed_advice(app: App, tx: Transaction, feeds: CategoryFeeds, at: datetime, *, is_new: bool) -> str:
    """Empty where it was said before, or where there is no category yet. `is_new`: no feed was published before."""
    if not (feeds.grounds or feeds.lacks) or tx.facts.get(FEED_RULE_TOLD):
        return ""
    tx.facts.set(FEED_RULE_TOLD, "yes")
    return _of_new_planet(app.config, feeds, at) if is_new else _of_upgrade(_rule_text(app, tx), feeds)


def _of_new_planet(config: Config, feeds: CategoryFeeds, at: datetime) -> str:
    counts, needed = Counter(feeds.grounds.values()), config.feeds.min_entries
    parts = {
        "that the config names": counts["named"],
        "that local posts use": counts["posts"],
        f"whose terms brought {_entries(needed)} or more": counts["entries"],
    }
    made = _listed(parts) or "none yet"
    until = f"{at + SETTLED_AFTER:%Y-%m-%d %H:%M} UTC"
    return (
        f"categories with a feed: {made}{_without(feeds, needed)}. Until {until} you can change that freely in"
        " the config (feeds.min_entries, categories.aliases, categories.unmapped); later their addresses stay"
    )


def _without(feeds: CategoryFeeds, needed: int) -> str:
    counts = Counter(feeds.lacks.values())
    parts = {
        f"with fewer than {_entries(needed)}": counts["few"],
        f"of one source alone with fewer than {_entries(ENOUGH_OF_ONE)}": counts["one source"],
        "whose terms are tags": counts["tag"],
    }
    return f"; without one: {_listed(parts)}" if feeds.lacks else ""


def _listed(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {words}" for words, count in parts.items() if count)


def _entries(count: int) -> str:
    return count_of(count, "entry", "entries")


def _of_upgrade(rule_text: str, feeds: CategoryFeeds) -> str:
    count = Counter(feeds.grounds.values())["stands"]
    if not count:
        return ""
    stay, addresses = (
        ("1 feed of a category stays", "its address")
        if count == 1
        else (f"{count} feeds of categories stay", "their addresses")
    )
    return (
        f"{stay} that today's rule would not found ({rule_text}); `aggregator feed forget --unnamed` ends {addresses}"
    )


def _rule_text(app: App, tx: Transaction) -> str:
    rule = feed_rule(app.config, sources=tx.sources.published_count())
    since = "" if rule.is_explicit else " now"
    alone = f", and {ENOUGH_OF_ONE} for one source alone" if rule.wants_two_sources else ""
    return f"feeds.min_entries is {rule.min_entries}{since}{alone}"
