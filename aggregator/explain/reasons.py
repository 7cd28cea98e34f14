"""Why an entry is in a feed or not, in words."""

from collections.abc import Iterable, Sequence

from aggregator.categories.feed_quota import MOST_OF_SOURCE
from aggregator.config.model import ExtraConfig
from aggregator.explain.case import moment
from aggregator.polling.flood_guard import RELEASED_AFTER
from aggregator.store import EntryRow

EVERY_ENTRY = "every entry is in all"
LEADS_THERE = "its categories lead there"
LEADS_ELSEWHERE = "its categories lead elsewhere"
UNPLACED = "no category was given to it"
NOT_ITS_SOURCE = "that source does not show it"


def rule(decider: str, where: str, source_id: str, came: Sequence[str]) -> str:
    """The line of the config that decided, and what it decided on."""
    match decider:
        case "added":
            kind = f"categories of source {source_id}"
        case "keep":
            kind = "unmapped: keep"
        case "long":
            kind = "too long for a name"
        case "kind":
            kind = "says what kind of thing it is, not what it is about"
        case _:
            kind = decider
    by = f"by {where} ({kind})" if where else f"({kind})"
    return f"{by} for {named(came)}" if came else by


def refused(founder: str, where: str, most: int) -> str:
    """Why a category that no rule names has no feed. `founder`: the source that has as many as it may have, "" where
    all together have."""
    whose = f"source {founder} founded {MOST_OF_SOURCE} feeds" if founder else f"sources founded {most} feeds"
    return f"terms of {whose} that no rule names, as many as they may ({where}: categories.most_new)"


def named(path: Iterable[str]) -> str:
    return " › ".join(path)


def asked(extra: ExtraConfig) -> str:
    """What an extra feed asks for."""
    parts = {"any of": map(named, extra.any), "all of": map(named, extra.all), "none of": map(named, extra.none)}
    listed = {words: ", ".join(names) for words, names in parts.items()} | {"source": " or ".join(extra.sources)}
    return "; ".join(f"{words} {names}" for words, names in listed.items() if names) or "every entry"


def kept_out(entry: EntryRow, withheld: Iterable[str]) -> str:
    """Why it is in no feed at all. `withheld`: why each of its sightings counts for nothing."""
    at = moment(entry.kept_back_at) if entry.kept_back_at else ""
    match entry.kept_back:
        case "held":
            until = moment(entry.kept_back_at + RELEASED_AFTER) if entry.kept_back_at else "a day later"
            return f"held since {at}: it came in a flood of what looks old; out {until}, or by `entry release`"
        case "hold":
            return f"held since {at} by a person, until `entry release`"
        case "removed":
            return f"removed by a person on {at}, until `entry restore`"
        case "joined":
            return f"joined to another entry by a person on {at}"
        case _:
            return "; ".join(dict.fromkeys(why for why in withheld if why)) or "no source shows it"
