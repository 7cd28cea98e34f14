"""Whatever a file holds: an import takes sources of it that the config can hold, or says why not; in linear time."""

import gzip
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import load_config
from aggregator.errors import UsageError
from aggregator.subscriptions.config_file import ConfigFile
from aggregator.subscriptions.imports.found import MOST
from aggregator.subscriptions.imports.read import read_subscriptions
from aggregator.subscriptions.imports.urls import split_words
from aggregator.subscriptions.intake import Import, import_found

SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
LISTS = Path(__file__).parents[1] / "commands" / "subscription_lists"
ODD = [
    "${HOME}",
    "%(x)s",
    "%%",
    "\x00",
    "\x1b[31m",
    "\ud800",
    "\u2028",
    "\u202e",
    "\x85",
    "\t",
    "/",
    '"',
    "\\",
    "(",
    "「",
    "a",
]
URLS = [
    "https://a.example/f",
    "HTTP://b.example",
    "https://me:pw@c.example/",
    "feed:d.example/f",
    "e.example/f",
    "https://",
]
WORDS = st.sampled_from([*ODD, *URLS, "true", "-5", "900", "HTML+XPath"]) | st.text(max_size=6)
VALUES = st.lists(WORDS, max_size=3).map("".join)
OPTIONS = "name title feed link face filter exclude filters content_type includes items_per_page".split()
INI_LINES = st.one_of(
    st.builds("[{}]".format, st.sampled_from(["Planet", "DEFAULT", "x.tmpl", *URLS]) | VALUES),
    st.builds("{}{} = {}".format, st.sampled_from(["", " ", "\t"]), st.sampled_from(OPTIONS) | VALUES, VALUES),
    st.builds(" {}".format, VALUES),
    VALUES,
)
NAMES = st.sampled_from(
    "feed_url title category disabled username blocklist_rules keeplist_rules keep_filter_entry_rules".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES | st.just("EntryTitle=a"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | VALUES, inner, max_size=5),
    max_leaves=12,
)
ATTRIBUTES = "text title type xmlUrl category frss:ttl frss:opmlUrl frss:priority miniflux:keeplistRules x:y".split()
OUTLINES = st.dictionaries(st.sampled_from(ATTRIBUTES), VALUES, max_size=5).map(
    lambda said: f"<outline {' '.join(f'{name}={json.dumps(value)}' for name, value in said.items())}>"
)
TEXTS = st.one_of(
    st.lists(INI_LINES, max_size=12).map("\n".join),
    st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=6).map("\n".join),
    st.lists(JSON, max_size=4).map(json.dumps),
    st.lists(OUTLINES | st.just("</outline>"), max_size=6).map("".join),
    VALUES,
)


def imported(folder: Path, body: bytes) -> Import | None:
    """None if the file is refused."""
    file = folder / "config.yaml"
    file.write_text(SITE)
    try:
        found = read_subscriptions(body, "list")
    except UsageError:
        return None
    return import_found(ConfigFile.open(file), found)


@pytest.mark.portions(32)
@given(text=TEXTS)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_gives_sources_that_the_config_can_hold(tmp_path: Path, text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    if done := imported(tmp_path, body):
        file = tmp_path / "config.yaml"
        assert [one.id for one in load_config(file, {}).sources] == [one.id for one in done.added]
        assert all(one.line >= 1 and one.reason for one in (*done.left_out, *done.unused))
        again = import_found(ConfigFile.open(file), read_subscriptions(body, "list"))
        assert (again.added, again.copy) == ((), None)


@pytest.mark.portions(8)
@given(body=st.binary(max_size=60))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_decided(tmp_path: Path, body: bytes) -> None:
    imported(tmp_path, body)


@given(
    st.sampled_from(sorted(LISTS.iterdir())),
    st.integers(0, 3000),
    st.integers(0, 60),
    st.lists(WORDS, max_size=3).map("".join),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_list_is_read_or_refused(tmp_path: Path, file: Path, at: int, length: int, put: str) -> None:
    text = file.read_text(encoding="utf-8")
    damaged = text[:at] + put + text[at + length :]
    imported(tmp_path, damaged.encode("utf-8", "surrogatepass"))


@given(st.lists(st.text('ab" \\#~!\t', max_size=12), max_size=4).map(" ".join))
def test_words_hold_nothing_but_what_the_line_holds(line: str) -> None:
    words = list(split_words(line))
    assert sum(map(len, words)) <= len(line)
    assert all(set(word) <= set(line) | set("\n\r\t") for word in words)


LARGE: dict[str, Any] = {
    "sections": lambda n: "[Planet]\n" + "".join(f"[https://a.example/{i}]\n" for i in range(n)),
    "options of one section": lambda n: "[Planet]\n[https://a.example/]\n" + "".join(f"o{i} = 1\n" for i in range(n)),
    "one value": lambda n: "[Planet]\n[https://a.example/]\nname = a\n" + " b\n" * n,
    "one line": lambda n: "[Planet]\n[https://a.example/]\nname = " + "a " * n,
    "words of a line": lambda n: "https://a.example/ " + "a " * n,
    "quotes": lambda n: "https://a.example/ " + '"\\' * n,
    "addresses": lambda n: "https://a.example/\n" * n,
    "brackets": lambda n: '[{"feed_url": ' + "[" * n,
    "members": lambda n: '[{"feed_url": "https://a.example/"}' + ",1" * n,
    "blanks": lambda n: "[" + "\n" * n,
    "expressions": lambda n: "[Planet]\n[https://a.example/]\nexclude = a\n" + " b(c\n" * n,
}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("shape", LARGE)
def test_a_list_of_any_size_is_read_in_linear_time(shape: str) -> None:
    costs = [_cost(LARGE[shape](size).encode()) for size in (4_000, 16_000)]
    assert costs[1] < 10 * costs[0] + 0.2


def _cost(body: bytes) -> float:
    began = time.process_time()
    with suppress(UsageError):
        read_subscriptions(body, "list")
    return time.process_time() - began


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("begin", ["", "[Planet]\n"])
def test_what_is_beyond_the_limit_is_told(begin: str) -> None:
    one = "[https://a.example/{}]\n" if begin else "https://a.example/{}\n"
    found = read_subscriptions((begin + "".join(map(one.format, range(MOST + 5)))).encode(), "list")
    assert len(found.subscriptions) == MOST
    assert [one.reason for one in found.left_out] == ["there are more than 20,000; what is from here on is not read"]


def test_lines_beyond_the_limit_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.subscriptions.imports.ini.LINES", 1000)
    found = read_subscriptions(b"[Planet]\n# no line\n" + b"a = b\n" * 1000, "list")
    assert [(one.line, one.reason) for one in found.left_out] == [
        (1002, "there are more than 1,000 lines; the rest is not read")
    ]


def test_a_zipped_bomb_is_refused() -> None:
    with pytest.raises(UsageError, match="larger than 32 MiB"):
        read_subscriptions(gzip.compress(b"a" * 2**26), "list")
