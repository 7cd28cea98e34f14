"""The documents of the benchmark are what they are said to be. Fast: nothing is measured here."""

import sys
from io import BytesIO

import feedparser
import pytest

from aggregator.parse import parse
from tests.bench import corpus
from tests.bench.measure import spent


@pytest.mark.parametrize("feed", range(6))
def test_a_generation_brings_one_entry(feed: int) -> None:
    before, after = (parse(corpus.document(feed, n, 5), url="https://x.example/") for n in (3, 4))
    assert [one.id for one in after.drafts][1:] == [one.id for one in before.drafts][:-1]
    assert len({one.id for one in (*before.drafts, *after.drafts)}) == 6
    if corpus.FORMATS[feed % 3] != "json":
        assert len(feedparser.parse(BytesIO(corpus.document(feed, 3, 5))).entries) == 5


@pytest.mark.torture
def test_the_work_of_children_counts() -> None:
    work = "import time\nwhile time.process_time() < 0.2: pass"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    orphan = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])"
    for program in (work, child, orphan):
        assert spent([sys.executable, "-c", program]).cpu >= 0.2
