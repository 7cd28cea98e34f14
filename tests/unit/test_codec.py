"""Frozen data as compact bytes and back; and the report of a run."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.codec import digest, frozen_text, pack, readable_json, record_digest, unpack
from aggregator.errors import DamagedError, StateError
from aggregator.model.document import ADDED_FIELDS, CategoryTerm, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.entry import CleanEntry, Fingerprint
from aggregator.model.feed import Site
from aggregator.model.problems import Finding, Problem
from aggregator.posts import PostSettings
from aggregator.report import EntryCounts, Report
from aggregator.text.urls import ContentSettings

WHEN = datetime(2026, 11, 23, 8, tzinfo=UTC)
DRAFT = RawEntry(
    id="tag:a.example,2026:1",
    title=Text("<b>T</b>", "html", "https://a.example/", "en"),
    links=(Link("https://a.example/1", length=5), Link("https://a.example/1.mp3", "enclosure", duration=60)),
    authors=(Person("Ada"),),
    terms=(CategoryTerm("a", "A", "urn:x"),),
    published=WHEN,
    source=FeedInfo(id="urn:y", updated=WHEN, hubs=("https://hub.example/",)),
)


def test_unpack_reverses_pack() -> None:
    clean = CleanEntry(title="新媒体", published=WHEN, fingerprint=Fingerprint("a", "b", ("c",), "d", "e"))
    assert unpack(pack(DRAFT), RawEntry) == DRAFT
    assert unpack(pack(clean), CleanEntry) == clean


@settings(deadline=None)
@given(st.builds(RawEntry, id=st.text(), published=st.none() | st.datetimes(timezones=st.just(UTC))))
def test_equal_values_give_equal_bytes(draft: RawEntry) -> None:
    again = unpack(pack(draft), RawEntry)
    assert again == draft
    assert pack(again) == pack(draft)
    assert digest(again) == digest(draft)


def test_a_field_that_was_added_counts_in_a_digest_only_where_it_has_a_value() -> None:
    old = {one.name: getattr(DRAFT, one.name) for one in fields(DRAFT) if one.name not in ADDED_FIELDS}
    assert record_digest(DRAFT, ADDED_FIELDS) == digest(old)
    assert record_digest(replace(DRAFT, slug="x"), ADDED_FIELDS) != digest(old)
    assert record_digest(replace(DRAFT, id=""), ADDED_FIELDS) != digest(old)


def test_the_digest_of_a_draft_is_what_states_hold() -> None:
    assert record_digest(DRAFT, ADDED_FIELDS) == "43692274760eac15c126c2d8cfe24e4be2e4f1ec6af4cb3442bb71b267767b45"


def test_rows_of_earlier_versions_are_read() -> None:
    assert unpack(zlib.compress(msgspec.msgpack.encode(DRAFT), 3), RawEntry) == DRAFT


def test_any_changed_byte_of_a_row_is_noticed() -> None:
    data = pack(DRAFT)
    for place in range(len(data)):
        with pytest.raises(DamagedError):
            unpack(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :], RawEntry)


def test_threads_pack_at_the_same_time() -> None:
    drafts = [replace(DRAFT, id=str(number) * 1000) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(pack, drafts)) == [pack(draft) for draft in drafts]


@pytest.mark.parametrize("data", [b"", b"x", pack(DRAFT)[:-5], pack("text"), pack({"title": 5})])
def test_damaged_bytes_raise_damaged_error(data: bytes) -> None:
    with pytest.raises(StateError, match="the state holds a damaged RawEntry"):
        unpack(data, RawEntry)


def test_a_report_has_every_count_and_each_problem_once() -> None:
    report, problem = Report(seconds=1.23456), Problem("blog", "dns", "no such host", transient=True)
    report.add_problems([problem, problem])
    report.add_problems([problem])
    assert report.as_json() == {
        "sources": {"due": 0, "polled": 0, "unchanged": 0, "changed": 0, "failed": 0},
        "posts": {"read": 0, "changed": 0, "repaired": 0, "failed": 0, "gone": 0},
        "entries": {"new": 0, "updated": 0, "duplicates": 0, "held": 0, "total": 0},
        "feeds": {"written": 0, "unchanged": 0, "removed": 0, "total": 0},
        "problems": [{"where": "blog", "kind": "dns", "message": "no such host", "transient": True}],
        "advice": [],
        "seconds": 1.235,
    }


def test_entries_that_are_no_news_are_counted_where_there_are_any() -> None:
    assert Report(entries=EntryCounts(new=1, archived=2)).as_json()["entries"]["archived"] == 2


def test_failed_is_what_strict_checks() -> None:
    report = Report()
    report.add_problems([Problem("blog", "date", "not a date")])
    assert not report.failed
    report.add_problems([Problem("all", "render", "an entry was left out")])
    assert report.failed
    for counts in ("sources", "posts"):
        report = Report()
        getattr(report, counts).failed = 1
        assert report.failed


def test_readable_json_is_indented_and_not_escaped() -> None:
    expected = '{\n  "title": "新媒体",\n  "terms": [\n    "a",\n    1\n  ],\n  "at": "2026-11-23T08:00:00Z"\n}'
    assert readable_json({"title": "新媒体", "terms": ("a", 1), "at": WHEN}) == expected
    escaped = '{\n  "file": "caf\\udce9.md",\n  "line": 1,\n  "key": "",\n  "message": "no"\n}'
    assert readable_json(Finding("caf\udce9.md", 1, "", "no")) == escaped


FROZEN = {
    "PostSettings": (
        PostSettings(),
        "PostSettings(timezone='UTC', date_offset=datetime.timedelta(0), link='')",
    ),
    "ContentSettings": (
        ContentSettings(),
        (
            "ContentSettings(unwrap=('https://cors.zfour.workers.dev/?',), placeholders=('https://picsum.photos/*',),"
            " tracking=())"
        ),
    ),
    "Site": (
        Site("T", "https://x.example/"),
        (
            "Site(title='T', url='https://x.example/', language='en', author=Person(name='', uri='', email=''), "
            "logo='', rights='', timezone='UTC', hub='', footer=True, byline=False, front='river', has_pages=True)"
        ),
    ),
}


@pytest.mark.parametrize("name", FROZEN)
def test_texts_of_stored_digests_never_change(name: str) -> None:
    """A state of an older version holds digests of them: after another text everything is made or read again."""
    record, text = FROZEN[name]
    assert frozen_text(name, record) == text
