"""What is well and what is not, of facts that no test can make: small disks, low limits, proxies."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from aggregator.doctor.clock import check_clock
from aggregator.doctor.disk import check_space
from aggregator.doctor.limits import judge_open_files
from aggregator.doctor.network import check_proxies, judge_network
from aggregator.doctor.state import judge_schema
from aggregator.doctor.tree import judge_tree
from aggregator.model.published import FileRow
from aggregator.store.head import HEAD
from aggregator.store.inspect_schema import Schema

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MIB = 2**20
HERE = Path("feeds")


def test_space_is_compared_with_the_need() -> None:
    assert check_space("disk", HERE, free=100 * MIB, need=64 * MIB, files=None).state == "ok"
    found = check_space("disk", HERE, free=10 * MIB, need=64 * MIB, files=None)
    assert (found.state, found.message) == ("problem", "10 MiB free in feeds; a run may need 64 MiB")
    assert check_space("disk", HERE, free=100 * MIB, need=MIB, files=3).message == "feeds can hold 3 more files"


def test_open_files_are_compared_with_the_connections() -> None:
    assert judge_open_files(256, 64).state == "ok"
    assert judge_open_files(-1, 64).message == "no limit"
    found = judge_open_files(128, 64)
    assert (found.state, found.advice.split("`")[1]) == ("problem", "ulimit -n 1024")
    assert "ulimit -n 4196" in judge_open_files(1024, 4096).advice


def test_a_clock_that_is_a_day_behind_the_state_is_wrong() -> None:
    [found] = check_clock(NOON, NOON + timedelta(days=2), {})
    assert found.state == "problem"
    assert "`aggregator db clock --accept-now`" in found.advice
    [found] = check_clock(NOON, NOON + timedelta(hours=3), {})
    assert found.state == "ok"
    [noted, _] = check_clock(NOON, None, {"AGGREGATOR_NOW": "2026-11-23T12:00:00Z"})
    assert (noted.state, noted.advice) == ("note", "`unset AGGREGATOR_NOW`")


def test_a_proxy_is_named_without_its_value() -> None:
    [found] = check_proxies({"HTTPS_PROXY": "http://me:hunter2@proxy.example:3128", "http_proxy": ""})
    assert found.message.startswith("HTTPS_PROXY is set, and the program uses no proxy")
    assert "hunter2" not in str(found)
    assert not list(check_proxies({}))


def test_one_host_that_answers_shows_that_the_network_works() -> None:
    one, two = ("a.example", 443), ("b.example", 80)
    assert judge_network([(one, ""), (two, "")]).state == "ok"
    assert judge_network([(one, ""), (two, "no")]).state == "note"
    assert judge_network([(one, "no"), (two, "no")]).message == "a.example:443: no; b.example:80: no"


def test_a_schema_is_ours_or_older_or_unknown() -> None:
    assert judge_schema(Schema(HEAD, is_known=True)).state == "ok"
    assert judge_schema(Schema("0004", is_known=True)).advice.startswith("`aggregator db upgrade`")
    assert judge_schema(Schema("9999", is_known=False)).advice.startswith("upgrade this program")


def test_files_that_are_missing_or_changed_are_counted_and_some_named() -> None:
    rows = {f"{n}.xml": FileRow("x") for n in range(6)}
    found = judge_tree(rows, {"4.xml", "5.xml"}, {"5.xml"})
    assert found.message == (
        "4 of the recorded files missing: 0.xml, 1.xml, 2.xml and 1 more; 1 of the recorded files not as written: 4.xml"
    )
    assert judge_tree(rows, set(rows), set(rows)).state == "ok"
    assert judge_tree({}, set(), set()).state == "note"
