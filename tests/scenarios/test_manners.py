"""Paused hosts, moved addresses, 410 and validators over several runs, and the commands about them."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.command import upgrade
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect

from aggregator.config.source import SourceConfig
from aggregator.pull.permanent_moves import may_follow
from aggregator.store import schema
from tests.commands.test_cli import Done, aggregator, report
from tests.commands.test_run import entry, subscribe
from tests.support.planet import NOON, Planet, Upstream, rss

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BUSY = {"Retry-After": "7200"}


def paths(upstream: Upstream) -> list[str]:
    found = [path for path, _ in upstream.asked]
    upstream.asked.clear()
    return found


def command(planet: Planet, *words: str, now: datetime = NOON) -> Done:
    with planet.app():  # writes the config
        pass
    done = aggregator(planet.root, *words, AGGREGATOR_NOW=now.isoformat())
    assert done.returncode == 0, done.stderr
    return done


def status(planet: Planet, now: datetime = NOON) -> dict[str, Any]:
    return {one["id"]: one for one in report(command(planet, "status", "--json", now=now))["sources"]}


# hosts


@pytest.mark.torture
def test_a_host_that_refuses_a_second_source_is_asked_no_more(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, *(upstream.serve(f"/{n}", "no", status=429, headers=BUSY) for n in range(6)))
    planet.config["fetch"]["per_host"] = 1
    found = planet.run()
    assert (found.sources.due, found.sources.polled, found.sources.failed) == (6, 2, 2)
    assert paths(upstream) == ["/0", "/1"]
    for force in (False, True):
        assert planet.run(NOON + 119 * MINUTE, force=force).sources.due == 0
    one = status(planet, NOON + HOUR)["source-5"]
    assert (one["state"], one["host_until"], one["next_poll"]) == (
        "new",
        "2026-11-23T14:00:00Z",
        "2026-11-23T14:00:00Z",
    )
    assert "no requests until 2026-11-23 14:00" in command(planet, "status", now=NOON + HOUR).stdout
    with planet.app() as app, app.store.read() as tx:
        assert tx.sources.earliest(NOON) == NOON + 2 * HOUR
    for n in range(6):
        upstream.serve(f"/{n}", rss(entry(n + 1, guid=f"urn:{n}"), title=f"{n}"))
    assert planet.run(NOON + 2 * HOUR + 5 * MINUTE).sources.changed == 6
    assert status(planet, NOON + 3 * HOUR)["source-5"]["host_until"] is None


@pytest.mark.torture
def test_a_host_that_refuses_again_after_its_pause_needs_no_second_source(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, *(upstream.serve(f"/{n}", "no", status=429) for n in range(4)))
    planet.config["fetch"]["per_host"] = 1
    planet.run()
    assert paths(upstream) == ["/0", "/1"]
    planet.run(NOON + 15 * MINUTE)
    assert paths(upstream) == ["/2"]
    planet.run(NOON + 44 * MINUTE)
    assert paths(upstream) == []
    planet.run(NOON + 44 * MINUTE, force=True)
    assert paths(upstream) == ["/0"], "back-off is ours, and a person may overrule it"


@pytest.mark.torture
def test_one_bad_route_stops_no_other(planet: Planet, upstream: Upstream) -> None:
    good = upstream.serve("/good", rss(entry(1)))
    subscribe(planet, upstream.serve("/bad", "no", status=429, headers=BUSY), good, every="1h")
    for hour in range(6):
        planet.run(NOON + hour * HOUR)
    assert paths(upstream).count("/good") == 6


def test_an_address_that_is_none_is_a_fault_of_its_source_alone(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, "http://2130706433/feed", "http://a..b.example/", upstream.serve("/feed", rss(entry(1))))
    assert (planet.run().sources.failed, planet.titles()) == (2, ["Entry 1"])


def test_a_kept_answer_that_cannot_be_read_is_asked_for_again(planet: Planet, upstream: Upstream) -> None:
    url = upstream.serve("/feed", rss(entry(1)))
    subscribe(planet, url)
    with planet.app() as app, app.store.write() as tx:
        tx.first_answers.put(url, NOON, b"of another version")
    assert planet.run().sources.changed == 1
    assert paths(upstream) == ["/feed"]


# moves


def move(planet: Planet, upstream: Upstream, status: int = 301) -> None:
    upstream.serve("/new", rss(entry(2), entry(1)))
    upstream.serve("/old", "", status=status, headers={"Location": "/new"})
    for day in (1, 2, 4):
        planet.run(NOON + day * DAY)
    upstream.asked.clear()


@pytest.mark.torture
def test_a_permanent_redirect_is_believed_and_a_person_may_take_it_back(planet: Planet, upstream: Upstream) -> None:
    old = upstream.serve("/old", rss(entry(2), entry(1)))
    subscribe(planet, old)
    planet.run()
    ids = planet.ids()
    move(planet, upstream)
    planet.run(NOON + 5 * DAY)
    assert paths(upstream) == ["/new"]
    assert planet.ids() == ids
    assert status(planet)["source-0"]["asked"] == upstream.url("/new")
    assert f"`aggregator source move source-0 {old}`" in command(planet, "status").stdout
    [listed] = [one for one in report(command(planet, "source", "list", "--json"))["sources"] if one["kind"] == "feed"]
    assert (listed["url"], listed["asked"]) == (old, upstream.url("/new"))
    assert "pulled from" in command(planet, "source", "list").stdout
    assert "is pulled from" in command(planet, "source", "move", "source-0", old).stderr
    for day in (6, 7, 10, 14):
        planet.run(NOON + day * DAY)
    assert paths(upstream) == ["/old", "/new"] * 4
    assert "nothing to change" in command(planet, "source", "move", "source-0", old).stderr
    assert planet.ids() == ids


@pytest.mark.torture
def test_a_move_written_into_the_config_keeps_the_source(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/old", rss(entry(2), entry(1))))
    planet.run()
    move(planet, upstream)
    subscribe(planet, upstream.url("/new"))
    planet.run(NOON + 5 * DAY)
    assert upstream.asked[0][1]["if-none-match"] == upstream.pages["/new"][1]["ETag"]
    one = status(planet)["source-0"]
    assert (one["url"], one["asked"], one["state"], one["failures"]) == (upstream.url("/new"),) * 2 + ("ok", 0)


@pytest.mark.torture
def test_what_is_temporary_in_part_is_never_believed(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/old", rss(entry(1))))
    upstream.serve("/old", "", status=301, headers={"Location": "/between"})
    upstream.serve("/between", "", status=302, headers={"Location": "/new"})
    upstream.serve("/new", rss(entry(1)))
    for day in range(6):
        planet.run(NOON + day * DAY)
    assert paths(upstream) == ["/old", "/between", "/new"] * 6
    assert status(planet)["source-0"]["moving_to"] == ""


@pytest.mark.torture
def test_a_move_to_what_is_no_feed_is_no_move_and_one_that_ends_is_taken_back(
    planet: Planet, upstream: Upstream
) -> None:
    subscribe(planet, upstream.serve("/old", rss(entry(1))), every="1d")
    planet.run()
    upstream.serve("/front", "<!doctype html><title>Back soon</title>")
    upstream.serve("/old", "", status=301, headers={"Location": "/front"})
    for day in range(1, 7):
        planet.run(NOON + day * DAY)
    assert set(paths(upstream)) == {"/old", "/front"}
    assert status(planet)["source-0"]["asked"] == upstream.url("/old")
    upstream.serve("/new", rss(entry(1)))
    upstream.serve("/old", "", status=308, headers={"Location": "/new"})
    for day in range(7, 12):
        planet.run(NOON + day * DAY)
    assert status(planet)["source-0"]["asked"] == upstream.url("/new")
    upstream.serve("/new", "", status=410)
    upstream.serve("/old", rss(entry(1)))
    planet.run(NOON + 12 * DAY)
    upstream.asked.clear()
    planet.run(NOON + 13 * DAY)
    assert paths(upstream) == ["/old"]
    assert status(planet)["source-0"]["state"] == "ok"


@pytest.mark.parametrize(
    ("url", "more", "to", "may"),
    [
        ("https://a.example/1", {}, "https://b.example/2", True),
        ("https://a.example/1", {"auth": "bearer x"}, "https://a.example/2", True),
        ("https://a.example/1", {"auth": "bearer x"}, "https://b.example/2", False),
        ("https://a.example/1", {"headers": {"X-Key": "x"}}, "http://a.example/2", False),
    ],
)
def test_what_is_secret_follows_no_move(url: str, more: dict[str, Any], to: str, may: bool) -> None:
    assert may_follow(SourceConfig(url=url, id="a", **more), to) is may


# 410, validators


@pytest.mark.torture
def test_a_source_that_says_twice_that_it_is_gone_is_asked_no_more_until_a_person_wants(
    planet: Planet, upstream: Upstream
) -> None:
    """The second time a day after the first, however often it is asked in between."""
    subscribe(planet, upstream.serve("/feed", "", status=410), every="1h")
    for hour in range(0, 24, 2):
        planet.run(NOON + hour * HOUR, force=hour > 10)
        assert status(planet)["source-0"]["state"] == ("new" if hour < 4 else "failing")
    planet.run(NOON + 24 * HOUR, force=True)
    upstream.asked.clear()
    for hour in range(25, 60, 2):
        planet.run(NOON + hour * HOUR, force=hour > 50)
    assert paths(upstream) == []
    one = status(planet)["source-0"]
    assert (one["state"], one["next_poll"]) == ("gone", None)
    assert "`aggregator source resume source-0`" in command(planet, "status").stdout
    assert "resumed source-0" in command(planet, "source", "resume", "source-0").stderr
    for hour in range(60, 70):
        planet.run(NOON + hour * HOUR)
    assert len(paths(upstream)) == 1
    assert status(planet)["source-0"]["state"] == "gone"
    upstream.serve("/feed", rss(entry(1)))
    command(planet, "source", "resume", "source-0")
    planet.run(NOON + 70 * HOUR)
    assert status(planet)["source-0"]["state"] == "ok"


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("between", [404, 500, 200])
def test_another_answer_contradicts_that_it_is_gone(planet: Planet, upstream: Upstream, between: int) -> None:
    subscribe(planet, upstream.serve("/feed", "", status=410), every="1h")
    planet.run()
    upstream.serve("/feed", rss(entry(1)), status=between)
    planet.run(NOON + 30 * HOUR, force=True)
    for hour, is_gone in ((31, False), (54, False), (55, True)):
        upstream.serve("/feed", "", status=410)
        planet.run(NOON + hour * HOUR, force=True)
        assert (status(planet)["source-0"]["state"] == "gone") == is_gone


@pytest.mark.torture
def test_what_one_address_said_does_not_count_for_another(planet: Planet, upstream: Upstream) -> None:
    """Where the address that it moved to says 410, the config's is asked again: that one has said nothing yet."""
    subscribe(planet, upstream.serve("/feed", "", status=301, headers={"Location": upstream.url("/new")}), every="1h")
    upstream.serve("/new", rss(entry(1)))
    for day in range(5):
        planet.run(NOON + day * DAY, force=True)
    upstream.serve("/new", "", status=410)
    upstream.serve("/feed", "", status=410)
    for day, state in ((5, "ok"), (7, "failing"), (8, "gone")):  # one failure may pass by itself
        planet.run(NOON + day * DAY, force=True)
        assert status(planet)["source-0"]["state"] == state


