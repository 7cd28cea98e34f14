"""The wording: why an entry is in a feed or not."""

import shlex
from collections.abc import Iterable, Sequence

from aggregator.categories.feed_quota import MOST_OF_SOURCE
from aggregator.config.sections import ExtraConfig, TakedownConfig
from aggregator.model.withdrawal import STUBS_STAND, TOMBSTONES_STAND
from aggregator.polling.flood_guard import SEALED_AFTER
from aggregator.store import EntryRow, SourceRow, WithdrawalRow
from aggregator.text.counts import count_of
from aggregator.text.date_formats import to_the_minute

EVERY_ENTRY = "every entry is in all"
LEADS_THERE = "its categories lead there"
LEADS_ELSEWHERE = "its categories lead elsewhere"
UNPLACED = "it has no category"
TO_BE_APPROVED = "its source has, or had, `approve: true`; `entry approve` publishes it"
NOT_ITS_SOURCE = "that source does not show it"


def rule(decider: str, where: str, source_id: str, came: Sequence[str]) -> str:
    """The line of the config that decided, and the term that it decided on."""
    match decider:
        case "added":
            kind = f"categories of source {source_id}"
        case "keep" | "tag":
            kind = f"unmapped: {decider}"
        case "long":
            kind = "too long for a name"
        case "kind":
            kind = "names a kind of entry, not a subject"
        case _:
            kind = decider
    by = f"by {where} ({kind})" if where else f"({kind})"
    return f"{by} for {named(came)}" if came else by


def refused(founder: str, where: str, most: int) -> str:
    """Why a category that no rule names has no feed. `founder`: the source that reached its limit, "" if all sources
    together reached theirs."""
    whose, limit = (f"source {founder}", MOST_OF_SOURCE) if founder else ("sources", most)
    feeds = count_of(limit, "feed")
    return f"{whose} founded {feeds} from terms that no rule names, which is the limit ({where}: categories.most_new)"


def named(path: Iterable[str]) -> str:
    return " › ".join(path)


def told(row: WithdrawalRow, wish: TakedownConfig) -> str | None:
    """How a feed tells that the entry was withdrawn, and until when; None where it does not."""
    ways = []
    if wish.tombstones and row.is_told:
        ways.append(f"a tombstone until {row.withdrawn_at + TOMBSTONES_STAND:%Y-%m-%d}")
    if wish.stubs and row.is_stubbed:
        ways.append(f"a stub until {row.withdrawn_at + STUBS_STAND:%Y-%m-%d}")
    return ", ".join(ways) or None


def conditions(extra: ExtraConfig) -> str:
    """The conditions of an extra feed."""
    parts = {"any of": map(named, extra.any), "all of": map(named, extra.all), "none of": map(named, extra.none)}
    listed = {label: ", ".join(names) for label, names in parts.items()} | {"source": " or ".join(extra.sources)}
    return "; ".join(f"{label} {names}" for label, names in listed.items() if names) or "every entry"


def kept_out(entry: EntryRow, withheld: Iterable[str], sources: Iterable[SourceRow]) -> str:
    """Why an entry is in no feed at all. `withheld`: why each of its sightings is ignored; `sources`: of these."""
    at = to_the_minute(entry.kept_back_at)
    ref = shlex.quote(entry.public_id)
    release = f"aggregator entry release {ref}"
    match entry.kept_back:
        case "held":
            until = to_the_minute(entry.kept_back_at + SEALED_AFTER) if entry.kept_back_at else "a day later"
            return (
                f"held since {at}: it came in a flood of old entries; `{release}` publishes it;"
                f" from {until} on it is in archives and on pages only"
            )
        case "site":
            return f"held since {at}: {'; '.join(map(other_site, sources))}; `{release}` releases this one"
        case "too-old":
            return f"older than max_age of its source when it was first seen on {at}; `{release}` publishes it"
        case "hold":
            return f"held by a person since {at}; `{release}` releases it"
        case "waiting":
            return f"it waits for a person since {at}: {TO_BE_APPROVED}"
        case "removed":
            return f"removed by a person on {at}; `aggregator entry restore {ref}` brings it back"
        case "joined":
            return f"joined to another entry by a person on {at}"
        case _:
            return "; ".join(dict.fromkeys(why for why in withheld if why)) or "no source shows it"


def other_site(source: SourceRow) -> str:
    """What makes a source seem another site, and how to end the hold."""
    if source.site_changed_at is None:
        return f"its source {source.id} seemed to be another site"
    evidence = f"its source {source.id} seems to be another site since {to_the_minute(source.site_changed_at)}"
    return f"{evidence} ({source.site_evidence}); `source trust {source.id}` publishes its entries"


def no_news(entry: EntryRow, page: int | None) -> str:
    """Why a shown entry is in no document of a feed. `page`: of its archive, None where it is on none yet."""
    where = f"on page {page} of the archive" if page else "on the feed's page, and on the next page of its archive"
    at = to_the_minute(entry.backlog_at)
    match entry.backlog:
        case "past":
            why = f"it was there before its source joined on {at} (feeds.backlog)"
        case "flood":
            why = f"it came in a flood of old entries ({at})"
        case _:
            why = f"it stood there when the state was recovered on {at}"
    return f"{where}; {why}; `entry release` makes it news"
