"""The cost of a review of terms in a large store: `make figures`. Nothing here asserts times."""

import json
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.bench.figures.timing import timed
from tests.bench.large_state import SOURCES, known

pytestmark = pytest.mark.bench

ENTRIES = 100_000
TERMS = 50_000
SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "n", "r", "st")]


def vocabulary(choice: random.Random) -> list[str]:
    """Names as publishers give them: of one to three words, some of them spelled otherwise, short, or in Chinese."""
    words = ["".join(choice.choices(SYLLABLES, k=choice.randint(1, 4))) for _ in range(12_000)]
    names: dict[str, None] = {}
    while len(names) < TERMS:
        name = " ".join(choice.choices(words, k=choice.choice((1, 2, 2, 3))))
        hanzi = "".join(chr(choice.randrange(0x4E00, 0x9FA5)) for _ in range(4))
        for one in (name, name.replace(" ", "-"), f"{name}s", "".join(word[0] for word in name.split()).upper(), hanzi):
            if choice.random() < 0.4:
                names[one] = None
    return list(names)[:TERMS]


def with_terms(file: Path) -> None:
    """Each entry gets some terms; few of them are on many entries, most on few."""
    choice = random.Random(1)
    names = vocabulary(choice)
    weights = [1 / (n + 50) for n in range(len(names))]
    drawn = choice.choices(names, weights, k=ENTRIES * 2) + names
    choice.shuffle(drawn)
    rows = []
    for id_ in range(1, ENTRIES + 1):
        some = drawn[id_ - 1 :: ENTRIES]
        rows.append((json.dumps([[f"s{id_ % SOURCES}", [name], [name], "keep", "config.yaml"] for name in some]), id_))
    with closing(sqlite3.connect(file)) as connection:
        connection.executemany("UPDATE entry SET placements = ? WHERE id = ?", rows)
        connection.commit()


def test_a_hundred_thousand_entries_with_fifty_thousand_terms(tmp_path: Path) -> None:
    known(tmp_path, ENTRIES)
    with_terms(tmp_path / ".aggregator" / "state.db")
    command = [sys.executable, "-m", "aggregator", "-c", str(tmp_path / "config.yaml"), "categories"]
    for words in (["review", "--json"], ["--json"], ["--unmapped"]):
        done: list[subprocess.CompletedProcess[str]] = []
        seconds = timed(
            lambda words=words, done=done: done.append(  # type: ignore[misc]
                subprocess.run([*command, *words], check=True, capture_output=True, text=True)
            )
        )
        found = json.loads(done[0].stdout) if "--json" in words else {}
        counts = ", ".join(f"{len(rows):,} {name}" for name, rows in found.items() if isinstance(rows, list))
        print(f"\ncategories {' '.join(words):<14} {seconds:6.1f} s   {counts}", end="")
