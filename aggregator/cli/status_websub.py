"""Lines of `status` about hubs."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from aggregator.text.counts import count_of
from aggregator.text.date_formats import to_the_minute

if TYPE_CHECKING:
    from aggregator.model.status import SourceStatus
    from aggregator.model.websub import HubStatus, OutboxStatus, OwnHubStatus, SubscriptionStatus

MOST = 20  # subscriptions, those with troubles first


def hub_lines(hubs: Sequence["HubStatus"]) -> Iterator[str]:
    for one in hubs:
        topics = f"{one.active} of {count_of(one.subscriptions, 'topic')} active"
        first = f"first with {one.by_push} new, polls with {one.by_poll}"
        silent = "; SILENT: it delivered nothing of the last news" if one.silent else ""
        yield f"hub {one.hub}: {topics}; {first}{silent}"


def subscription_lines(subscriptions: Sequence["SubscriptionStatus"]) -> Iterator[str]:
    for one in sorted(subscriptions, key=_is_well)[:MOST]:
        yield f"{one.source}: subscribed at {one.hub}: {', '.join(_facts(one))}"
    if len(subscriptions) > MOST:
        yield f"  … and {count_of(len(subscriptions) - MOST, 'more subscription')}; --json shows all"


def cloud_lines(sources: Sequence["SourceStatus"]) -> Iterator[str]:
    yield from (f"{one.id}: names an rssCloud ({one.cloud}), which is not used" for one in sources if one.cloud)


def outbox_lines(outbox: "OutboxStatus | None") -> Iterator[str]:
    """What the hub of `feeds.hub` has to be told."""
    if outbox is None:
        return
    last = f"told last {to_the_minute(outbox.sent)}" if outbox.sent else "nothing was told yet"
    if not outbox.waiting:
        yield f"hub {outbox.hub} knows all documents; {last}"
        return
    waiting = f"{count_of(outbox.waiting, 'document')} to hear of since {to_the_minute(outbox.since)}"
    again = f"; told again {to_the_minute(outbox.next)}" if outbox.failures else ""
    fault = f": {outbox.message} ({outbox.failures} in a row)" if outbox.failures else ""
    yield f"hub {outbox.hub} has {waiting}{fault}; {last}{again}"


def own_hub_lines(hub: "OwnHubStatus | None") -> Iterator[str]:
    """Who subscribes to our own hub."""
    if hub is None:
        return
    counts = [
        (hub.failing, "failing"),
        (hub.waiting, "waiting for a delivery"),
        (hub.requests, "asked and not confirmed yet"),
        (hub.refused, "refused in a day"),
        (hub.gone, "gone in a month"),
        (hub.failed, "given up in a month, after a week of failures"),
    ]
    facts = [count_of(hub.subscribers, "subscription"), *(f"{count} {what}" for count, what in counts if count)]
    yield f"own hub {hub.hub}: {', '.join(facts)}"
    for topic in sorted(hub.topics, key=lambda one: -one.subscribers)[:MOST]:
        yield f"  {topic.topic}: {count_of(topic.subscribers, 'subscriber')}"
    if len(hub.topics) > MOST:
        yield f"  … and {count_of(len(hub.topics) - MOST, 'more topic')}; --json shows all"
    for one in hub.troubles:
        since = f"since {to_the_minute(one.since)}, {count_of(one.failures, 'time')}"
        yield f"  {one.host} does not take {one.topic}: {one.message} ({since})"


def _is_well(one: "SubscriptionStatus") -> bool:
    return one.state == "active" and not (one.silent or one.dropped or one.message)


def _facts(one: "SubscriptionStatus") -> Iterator[str]:
    is_held = one.state == "active" and one.expires
    yield f"{one.state} {'until' if is_held else 'since'} {to_the_minute(one.expires if is_held else one.since)}"
    if one.signature:
        yield f"signs with {one.signature}"
    if one.accepted:
        yield count_of(one.accepted, "delivery", "deliveries")
    if one.dropped:
        kinds = ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in one.dropped.items())
        yield f"{sum(one.dropped.values())} dropped ({kinds})"
    if one.relied_on:
        yield "relied on, so that polls are rare"
    if one.silent:
        yield "silent, so that polls go on as before"
    if one.message:
        yield one.message
