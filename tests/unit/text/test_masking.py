"""Secrets in addresses and texts: by their look, and those of the config."""

import ast
import html
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.text.masking import MARK, Hidden, looks_secret, secret_parameters, showable, showable_text
from aggregator.text.urls import absolute
from tests.support.program import modules


@pytest.mark.parametrize(("address", "shown"), [
    ("https://h/feed?key=abc&page=2", "https://h/feed?key=…&page=2"),
    ("https://me:word@h/feed", "https://h/feed"),
    ("https://me@h:81/@x/y@z", "https://h:81/@x/y@z"),
    ("//u:p@h/x", "//h/x"),
    ("https://h/f;jsessionid=1?PHPSESSID=2#access_token=3", "https://h/f;jsessionid=…?PHPSESSID=…#access_token=…"),
    ("https://h/?X-Amz-Signature=a&accessKeyId=b&API_KEY=c&apikey=d&pwd=e", "https://h/?X-Amz-Signature=…&accessKeyId=…&API_KEY=…&apikey=…&pwd=…"),
    ("https://h/?%6bey=abc", "https://h/?%6bey=…"),
    ("https://h/?author=a&keyword=b&design=c&monkey=d&passage=e&key=", "https://h/?author=a&keyword=b&design=c&monkey=d&passage=e&key="),
    ("https://p/?url=https://u:p@h/?token=a", "https://p/?url=https://h/?token=…"),
    ("https://p/?url=https%3A%2F%2Fu%3Ap%40h%2F%3Ftoken%3Da", "https://p/?url=https%3A%2F%2Fh%2F%3Ftoken%3D%E2%80%A6"),
    ("posts/a.md", "posts/a.md"),
    ("", ""),
])  # fmt: skip
def test_values_that_look_secret_are_masked(address: str, shown: str) -> None:
    assert showable(address) == shown
    assert showable(shown) == shown


def test_each_address_in_a_sentence_is_masked() -> None:
    said = "it leads from https://a:b@h/x?sig=1 to\n(https://h/?token=2), me@x.example says?"
    assert showable_text(said) == "it leads from https://h/x?sig=… to\n(https://h/?token=… me@x.example says?"


@pytest.mark.parametrize(
    "name", ["token", "KEY", "rssToken", "feed_key", "X-Auth-Token", "oauth_token", "sid", "sessionId"]
)
def test_names_that_look_secret(name: str) -> None:
    assert looks_secret(name)


def test_a_long_address_is_cut() -> None:
    assert len(showable("https://h/?x=" + "y" * 20_000)) < 8_300


VALUE = st.text("abcXYZ019 /+=&%<é中", min_size=8, max_size=20).filter(
    lambda text: text.strip() == text and "%" not in text
)
SPELLED = [
    str, lambda v: quote(v, safe=""), quote, quote_plus, html.escape, lambda v: quote(quote(v, safe=""), safe=""),
    lambda v: html.escape(quote(v)), lambda v: "".join(f"&#{ord(c)};" for c in v), lambda v: v.upper(),
    lambda v: "".join(f"%{b:02x}" for b in v.encode()),
]  # fmt: skip


@given(VALUE, st.sampled_from(SPELLED), st.sampled_from(["", "x", "https://h/", " y "]))
@settings(max_examples=150, deadline=None)
def test_a_value_is_found_in_any_escaped_form(value: str, spell: object, beside: str) -> None:
    hidden = Hidden(((value, "${V}"),))
    text = f"{beside}{spell(value)}{beside}"  # type: ignore[operator]
    assert not hidden.holds(hidden.marked(text))
    assert MARK in hidden.marked(text)
    assert hidden.marked(text).startswith(beside)
    assert hidden.marked(text).endswith(beside)


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_a_text_without_a_secret_is_unchanged(text: str) -> None:
    assert Hidden((("s3cr3t-value", "${V}"),), (("key", "word"),)).marked(text) == text


def test_short_values_are_found_only_as_separate_words() -> None:
    hidden = Hidden((("abcd", "${A}"), ("ab", "${B}"), ("", "${C}")))
    assert hidden.masked("abcd /abcd/ xabcd abcde ab") == "${A} /${A}/ xabcd abcde ab"


def test_a_parameter_is_hidden_with_its_name() -> None:
    address = "https://h/?key=news&page=news"
    hidden = Hidden(pairs=secret_parameters(address))
    assert hidden.masked("news at https://h/2?id=1&amp;key=news, monkey=news") == (
        "news at https://h/2?id=1&amp;key=… monkey=news"
    )
    assert absolute(hidden.marked("https://h/2?id=1&key=news#x")) == "https://h/2?id=1#x"


