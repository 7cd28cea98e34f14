"""Request headers and paths, in every form that clients send."""

from datetime import UTC, datetime
from urllib.parse import quote

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import StateError
from aggregator.web import MovedFeeds
from aggregator.web.conditional import Precondition, evaluate, parse_date
from aggregator.web.negotiation import choose, encode, weighed
from aggregator.web.own_hosts import is_own_host
from aggregator.web.paths import address_of, location, moved_address
from aggregator.web.sockets import ListenError, address_to_open, listen

TAG = b'"0123abcd-br"'


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        (None, "identity"),
        (b"", "identity"),
        (b"gzip", "gzip"),
        (b"gzip, deflate, br", "br"),
        (b"GZip;Q=1.0", "gzip"),
        (b"x-gzip", "gzip"),
        (b"gzip;q=1.0, br;q=0.5", "gzip"),
        (b"br;q=0, gzip;q=0.001", "gzip"),
        (b"gzip;q=0", "identity"),
        (b"gzip;q=0.5, identity;q=1", "identity"),
        (b"*", "br"),
        (b"*;q=0.1, gzip", "gzip"),
        (b"br;q=0, *", "gzip"),
        (b"identity;q=0", None),
        (b"*;q=0", None),
        (b"*;q=0, gzip", "gzip"),
        (b"*;q=0, identity", "identity"),
        (b"zstd, compress", "identity"),
        (b"zstd, identity;q=0", None),
        (b"gzip;q=abc, br;x=1, ;;, ,", "identity"),
        (b"gzip;q=9", "identity"),
    ],
)
def test_the_best_coding_is_chosen(accepted: bytes | None, chosen: str | None) -> None:
    assert choose(accepted) == chosen


members = st.tuples(st.sampled_from(["br", "gzip", "identity", "*", "zstd"]), st.integers(0, 1000))


@given(st.lists(members, max_size=6, unique_by=lambda one: one[0]), st.booleans())
def test_a_refused_coding_is_never_chosen(weighted: list[tuple[str, int]], shrinks: bool) -> None:
    header = ", ".join(f"{coding};q={weight / 1000:.3f}" for coding, weight in weighted).encode()
    weights = dict(weighted)

    def refused(coding: str) -> bool:
        return weights.get(coding, weights.get("*", 1 if coding == "identity" else 0)) == 0

    chosen = choose(header, shrinks=shrinks)
    if chosen is None:
        assert all(map(refused, ("br", "gzip", "identity")))
    else:
        assert not refused(chosen)
        listed = [weights[coding] for coding in ("br", "gzip") if coding in weights]
        assert not shrinks or chosen not in weights or weights[chosen] >= max(listed, default=0)


@given(st.binary(max_size=60))
def test_any_header_is_read_without_an_error(header: bytes) -> None:
    assert choose(header) in {"br", "gzip", "identity", None}
    headers = {b"if-none-match": header}
    assert (evaluate(TAG, 0, headers) is Precondition.UNCHANGED) == (header.strip() == b"*" or TAG in header)
    parse_date(header)


@given(st.binary(max_size=2000))
def test_encoding_is_deterministic(data: bytes) -> None:
    assert encode(data, "br") == encode(data, "br")
    assert brotli.decompress(encode(data, "br")) == data
    assert encode(data, "gzip") == encode(data, "gzip")
    assert encode(data, "identity") == data


opaque = st.binary(max_size=12).map(lambda data: bytes(sign for sign in data if sign > 0x22 and sign != 0x7F))
tags = st.builds(lambda weak, text: (b"W/" if weak else b"") + b'"' + text + b'"', st.booleans(), opaque)


@given(st.lists(tags, max_size=5), st.integers(0, 5), st.booleans(), st.sampled_from([b",", b", ", b" ,\t"]))
def test_an_etag_is_found_anywhere_in_a_list_weak_or_strong(
    others: list[bytes], place: int, weak: bool, comma: bytes
) -> None:
    without = comma.join(others)
    with_it = comma.join([*others[:place], b"W/" * weak + TAG, *others[place:]])
    assert evaluate(TAG, 0, {b"if-none-match": with_it}) is Precondition.UNCHANGED
    headers = {b"if-none-match": without, b"if-modified-since": b"Tue, 14 Nov 2090 22:13:20 GMT"}
    assert evaluate(TAG, 0, headers) is Precondition.SEND


@given(st.datetimes(datetime(1971, 1, 1), datetime(2068, 1, 1)))  # noqa: DTZ001 - hypothesis wants them so
def test_a_date_has_three_forms(moment: datetime) -> None:
    seconds = int(moment.replace(tzinfo=UTC).timestamp())
    for form in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"):
        assert parse_date(moment.strftime(form).encode()) == seconds


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), min_size=1, max_size=4))
def test_every_file_has_an_address(levels: list[str]) -> None:
    path = "/".join(levels)
    raw = b"/" + "/".join(quote(level, safe="") for level in levels).encode()
    odd = len(raw) > 2048 or any(one[0] == "." or "/" in one or "\\" in one for one in levels)
    assert address_of(raw) == (None if odd else path)


@given(st.binary(max_size=40))
def test_no_address_leads_out_of_the_tree(raw: bytes) -> None:
    address = address_of(b"/" + raw)
    if address is not None:
        levels = address.split("/")
        assert "\x00" not in address
        assert not any(level.startswith(".") or "\\" in level for level in levels)
        assert all(levels[:-1])
        assert address_of(location(address, b"")) == address or len(quote(address)) > 2000


