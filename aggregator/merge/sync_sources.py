"""Brings the sources in the store in line with the config, and recognizes renamed ones."""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aggregator.app import App
from aggregator.merge.hidden_secrets import (
    clean_new_secrets,
    follow_rename,
    is_published,
    keep_published,
    published_before,
)
from aggregator.settings import policy_digests
from aggregator.store import SourceRow, Transaction
from aggregator.store.fact_names import REPUBLISH_POLICIES


@dataclass(frozen=True, slots=True)
class ConfiguredSource:
    """A source or posts folder as the config describes it. `ignores_opt_out`: the config overrules its publisher."""

    id: str
    kind: str
    url: str
    title: str
    published: bool
    policy: str
    paused: bool = False
    ignores_opt_out: bool = False

    def is_shown(self, row: SourceRow) -> bool:
        return self.published and (self.ignores_opt_out or not row.asks)


# What is known about an address is reset when the address changes: redirects, then all the rest.
REDIRECT_RESET: dict[str, Any] = {
    "moved_url": "",
    "move_target": "",
    "move_since": None,
    "move_answers": 0,
    "move_refused": "",
}
ADDRESS_RESET: dict[str, Any] = {
    "etag": "",
    "last_modified": "",
    "body_digest": "",
    "due_at": None,
    "next_poll_at": None,
    "poll_reason": "",
    "retry_at": None,
    "failures": 0,
    "last_status": 0,
    "gone_since": None,
    "fresh_for": 0,
    "pace": None,
    "host": "",
}


def sync_sources(app: App, tx: Transaction, at: datetime) -> set[str]:
    """Brings the store's sources in line with the config; returns the ids of those whose entries look different now."""
    known = {row.id: row for row in tx.sources.all()}
    wanted = list(_configured(app, keep_published(app, tx)))
    changed: set[str] = set()
    ids = {one.id for one in wanted}
    for row in list(known.values()):
        new_id = "" if row.id in ids else _renamed(row, wanted, known)
        if new_id:
            tx.sources.rename(row.id, new_id)
            follow_rename(tx, row.id, new_id)
            known[new_id] = tx.sources.get(new_id)
            del known[row.id]
            changed.add(new_id)
    wanted = list(_configured(app, published_before(app, tx))) if changed else wanted
    for position, one in enumerate(wanted):
        changed |= _store(tx, known.get(one.id), one, position, at)
    for row in known.values():
        if row.configured and row.id not in ids:
            tx.sources.change(row.id, configured=False)
            changed.add(row.id)
    _void_archives(app, tx)
    return changed | clean_new_secrets(app, tx)


def _void_archives(app: App, tx: Transaction) -> None:
    """Voids archive pages with entries of sources whose `republish` changed."""
    now = {source.id: source.republish for source in app.sources if source.republish != "full"}
    before: dict[str, str] = json.loads(tx.facts.get(REPUBLISH_POLICIES) or "{}")
    if changed := [id_ for id_ in before | now if before.get(id_) != now.get(id_)]:
        tx.archives.void(tx.sightings.entries_of_sources(changed))
        tx.facts.set(REPUBLISH_POLICIES, json.dumps(now))


def apply_opt_outs(app: App, tx: Transaction) -> list[str]:
    """Applies opt-outs that publishers declared or withdrew since the last run; returns the ids of the sources that are
    unpublished, or published again, because of that."""
    rows = {row.id: row for row in tx.sources.all()}
    wanted = _configured(app, published_before(app, tx))
    changed = [one for one in wanted if one.id in rows and one.is_shown(rows[one.id]) != rows[one.id].published]
    for one in changed:
        tx.sources.change(one.id, published=one.is_shown(rows[one.id]))
    return [one.id for one in changed]


def _configured(app: App, before: Collection[str]) -> Iterator[ConfiguredSource]:
    """The sources and folders of the config. `before`: ids of sources that stay published (see hidden_secrets)."""
    policies = policy_digests(app.config)
    for folder in app.folders:
        yield ConfiguredSource(folder.id, "posts", folder.path, folder.title, folder.publish, policies[folder.id])
    for source in app.sources:
        policy = policies[source.id]
        ignores_opt_out, paused = source.publish is True, source.paused
        is_open = is_published(source, before)
        yield ConfiguredSource(source.id, "feed", source.url, source.title, is_open, policy, paused, ignores_opt_out)


def _renamed(row: SourceRow, wanted: list[ConfiguredSource], known: dict[str, SourceRow]) -> str:
    """The new id of a renamed source, "" where it was not renamed: its old id left the config, its address stayed."""
    same = (one.id for one in wanted if (one.kind, one.url) == (row.kind, row.url) and one.id not in known)
    return next(same, "")


def _store(tx: Transaction, row: SourceRow | None, one: ConfiguredSource, position: int, at: datetime) -> set[str]:
    if row is None:
        tx.sources.add(
            SourceRow(
                id=one.id,
                kind=one.kind,
                url=one.url,
                position=position,
                title=one.title,
                published=one.published,
                policy=one.policy,
                state="paused" if one.paused else "new",
                state_since=at,
            )
        )
        return set()
    values: dict[str, Any] = {
        "kind": one.kind,
        "position": position,
        "title": one.title,
        "published": one.is_shown(row),
        "policy": one.policy,
        "configured": True,
    }
    if row.url != one.url:
        values |= REDIRECT_RESET | (ADDRESS_RESET if _has_new_address(row, one) else {}) | {"url": one.url}
    if (state := _state(row, one)) != row.state or _has_new_address(row, one):
        values |= {"state": state, "state_since": at}
    if any(getattr(row, name) != value for name, value in values.items()):
        tx.sources.change(row.id, **values)
    before = (row.configured, row.published, row.title, row.policy)
    return {one.id} if before != (True, values["published"], one.title, one.policy) else set()


def _has_new_address(row: SourceRow, one: ConfiguredSource) -> bool:
    """Whether the config has a new address, other than the one that a redirect led to already."""
    return one.url not in {row.url, row.moved_url}


def _state(row: SourceRow, one: ConfiguredSource) -> str:
    """The state of a source under the present config. After a pause it is as before, but one that was gone is fetched
    again."""
    if one.paused:
        return "paused"
    if _has_new_address(row, one):
        return "new"
    if row.state != "paused":
        return row.state
    if row.failures:
        return "failing"
    return "ok" if row.last_success_at else "new"