def as_before(state: Path, step: str) -> None:
    """The sources of a state, and nothing else, as the version before that schema step would have them."""
    versions = Path(schema.__file__).parent / "migrations"
    config = Config()
    config.set_main_option("script_location", str(versions))
    [after] = [one for one in ScriptDirectory.from_config(config).walk_revisions() if step in (one.doc or "")]
    old = state.with_name("old.db")
    database = create_engine(f"sqlite:///{old}")
    with database.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, str(after.down_revision))
        names = ", ".join(f'"{one["name"]}"' for one in inspect(connection).get_columns("source"))
    database.dispose()
    with closing(sqlite3.connect(old)) as copy:
        copy.execute("ATTACH ? AS now", [str(state)])
        copy.execute(f"INSERT INTO source ({names}) SELECT {names} FROM now.source")
        copy.commit()
    for beside in ("", "-wal", "-shm"):
        state.with_name(f"{state.name}{beside}").unlink(missing_ok=True)
    old.rename(state)


@pytest.mark.torture
@pytest.mark.parametrize(("before", "later", "then"), [("gone", 1, "gone"), ("new", 1, "new"), ("new", 25, "gone")])
def test_what_a_state_of_the_version_before_knows_of_it_counts(
    planet: Planet, upstream: Upstream, before: str, later: int, then: str
) -> None:
    """It had not noted when 410 was said first. Who was believed is believed again when a person has it asked."""
    subscribe(planet, upstream.serve("/feed", "", status=410), every="1h")
    for day in range(2 if before == "gone" else 1):
        planet.run(NOON + day * DAY, force=True)
    last = NOON + (DAY if before == "gone" else 0 * DAY)
    as_before(planet.root / ".aggregator/state.db", "answers 410 Gone")
    shutil.rmtree(planet.root / "feeds")
    assert status(planet)["source-0"]["state"] == before
    if before == "gone":
        command(planet, "source", "resume", "source-0", now=last)
    planet.run(last + later * HOUR, force=True)
    assert status(planet)["source-0"]["state"] == then


