"""Masked addresses, globs, and addresses that are too long."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import FetchError
from aggregator.fetch.url import parse, shown
from aggregator.text.globs import glob_parts, matches
from aggregator.text.masking import MARK, cut, showable
from aggregator.text.urls import LONGEST, absolute, host_of, is_nothing, split, without_user

SHOWN = {
    "https://a.example/feed?x=1#top": "https://a.example/feed?x=1#top",
    "https://me:pass@a.example/": "https://a.example/",
    "https://me@a.example:pass@b.example/@c": "https://b.example/@c",
    "https:///me:pass@a.example/": "https:///a.example/",
    "https://a.example/?url=//me:pass@b.example": "https://a.example/?url=//b.example",
    "https://a.example/?key=1&b=2;API_TOKEN=3&sig=": "https://a.example/?key=…&b=2;API_TOKEN=…&sig=",
    "https://a.example/?next=/x?password=1=2&c=3": "https://a.example/?next=/x?password=…&c=3",
    "https://a.example/#?auth=1": "https://a.example/#?auth=…",
    "https://a.example/key=1": "https://a.example/key=1",
    "https://a.example/?ſecret=1": "https://a.example/?ſecret=…",
    "": "",
}


@pytest.mark.parametrize("url", SHOWN)
def test_a_shown_address_has_no_secret(url: str) -> None:
    assert showable(url) == SHOWN[url]


@given(st.text("ab?&;#=/@:.", max_size=40), st.integers(0, 60))
def test_a_cut_text_shows_no_more_than_the_whole(text: str, most: int) -> None:
    """A password without its @ must not look like a host."""
    url = f"https://user:pass@{text}"
    beginning = cut(url, 20 + most)
    assert len(beginning) <= 20 + most
    assert "user" not in showable(beginning)


def test_a_long_text_is_cut() -> None:
    far = f"ftp://x/{'?' * 6000}{'key' * 20_000}"
    assert len(showable(far)) == LONGEST
    assert len(shown(far)) == 200
    assert showable(f"https://{'a' * LONGEST}:pass@x/") == "https://…"


@pytest.mark.parametrize(
    ("glob", "text", "does"),
    [
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("a*", "a", True),
        ("*c", "abc", True),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("ab*ba", "aba", False),
        ("a**a", "aa", True),
        ("*", "", True),
        ("*?*", "a?b", True),
    ],
)
def test_a_star_matches_anything(glob: str, text: str, does: bool) -> None:
    assert matches(glob_parts(glob), text) is does


PIECES = "/ // . .. a b.c ? # & = ; : , % %2f %zz ! ' @ ~ ü \\ [".split()
BASES = [
    "https://a.example", "http://a.example:8080/b/c?d#e", "https://a.example/%zz", "https://u@a.example/", "https://A.example/",
    f"https://a.example/{MARK}", "",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join), st.sampled_from(BASES))
def test_a_reference_from_the_root_of_a_host_is_resolved_like_any_other(rest: str, base: str) -> None:
    """A tab is taken out, but no reference with one is resolved the short way."""
    assert absolute(f"/{rest}", base) == absolute(f"/\t{rest}", base)


@given(st.lists(st.sampled_from(["a.example", "A", *PIECES, "\n", ""]), max_size=6).map("".join))
def test_the_host_is_what_urllib_reads(rest: str) -> None:
    try:
        host = urlsplit(f"https://{rest}").hostname
    except ValueError:
        host = ""
    assert host_of(f"https://{rest}") == (host or "")


def test_long_addresses_and_hosts_are_refused() -> None:
    assert absolute(f"https://a.example/{'x' * (LONGEST - 18)}") != ""
    assert absolute(f"https://a.example/{'x' * (LONGEST - 17)}") == ""
    with pytest.raises(FetchError, match=r"8,193 characters, more than 8,192") as told:
        parse(f"https://a.example/{'x' * (LONGEST - 17)}")
    assert told.value.kind == "config"
    with pytest.raises(FetchError, match="more than 253"):
        parse(f"https://{'ü' * 254}/")
    with pytest.raises(ValueError, match="1000"):
        split(f"//{'ü' * 1001}/")
    assert split(f"https://ü.example/?//{'ü' * 1001}").hostname == "ü.example"


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ("", True),
        (" N/A ", True),
        ("n/a", True),
        ("None", True),
        ("null", True),
        ("#", True),
        ("http://", True),
        ("https://", True),
        ("undefined", True),
        ("http://n/a", False),
        ("/", False),
        ("#top", False),
        ("none.html", False),
        ("0", False),
        ("na", False),
    ],
)
def test_some_texts_only_say_that_there_is_no_address(text: str, nothing: bool) -> None:
    assert is_nothing(text) is nothing


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://me:pass@a.example/x", "https://a.example/x"),
        ("https://token@a.example:8443/x?y=a@b#c@d", "https://a.example:8443/x?y=a@b#c@d"),
        ("https://google.example@evil.example/", "https://evil.example/"),
        ("https://a@b@c.example", "https://c.example"),
        ("https://a.example/@user", "https://a.example/@user"),
        ("https://a.example?to=a@b", "https://a.example?to=a@b"),
        ("mailto:a@b.example", "mailto:a@b.example"),
        ("ftp://me@a.example/x", "ftp://me@a.example/x"),
        ("", ""),
    ],
)
def test_an_address_without_its_user(address: str, found: str) -> None:
    assert without_user(address) == found