@pytest.mark.parametrize(("href", "base", "found"), [
    (f"https://h/{MARK}/x", "", ""),
    (f"https://{MARK}.h/x", "", ""),
    (f"https://h/x?a=1&k={MARK}&b=2#f", "", "https://h/x?a=1&b=2#f"),
    (f"https://h/x?k={MARK}", "", "https://h/x"),
    (f"https://h/x#k={MARK}", "", "https://h/x"),
    ("y", f"https://h/{MARK}/x", ""),
    ("../y", f"https://h/{MARK}/x", ""),
    ("#y", f"https://h/{MARK}/x", ""),
    ("/y", f"https://h/{MARK}/x", "https://h/y"),
    ("/y", f"https://{MARK}/x", ""),
    ("//g/y", f"https://h/{MARK}/x", "https://g/y"),
])  # fmt: skip
def test_an_address_with_a_hidden_part_becomes_empty(href: str, base: str, found: str) -> None:
    assert absolute(href, base) == found


HOSTILE = [
    "?" * 1000 + "key" * 1000,
    "//" * 1000,
    "@" * 1000,
    "&key=" * 500,
    "%25" * 900,
    "&amp;" * 500,
    "%2" * 900,
    "a=%3F%2F%2F" * 200,
]


@pytest.mark.torture
@pytest.mark.parametrize("shape", HOSTILE, ids=lambda shape: shape[:8])
def test_masking_takes_linear_time(shape: str) -> None:
    hidden = Hidden((("s3cr3t-value", "${V}"), ("key?", "${W}")), (("key", "word"),))
    for work in (showable_text, hidden.masked, hidden.marked):
        cost = [min(_seconds(work, shape * times) for _ in range(3)) for times in (4, 16)]
        assert cost[1] <= 8 * cost[0] + 0.05


def _seconds(work: object, text: str) -> float:
    began = time.process_time()
    work(text)  # type: ignore[operator]
    return time.process_time() - began


# ── nothing else puts a source's address anywhere ──

# Who reads `url` of whatever it may be, and what for. What is said or published takes `shown_url`, `public_url` or
# `hidden` of a source, which hold nothing secret.
READS_URL = {
    "doctor.network": "resolves and connects to its host; shows the host alone",
    "preview.check": "asks it",
    "cli.subscriptions": "what was imported, masked as it is shown",
    "cli.feed_choice": "what a page names, masked as it is shown",
    "cli.source": "what was typed, masked as it is shown",
    "cli.status": "what a keeper sees, which has no secret",
    "config.source": "makes what others see",
    "parse.autodiscovery": "compares",
    "explain.problems": "the path of a folder of posts",
    "fetch.client": "asks it",
    "fetch.messages": "asks it",
    "fetch.sender": "asks it",
    "fetch.transport": "asks it",
    "status.diagnose": "compares",
    "status.record": "compares, in the state alone",
    "status.redact": "makes what others see",
    "status.report": "masks it",
    "merge.hidden_secrets": "whether anything is hidden in it",
    "merge.arrivals": "compares",
    "merge.moved_sources": "derives an id from it, as the config does",
    "preview.config_advice": "compares, and masks what it shows",
    "pull.reading_list_sources": "compares, and makes sources of it",
    "pull.reading_lists": "asks it",
    "merge.named_sources": "compares",
    "opml.outline": "says what it is given",
    "opml.write": "writes what it is given",
    "polling.redirect_probation": "compares",
    "publish.entry_reader": "shows it where nothing is hidden in it",
    "publish.subscriptions_opml": "for the keeper's export, and for all where nothing is hidden in it",
    "pull.feeds": "asks it",
    "pull.outcomes": "compares, and tells the state",
    "pull.permanent_moves": "compares, and asks it",
    "recover.sources": "compares",
    "recover.rebuild": "tells the state",
    "recover.read_document": "a file of our own tree",
    "parse.known_entries": "digests it, of sources without secrets",
    "pull.process": "what references resolve against, without what is hidden",
    "render.attribution": "what selecting chose",
    "render.entry_uris": "what selecting chose",
    "render.opml": "of outlines in which nothing is hidden",
    "maintenance.table_repair": "compares, and lists the sources of a reading list again",
    "merge.sync_sources": "tells the state",
    "websub.verification": "asks it, a callback of a subscriber",
    "store.rounds": "finds the host, by which work is shared out",
    "web.http_limits": "of a request to us",
    "web.fast_path": "of a request to us",
    "merge.context": "compares hosts",
    "merge.site_changes": "compares hosts",
    "store.health": "compares",
    "store.first_answers": "compares",
    "store.sources": "compares",
    "subscriptions.add": "writes the config; masked as it is shown",
    "subscriptions.change": "compares",
    "subscriptions.list": "masks it",
    "subscriptions.discover": "asks it; masked as it is shown",
    "subscriptions.config_file": "compares",
    "subscriptions.intake": "writes the config",
    "subscriptions.starter": "the address of the planet itself",
    "subscriptions.imports.found": "of a foreign file, masked as it is shown",
    "subscriptions.imports.opml": "of a foreign file",
}
ADDRESSES = {"url", "moved_url", "move_target", "source_url"}


def readers() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ADDRESSES
                and not _is_of_the_site(said := ast.unparse(node))
            ):
                found.setdefault(name, set()).add(said)
    return found


def _is_of_the_site(expression: str) -> bool:
    return expression.startswith("site_of(") or expression.endswith("site.url")


def test_every_reader_of_a_source_url_is_listed() -> None:
    assert set(readers()) == set(READS_URL)