def test_validators_are_kept_after_a_good_answer_alone(planet: Planet, upstream: Upstream) -> None:
    """A fault drops none, and of a document that is cut off none is kept: the rest would never be seen."""
    whole = rss(*(entry(n) for n in (3, 2, 1)))
    subscribe(planet, upstream.serve("/feed", whole))
    planet.run()
    first = upstream.pages["/feed"][1]["ETag"]
    said = [whole[:-150], "<!doctype html><title>Log in</title>", "", rss(entry(4), entry(3))]
    for day, body in enumerate(said, 1):
        upstream.serve("/feed", body, status=500 if not body else 200)
        planet.run(NOON + 2 * day * DAY)
    assert [headers.get("if-none-match") for _, headers in upstream.asked] == [None, first, first, first, first]
    planet.run(NOON + 10 * DAY)
    assert upstream.asked[-1][1]["if-none-match"] == upstream.pages["/feed"][1]["ETag"] != first


# who is named, and is not asked all the same


def named(planet: Planet, now: datetime, *more: str) -> tuple[dict[str, Any], str]:
    """What is problems of `run --force --source source-0`, to programs and to people."""
    words = ("run", "--force", "--source", "source-0", *more)
    return report(command(planet, *words, "--json", now=now)), command(planet, *words, now=now).stderr