@given(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("abcd"), max_size=4), st.sampled_from("abcde"))
def test_moves_in_a_circle_end(moved: dict[str, str], feed: str) -> None:
    address = moved_address(f"{feed}/atom.xml", moved)
    assert (address is None) == (feed not in moved)


async def _refreshed(moved_feeds: MovedFeeds) -> dict[str, str]:
    await moved_feeds.refresh()
    return dict(moved_feeds.moved)


def test_moved_feeds_stay_known_while_the_state_cannot_be_read() -> None:
    import asyncio

    answers: list[dict[str, str] | Exception] = [{"old": "new"}, StateError("damaged")]

    def read() -> dict[str, str]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    moved_feeds = MovedFeeds(read)
    assert moved_feeds.is_due()
    assert asyncio.run(_refreshed(moved_feeds)) == {"old": "new"}
    assert not moved_feeds.is_due()
    assert asyncio.run(_refreshed(moved_feeds)) == {"old": "new"}


def test_a_port_in_use_raises_listen_error() -> None:
    (one,) = listen("127.0.0.1", 0)
    with one:
        with pytest.raises(ListenError, match="another program listens on port"):
            listen("127.0.0.1", one.getsockname()[1])
        assert address_to_open([one]) == f"http://127.0.0.1:{one.getsockname()[1]}/"


def test_every_address_of_a_name_listens_on_the_same_port() -> None:
    sockets = listen("localhost", 0)
    assert len({one.getsockname()[1] for one in sockets}) == 1
    for one in sockets:
        one.close()


@pytest.mark.parametrize(
    ("member", "weight"),
    [
        ("gzip", ("gzip", 1.0)),
        (" GZIP ; Q = 0.5 ", ("gzip", 0.5)),
        ("br;q=1.", ("br", 1.0)),
        ("br;q=0", ("br", 0.0)),
        ("br;q=1.9", ("br", 1.0)),
        ("br;q=2", ("", 0.0)),
        ("br;q=", ("", 0.0)),
        ("br;q=0.x", ("", 0.0)),
        ("br;x=1", ("", 0.0)),
        ("b r", ("", 0.0)),
        ("", ("", 0.0)),
    ],
)
def test_weights_of_members(member: str, weight: tuple[str, float]) -> None:
    assert weighed(member) == weight


def test_a_media_type_may_have_other_parameters() -> None:
    assert weighed("text/html;level=1;q=0.25", is_media_type=True) == ("text/html", 0.25)


OLD, NEW = b"Thu, 01 Jan 1970 00:00:10 GMT", b"Thu, 01 Jan 1970 00:00:30 GMT"  # before and after the modification at 20


@pytest.mark.parametrize(
    ("headers", "result"),
    [
        ({}, Precondition.SEND),
        ({b"if-match": b'"other"'}, Precondition.FAILED),
        ({b"if-match": b'"other", ' + TAG}, Precondition.SEND),
        ({b"if-match": b"*"}, Precondition.SEND),
        ({b"if-match": b"W/" + TAG}, Precondition.FAILED),  # strong comparison (RFC 9110 13.1.1)
        ({b"if-match": b""}, Precondition.FAILED),
        ({b"if-match": TAG.strip(b'"')}, Precondition.FAILED),
        ({b"if-match": TAG, b"if-unmodified-since": OLD}, Precondition.SEND),  # its date is ignored
        ({b"if-unmodified-since": OLD}, Precondition.FAILED),
        ({b"if-unmodified-since": NEW}, Precondition.SEND),
        ({b"if-unmodified-since": b"yesterday"}, Precondition.SEND),
        ({b"if-match": b'"other"', b"if-none-match": TAG}, Precondition.FAILED),
        ({b"if-match": TAG, b"if-none-match": TAG}, Precondition.UNCHANGED),
        ({b"if-unmodified-since": OLD, b"if-modified-since": NEW}, Precondition.FAILED),
        ({b"if-unmodified-since": NEW, b"if-modified-since": NEW}, Precondition.UNCHANGED),
        ({b"if-none-match": b'"other"', b"if-modified-since": NEW}, Precondition.SEND),
    ],
)
def test_preconditions_are_evaluated_in_order(headers: dict[bytes, bytes], result: Precondition) -> None:
    """RFC 9110 13.2.2."""
    assert evaluate(TAG, 20, headers) is result


OWN = frozenset({"planet.example", "xn--bcher-kva.example"})


@pytest.mark.parametrize(
    "host",
    [
        "planet.example", "PLANET.example:8080", "planet.example.", "bücher.example", "127.0.0.1", "127.0.0.1:80",
        "[::1]:8080", "[fe80::1]", "192.168.1.7:80", "203.0.113.9", "localhost", "localhost:8080", "nas", "nas:80",
        "nas.local", "nas.lan", "nas.home.arpa", "nas.internal", "a.b.localhost", "planet.example:",
    ],
)  # fmt: skip
def test_own_hosts(host: str) -> None:
    assert is_own_host(host, OWN)


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.test", "planet.example.evil.example", "evil-planet.example", "x.planet.example", "127.0.0.1.nip.io",
        "local.evil.example", "notlocal.example", "lan.example", ".local.evil", "[::1", "[evil.example]x", "a:b:c",
        "planet.example:80@evil.example", "evil.example:80", "internal.evil.test",
    ],
)  # fmt: skip
def test_foreign_hosts(host: str) -> None:
    assert not is_own_host(host, OWN)
