"""Real feeds, and test cases of other projects, where they are present."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.errors import ParseError
from aggregator.parse import parse
from tests.support import paths

DATA = paths.SHARED / "data"
URL = "https://feeds.example/dir/feed.xml"
# Cases in which an entry has no element, so that it is left out.
EMPTY = frozenset({
    "entry_author_missing.xml", "entry_id_missing.xml", "entry_modified_missing.xml", "entry_title_missing.xml",
    "missing-self.xml", "source-entry.xml",
})  # fmt: skip

pytestmark = pytest.mark.skipif(not (DATA / "index.tsv").exists(), reason="the corpus of feeds is not here")


def rows(folder: str) -> Iterator[tuple[Path, int, str]]:
    with (DATA / "index.tsv").open(encoding="utf-8", newline="") as index:
        for row in csv.DictReader(index, delimiter="\t"):
            if row["path"].startswith(folder):
                yield DATA / row["path"], int(row["entries"]) if row["entries"].isdigit() else 0, row["kind"]


def entries_of(path: Path) -> int:
    """-1 where there is a ParseError; any other exception is a failure."""
    try:
        return len(parse(path.read_bytes(), url=URL).drafts)
    except ParseError:
        return -1


@pytest.mark.torture
def test_every_entry_of_the_real_feeds_is_read() -> None:
    counted = [(path.name, entries, entries_of(path)) for path, entries, _ in rows("feeds/") if entries]
    assert len(counted) > 100
    assert [row for row in counted if row[1] != row[2]] == []


def misread_cases(step: int) -> list[tuple[str, int, int]]:
    cases = [row for row in rows("cases/") if row[2] != "opml"][::step]
    counted = [(path.name, entries, entries_of(path)) for path, entries, _ in cases]
    return [row for row in counted if row[1] > 0 and row[1] != row[2] and row[0] not in EMPTY]


def test_the_cases_of_other_projects_give_their_entries() -> None:
    assert misread_cases(5) == []


@pytest.mark.torture
def test_all_the_cases_of_other_projects_give_their_entries() -> None:
    assert misread_cases(1) == []


def test_lists_of_feeds_are_no_feeds() -> None:
    assert {entries_of(path) for path, _, kind in rows("cases/") if kind == "opml"} == {-1}
