"""at:deleted-entry (RFC 6721): what a document may withdraw, and what not."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings
from aggregator.codec import unpack
from aggregator.model.document import FeedDocument
from aggregator.model.entry import CleanEntry
from aggregator.parse import parse
from aggregator.pull.process import FeedBody, process_feed
from tests.support.planet import Planet, Upstream

URL = "https://feeds.example/feed.xml"
ATOM = "http://www.w3.org/2005/Atom"
AT = "http://purl.org/atompub/tombstones/1.0"
HEAD = "<title>T</title><link href='https://a.example/'/><updated>2026-11-20T00:00:00Z</updated>"
BROKEN = "<oops></wrong>"


def atom(inner: str, *, prefix: str = "at", head: str = HEAD) -> bytes:
    return f'<feed xmlns="{ATOM}" xmlns:{prefix}="{AT}">{head}{inner}</feed>'.encode()


def stone(ref: str, when: str = "2026-11-21T12:00:00Z", inner: str = "", *, prefix: str = "at") -> str:
    return f'<{prefix}:deleted-entry ref="{ref}" when="{when}">{inner}</{prefix}:deleted-entry>'


def entry(name: str, updated: str = "2026-11-20T00:00:00Z") -> str:
    date = f"<updated>{updated}</updated>" if updated else ""
    return f'<entry><id>{name}</id><title>{name}</title><link href="https://a.example/{name}"/>{date}</entry>'


def read(body: bytes, limit: int = 5_000) -> FeedDocument:
    return parse(body, url=URL, limit=limit)


def ids(document: FeedDocument) -> list[str]:
    return [draft.id for draft in document.drafts]


@pytest.mark.parametrize("damage", ["", BROKEN, "<link>a&b</link>"], ids=["whole", "broken", "bare-ampersand"])
@pytest.mark.parametrize("prefix", ["at", "x", "AT", "tombstones", "media", "atom"])
def test_any_prefix_will_do(prefix: str, damage: str) -> None:
    body = atom(entry("1") + stone("2", prefix=prefix) + entry("3") + damage, prefix=prefix)
    document = read(body)
    assert (document.deleted, ids(document)) == (("2",), ["1", "3"])


@pytest.mark.parametrize("damage", ["", BROKEN], ids=["whole", "broken"])
def test_no_prefix_will_do_where_the_element_says_its_namespace(damage: str) -> None:
    buried = f'<deleted-entry xmlns="{AT}" ref="2" when="2026-11-21T12:00:00Z"><comment>gone</comment></deleted-entry>'
    assert read(atom(buried + entry("1") + damage)).deleted == ("2",)


@pytest.mark.parametrize("closing_", [" />", "></at:deleted-entry>", ">", ">\n<at:comment>Lost.</at:comment>"])
def test_in_a_broken_document_a_tombstone_ends_where_the_next_entry_begins(closing_: str) -> None:
    begin = '<at:deleted-entry ref="{}" when="2026-11-21T12:00:00Z"' + closing_
    body = atom(entry("1") + begin.format("2") + begin.format("3") + entry("4") + entry("5") + BROKEN)
    document = read(body)
    assert (document.deleted, ids(document)) == (("2", "3"), ["1", "4", "5"])


def test_a_cut_off_document_has_said_what_it_said() -> None:
    body = atom(stone("1") + entry("2") + stone("3") + entry("4"))
    document = read(body[: body.index(b"<title>4")])
    assert (document.deleted, ids(document), document.complete) == (("1", "3"), ["2"], False)


def test_the_entry_that_a_document_is_cut_off_in_was_shown() -> None:
    body = atom(stone("1") + entry("1"))
    assert read(body[: body.index(b"<updated>2026-11-20T00:00:00Z</updated></entry>")]).deleted == ()


def test_names_of_html_do_not_hide_a_tombstone() -> None:
    assert read(atom("<subtitle>a&nbsp;b</subtitle>" + stone("1"))).deleted == ("1",)


def test_rss_may_bury_too() -> None:
    items = f"<item><guid>1</guid><title>1</title></item>{stone('2')}"
    body = f'<rss version="2.0" xmlns:at="{AT}"><channel><title>T</title>{items}</channel></rss>'
    assert read(body.encode()).deleted == ("2",)


NOT_BURIED = {
    "another namespace by the same prefix": f'<feed xmlns="{ATOM}" xmlns:at="urn:other">{HEAD}{stone("1")}</feed>',
    "another namespace, broken": f'<feed xmlns="{ATOM}" xmlns:at="urn:other">{HEAD}{stone("1")}{BROKEN}</feed>',
    "no namespace": f'<feed xmlns="{ATOM}">{HEAD}<deleted-entry ref="1" when="2026-11-21T12:00:00Z"/></feed>',
    "a prefix of no namespace": f'<feed xmlns="{ATOM}">{HEAD}{stone("1")}</feed>',
    "no ref": atom('<at:deleted-entry when="2026-11-21T12:00:00Z"/>').decode(),
    "an empty ref": atom(stone(" ")).decode(),
    "another element": atom('<at:deleted ref="1" when="2026-11-21T12:00:00Z"/>').decode(),
    "in an entry": atom(f"<entry><id>2</id><title>2</title>{stone('1')}</entry>").decode(),
    "in an entry's source": atom(f"<entry><id>2</id><source>{stone('1')}</source></entry>").decode(),
    "told of in escaped content": atom(
        f"<entry><id>2</id><content type='html'>&lt;at:deleted-entry xmlns:at='{AT}' ref='1'/></content></entry>"
    ).decode(),
    "told of in XHTML content": atom(
        f"<entry><id>2</id><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{stone('1')}</div></content>"
        "</entry>"
    ).decode(),
    "told of in a comment": atom(f"<!--{stone('1')}-->").decode(),
    "told of in CDATA": atom(f"<subtitle><![CDATA[{stone('1')}]]></subtitle>").decode(),
    "inside another tombstone": atom(stone("1", when="", inner=stone("2")) + entry("1")).decode(),
}  # fmt: skip


@pytest.mark.parametrize("body", NOT_BURIED.values(), ids=NOT_BURIED.keys())
def test_nothing_else_is_a_tombstone(body: str) -> None:
    assert read(body.encode()).deleted == ()


WHEN = "2026-11-21T12:00:00Z"


@pytest.mark.parametrize("damage", ["", BROKEN], ids=["whole", "broken"])
@pytest.mark.parametrize(
    ("when", "updated", "is_deleted"),
    [
        (WHEN, ["2026-11-21T11:59:59Z"], True),
        (WHEN, [WHEN], False),
        (WHEN, ["2026-11-21T12:00:01Z"], False),
        (WHEN, ["2026-11-21T13:30:00+02:00"], True),
        (WHEN, [""], False),
        (WHEN, ["yesterday"], False),
        ("", ["2026-11-20T00:00:00Z"], False),
        ("soon", ["2026-11-20T00:00:00Z"], False),
        ("", [], True),
        ("soon", [], True),
        (WHEN, ["2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z"], False),
        (WHEN, ["2026-11-22T00:00:00Z", "2026-11-20T00:00:00Z"], False),
        (WHEN, ["2026-11-20T00:00:00Z", ""], False),
        (WHEN, ["2026-11-20T00:00:00Z", "2026-11-19T00:00:00Z"], True),
    ],
)
def test_of_an_entry_that_is_shown_the_later_word_holds(
    when: str, updated: list[str], is_deleted: bool, damage: str
) -> None:
    name = "https://a.example/?a=1&amp;b=2"
    shown = "".join(entry(name, date) for date in updated)
    for inner in (stone(name, when) + shown, shown + stone(name, when)):
        assert read(atom(inner + damage)).deleted == (("https://a.example/?a=1&b=2",) if is_deleted else ())


def test_each_is_named_once_in_order() -> None:
    body = atom(stone("2") + stone("1") + stone(" 2 ", "2026-11-22T00:00:00Z") + stone("3") + stone("1"))
    assert read(body).deleted == ("2", "1", "3")


def test_the_latest_of_several_counts() -> None:
    body = atom(stone("1", "2026-11-19T00:00:00Z") + entry("1") + stone("1", "2026-11-21T00:00:00Z"))
    assert read(body).deleted == ("1",)


INSIDE = (
    '<at:by><name>Somebody</name><uri>https://evil.example/</uri></at:by><at:comment xml:lang="fr">Parti.</at:comment>'
    '<link href="https://evil.example/"/><link rel="self" href="https://evil.example/self"/><id>evil</id>'
    "<source><title>Evil</title><id>evil</id><link href='https://evil.example/'/></source>"
    "<entry><id>evil</id><title>evil</title></entry><author><name>Evil</name></author><title>Evil</title><br/>text"
)


@pytest.mark.parametrize("damage", ["", BROKEN], ids=["whole", "broken"])
def test_what_stands_in_a_tombstone_is_said_of_nothing_else(damage: str) -> None:
    with_it = read(
        atom(stone("9", inner=INSIDE if not damage else INSIDE.replace("entry>", "x>")) + entry("1") + damage)
    )
    without = read(atom(entry("1") + damage))
    assert with_it.deleted == ("9",)
    assert replace(with_it, deleted=()) == without


pieces = st.sampled_from([
    entry("1"), entry("2", ""), entry("3", "2026-11-22T00:00:00Z"), stone("1"), stone("4", inner=INSIDE),
    "<rights>R</rights>", "<at:comment>stray</at:comment>", "text", "<x:y xmlns:x='urn:x'>z</x:y>",
    f"<entry><id>5</id>{stone('1', inner=INSIDE)}<title>5</title></entry>",
])  # fmt: skip


@given(st.lists(pieces, max_size=8))
def test_tombstones_change_nothing_but_what_is_deleted(inner: list[str]) -> None:
    """Whatever stands around them; and what is deleted is no entry that is shown as of later."""
    document = read(atom("".join(inner)))
    without = read(atom("".join(piece for piece in inner if not piece.startswith("<at:deleted"))))
    assert replace(document, deleted=()) == without
    assert set(document.deleted) <= {"1", "4"}
    assert document.complete


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_ref_and_when_hold_the_document_is_read(ref: str, when: str) -> None:
    def quoted(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")

    body = atom(stone(quoted(ref), quoted(when)) + entry("1"))
    assert "1" in ids(parse(body, url=URL, content_type="application/atom+xml; charset=utf-8"))


def test_only_as_many_tombstones_as_entries_are_read_and_the_rest_is_reported() -> None:
    document = read(atom("".join(stone(str(n)) for n in range(30))), limit=20)
    assert document.deleted == tuple(map(str, range(20)))
    assert [problem.message for problem in document.problems] == ["30 deleted entries; only the first 20 were read"]


def test_an_id_is_as_long_as_an_entrys_may_be() -> None:
    name = "tag:a.example,2026:" + "x" * 100_000
    (deleted,) = read(atom(stone(name))).deleted
    refined = process_feed(FeedBody("s", URL, "", atom(entry(name))), frozenset(), ContentSettings())
    assert len(deleted) < 5_000
    assert unpack(refined.entries[0].clean or b"", CleanEntry).id == deleted


@pytest.mark.torture
def test_hostile_ones_cost_little_and_hide_nothing() -> None:
    attributes = " ".join(f'a{n}="1"' for n in range(20_000))
    deep = stone("2", inner="<x>" * 3_000 + "</x>" * 3_000)
    bomb = '<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    many = "".join(stone(f"many{n}") for n in range(20_000))
    body = atom(f'<at:deleted-entry ref="1" {attributes}/>{deep}{many}{entry("3")}')
    document = read(bomb.encode() + body)
    assert (document.deleted[:2], len(document.deleted), ids(document)) == (("2", "many0"), 5_000, ["3"])
    assert read(bomb.encode() + atom(stone("&b;"))).deleted == ("&b;",)


def test_a_pull_remembers_what_was_withdrawn(planet: Planet, upstream: Upstream) -> None:
    planet.config["sources"] = [{"url": upstream.serve("/feed", atom(entry("1") + stone("urn:x:2"))), "id": "source"}]
    planet.run()
    with closing(sqlite3.connect(planet.root / ".aggregator/state.db")) as state:
        assert [json.loads(row[0]) for row in state.execute("SELECT deleted FROM pull")] == [["urn:x:2"]]
