"""What other web servers are told of moved and ended feeds is what our own does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.web.paths import moved_address
from aggregator.web.redirects import GONE, Redirects, caddy_map, nginx_map

URL = "https://planet.example/"
LINE = re.compile(r'"~(?P<pattern>.+?)" (?:"(?P<to>[^"]*)"|gone);?')
FILE = "(?:/(?:archive/.+/)?(?<file>[^/]*))?$"
FILES = ["atom.xml", "rss.xml", "feed.json", "index.html", "", "archive/1/2/atom.xml", "archive/2/1/index.html"]

ids = st.lists(st.sampled_from(["old", "new", "a-b", "2"]), min_size=1, max_size=3).map("/".join)
moves = st.dictionaries(ids, ids | st.just(""), max_size=4)


def last(moved: dict[str, str]) -> dict[str, str]:
    return {id_: (moved_address(id_, moved) or "").removesuffix("/") for id_ in sorted(moved)}


def answer(made: str, path: str) -> str | None:
    """Where the first line that fits leads, as a server reads them."""
    for line in made.splitlines()[1:]:
        found = LINE.fullmatch(line)
        assert found, line
        fit = re.search(found["pattern"].replace("(?<file>", "(?P<file>"), path)
        if fit:
            file = fit["file"] if "file" in fit.groupdict() else fit[1] if fit.re.groups else ""
            return found["to"].replace("$file", file or "").replace("${1}", file or "") if found["to"] else GONE
    return None


@given(moves, ids, st.sampled_from(FILES), st.sampled_from([nginx_map, caddy_map]))
def test_they_lead_where_our_server_leads(moved: dict[str, str], feed: str, file: str, make: type) -> None:
    address = f"{feed}/{file}"
    ours = moved_address(address, moved)
    theirs = answer(make(Redirects(last(moved), ()), URL), f"/{address}")
    assert theirs == (None if ours is None else f"/{ours}" if ours else GONE)


@pytest.mark.parametrize(
    ("url", "line"),
    [
        (URL, r'"~^/old(?:/(?:archive/.+/)?(?<file>[^/]*))?$" "/new/name/$file";'),
        (
            "https://x.example/a.b/%C3%A9/",
            r'"~^/a\.b/é/old(?:/(?:archive/.+/)?(?<file>[^/]*))?$" "/a.b/%C3%A9/new/name/$file";',
        ),
    ],
)
def test_a_tree_below_the_root_of_its_host_is_known_there(url: str, line: str) -> None:
    assert nginx_map(Redirects({"old": "new/name"}, ()), url).splitlines()[1:] == [line]


def test_pages_of_withdrawn_entries_are_gone() -> None:
    found = Redirects({}, ("entries/a.html",))
    assert nginx_map(found, URL).splitlines()[1:] == ['"/entries/a.html" gone;']
    assert caddy_map(found, "https://x.example/p/").splitlines()[1:] == ['"/p/entries/a.html" gone']