@pytest.mark.torture
@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_who_is_gone_says_so_when_somebody_wants_it_asked(
    planet: Planet, upstream: Upstream, more: tuple[str, ...]
) -> None:
    subscribe(planet, upstream.serve("/feed", "", status=410))
    for day in range(2):
        planet.run(NOON + day * DAY, force=True)
    upstream.asked.clear()
    found, said = named(planet, NOON + 3 * DAY, *more)
    message = (
        "not polled: it is gone since 2026-11-24 12:00 UTC (two answers with 410);"
        " `aggregator source resume source-0` polls it again"
    )
    assert found["problems"] == [{"where": "source-0", "kind": "not-asked", "message": message, "transient": False}]
    assert f"source-0: not-asked: {message}\n" in said
    assert (found["sources"]["polled"], found["sources"]["failed"], paths(upstream)) == (0, 0, [])


@pytest.mark.torture
def test_who_is_paused_says_so(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), paused=True)
    found, said = named(planet, NOON)
    assert [one["kind"] for one in found["problems"]] == ["not-asked"]
    assert "it is paused since 2026-11-23 12:00 UTC; `aggregator source resume source-0` resumes it" in said
    assert paths(upstream) == []


@pytest.mark.torture
def test_who_asked_for_patience_says_until_when(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", "", status=503, headers=BUSY))
    planet.run()
    upstream.asked.clear()
    found, said = named(planet, NOON + HOUR)
    [problem] = found["problems"]
    assert (problem["kind"], problem["transient"]) == ("not-asked", True)
    assert "it asked to wait until 2026-11-23 14:00 UTC (Retry-After)" in said
    assert paths(upstream) == []
    again = planet.run(NOON + 2 * HOUR, force=True, only=("source-0",))
    assert [one.kind for one in again.problems] == ["status"]
    assert paths(upstream) == ["/feed"]


@pytest.mark.torture
def test_whose_host_is_left_alone_says_until_when(planet: Planet, upstream: Upstream) -> None:
    good = upstream.serve("/good", rss(entry(1)))
    subscribe(planet, good, *(upstream.serve(f"/{n}", rss(entry(n + 2))) for n in range(2)))
    planet.run()
    for n in range(2):
        upstream.serve(f"/{n}", "no", status=429, headers=BUSY)
    planet.run(NOON + 30 * MINUTE, only=("source-1", "source-2"), force=True)
    upstream.asked.clear()
    _, said = named(planet, NOON + HOUR)
    host = good.split("/")[2]
    assert f"its host {host} asked to wait until 2026-11-23 14:30 UTC (Retry-After)" in said
    assert paths(upstream) == []


def test_whose_host_refuses_others_in_the_same_run_says_so(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, *(upstream.serve(f"/{n}", "no", status=429, headers=BUSY) for n in range(3)))
    planet.config["fetch"]["per_host"] = 1
    words = [word for n in range(3) for word in ("--source", f"source-{n}")]
    problems = report(command(planet, "run", *words, "--json"))["problems"]
    assert [(one["where"], one["kind"]) for one in problems] == [
        ("source-0", "status"),
        ("source-1", "status"),
        ("source-2", "not-asked"),
    ]
    assert "is left alone until 2026-11-23 14:00 UTC" in problems[2]["message"]


@pytest.mark.parametrize(
    ("count", "others", "who"), [(3, "", "source-2 waits"), (9, "; 6 more sources of it wait", "")]
)
def test_whom_the_refusals_of_others_keep_waiting_is_told(
    planet: Planet, upstream: Upstream, count: int, others: str, who: str
) -> None:
    subscribe(planet, *(upstream.serve(f"/{n}", "no", status=429, headers=BUSY) for n in range(count)))
    planet.config["fetch"]["per_host"] = 1
    host = upstream.url("/").split("/")[2]
    *_, problem = report(command(planet, "run", "--json"))["problems"]
    why = f"{host} refused several sources (429, or 503 with Retry-After)"
    message = f"not polled: {why} and is left alone until 2026-11-23 14:00 UTC{others}"
    assert problem == {"where": "source-2", "kind": "not-asked", "message": message, "transient": True}
    waiting = who or "source-2, source-3, source-4, source-5, source-6 and 2 more wait"
    refuses = f"{host}: refuses several sources (429, or 503 with Retry-After)"
    assert f"{refuses}; no requests until 2026-11-23 14:00; {waiting}, too\n" in command(planet, "status").stdout


def test_a_source_that_is_not_named_is_not_reported(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), paused=True)
    assert list(planet.run(force=True).problems) == []
    assert list(planet.run().problems) == []


