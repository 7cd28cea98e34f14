"""The state: its schema, who works on it, and damage. Nothing is upgraded, created or repaired."""

from collections.abc import Iterator
from pathlib import Path

from aggregator.app import App
from aggregator.doctor.result import CheckResult, note, ok, problem
from aggregator.errors import LockedError, StateError
from aggregator.polling.hub_trust import is_silent
from aggregator.publish.output_tree import Tree
from aggregator.status.own_hub import outbox_of, own_hub_of
from aggregator.store.inspect_schema import Schema
from aggregator.text.counts import count_of

FEW = 3  # faults that are shown
REACH = "see that its server runs, that this machine reaches it, and that its user may use the database"
WORDS = frozenset(
    {"aggregator", "run", "daemon", "regenerate", "db", "prune", "recover", "clock"}
)  # of a command that may be shown


def check_lock(app: App) -> CheckResult:
    try:
        holders = app.store.holders()
    except (StateError, LockedError) as error:
        return problem("lock", str(error), REACH)
    if not holders:
        return ok("lock", "no run or daemon works on the state")
    who = ", ".join(f"{one}{_command(one)}" for one in holders)
    return ok("lock", f"{who} works on the state; runs exit with 3 until it ends")


def check_schema(app: App) -> CheckResult:
    """Whether this program can open the state as it is."""
    try:
        if not app.store.exists():
            return _judge_missing(app)
        schema = app.store.schema()
    except (StateError, LockedError) as error:
        advice = "restore a backup over it, or move it away and `aggregator db recover`" if app.store.file else REACH
        return problem("schema", str(error), advice)
    return judge_schema(schema)


def is_missing(app: App) -> bool:
    """Whether there is no state yet; False where that cannot be told."""
    try:
        return not app.store.exists()
    except (StateError, LockedError):
        return False


def judge_schema(schema: Schema) -> CheckResult:
    if schema.is_newest:
        return ok("schema", f"schema {schema.step}, the newest")
    if schema.is_known:
        message = f"schema {schema.step} of an older version; every command that opens the state upgrades it"
        return note("schema", message, "`aggregator db upgrade` does it now, and keeps a copy")
    message = f"schema {schema.step or 'unknown'} is of a newer version of this program, or of another one"
    return problem("schema", message, "upgrade this program, or name another file in `state:`")


def check_damage(app: App) -> CheckResult:
    """With the store open."""
    faults = app.store.faults()
    if not faults:
        return ok("damage", "no damage found")
    more = f"; and {len(faults) - FEW} more" if len(faults) > FEW else ""
    return problem("damage", f"{'; '.join(faults[:FEW])}{more}", "`aggregator db check` lists all; restore a backup")


def check_counts(app: App) -> Iterator[CheckResult]:
    """With the store open: what it holds."""
    with app.store.read() as tx:
        sources, feeds = count_of(len(tx.sources.all()), "source"), count_of(len(tx.feeds.all()), "feed")
        entries = count_of(tx.entries.visible_count(), "entry", "entries")
    yield ok("state", f"{sources}, {entries}, {feeds}")


def check_hubs(app: App) -> CheckResult:
    """With the store open: whether hubs that sources name can deliver to us, and do."""
    with app.store.read() as tx:
        named, silent = (
            len(tx.subscriptions.named()),
            [one.hub for one in tx.subscriptions.tallies() if is_silent(one.missed)],
        )
    sources = f"{count_of(named, 'source names', 'sources name')} a hub"
    if named and not app.config.server.public_url:
        message = f"{sources}, which would deliver news within seconds, and server.public_url is not set"
        return note("hubs", message, "set it to the address at which others reach the daemon; see docs/websub.md")
    if silent:
        message = f"{len(silent)} silent: {', '.join(silent[:FEW])}; sources are polled as before"
        return note(
            "hubs",
            message,
            "where other hubs deliver (`aggregator status`), nothing; else see whether others reach server.public_url",
        )
    return ok("hubs", sources)


def check_own_feeds(app: App) -> Iterator[CheckResult]:
    """With the store open: whether the hub of our feeds hears of them, or who subscribes to our own."""
    now = app.clock()
    with app.store.read() as tx:
        outbox, hub = outbox_of(app, tx), own_hub_of(app, tx, now)
    if outbox and outbox.failures:
        message = f"{outbox.hub} has {count_of(outbox.waiting, 'document')} to hear of: {outbox.message}"
        yield note("hub", message, "see whether feeds.hub is right; readers who rely on it get news late")
    elif outbox:
        yield ok("hub", f"{outbox.hub} has {count_of(outbox.waiting, 'document')} to hear of")
    if hub:
        yield ok("hub", f"{hub.hub} has {count_of(hub.subscribers, 'subscription')}, {hub.failing} of them failing")


def _judge_missing(app: App) -> CheckResult:
    if Tree(app.output).is_published():
        message = f"there is no state {app.store.name} beside the published tree {app.output}; runs are refused"
        return problem("schema", message, "restore a backup, or `aggregator db recover`, which rebuilds it")
    return note("schema", f"there is no state {app.store.name} yet", "`aggregator run` creates it")


def _command(holder: str) -> str:
    """The command of a process here, such as " (aggregator daemon)"; "" where it cannot be told."""
    try:
        words = (
            Path(f"/proc/{holder.removeprefix('process ')}/cmdline").read_bytes().decode(errors="replace").split("\0")
        )
    except OSError:
        return ""
    names = [Path(one).name for one in words if one and not one.startswith("-")]
    shown = [one for one in names if one in WORDS]
    return f" ({' '.join(dict.fromkeys(shown))})" if shown else ""