def test_one_that_waits_does_not_keep_the_other_from_being_asked(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/a", rss(entry(1))), upstream.serve("/b", rss(entry(2))))
    planet.config["sources"][0]["paused"] = True
    done = command(planet, "run", "--source", "source-1", "--source", "source-0", "--strict", "--json")
    assert [one["where"] for one in report(done)["problems"]] == ["source-0"]
    assert paths(upstream) == ["/b"]


# adding


@pytest.mark.torture
def test_a_feed_that_is_added_is_asked_once_and_not_again_before_its_turn(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), every="1d")
    planet.run()
    upstream.asked.clear()
    url = upstream.serve("/more", rss(entry(2, guid="urn:2"), title="More"))
    upstream.serve("/page", f'<link rel="alternate" type="application/rss+xml" href="{url}">', headers={
        "Content-Type": "text/html"})  # fmt: skip
    command(planet, "source", "add", upstream.url("/page"), "--id", "more", now=NOON + MINUTE)
    planet.config["sources"].append({"url": url, "id": "more"})
    found = planet.run(NOON + 30 * MINUTE)
    assert (found.sources.changed, found.entries.new) == (1, 1)
    assert planet.run(NOON + HOUR).sources.due == 0
    assert paths(upstream) == ["/page", "/more"]
    with planet.app() as app, app.store.read() as tx:
        assert tx.first_answers.urls() == frozenset()
    planet.run(NOON + 61 * MINUTE)
    assert upstream.asked[0][1]["if-none-match"] == upstream.pages["/more"][1]["ETag"]


@pytest.mark.torture
def test_what_was_kept_too_long_is_asked_for_again(planet: Planet, upstream: Upstream) -> None:
    subscribe(planet, upstream.serve("/feed", rss(entry(1))), every="7d")
    planet.run()
    url = upstream.serve("/more", rss(entry(2, guid="urn:2"), title="More"))
    command(planet, "source", "add", url, "--id", "more", now=NOON + MINUTE)
    planet.config["sources"].append({"url": url, "id": "more"})
    upstream.asked.clear()
    planet.run(NOON + 2 * HOUR)
    assert paths(upstream) == ["/more"]
    assert json.loads((planet.root / "feeds/index.json").read_bytes())["feeds"][0]["entries"] == 2
