"""An id is a claim: some sources number the places of a document, others show one id on several articles."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from aggregator.dedup import CandidateIndex, Matcher
from tests.support.document_series import LONG, OTHER, Planet, Shown, check, day, e, pulls, text

TOPICS = {
    "a": "Bread from the village oven",
    "b": "Seven ways to mend socks",
    "c": "Why our river froze early",
    "d": "Letters found behind a wall",
    "e": "Night trains return to Vienna",
    "f": "How glaciers keep time",
    "g": "Painting with beetroot juice",
    "h": "An evening among lighthouses",
}

Numbering = Callable[[int, int], str]  # (place, number of entries) → id


def article(thing: str, **more: Any) -> Shown:
    claims = {"link": f"a.example/{thing}", "title": TOPICS[thing], "text": text(thing), "at": day(ord(thing) - 120)}
    return e(thing, **(claims | more))


def numbered(things: str, id_of: Numbering = lambda place, _: str(place), **more: Any) -> list[Shown]:
    return [replace(article(thing, **more), id=id_of(place, len(things))) for place, thing in enumerate(things)]


NUMBERINGS: dict[str, Numbering] = {
    "from 0": lambda place, _: str(place),
    "counted down": lambda place, count: str(count - place),
    "URNs": lambda place, _: f"urn:x:{place}",
    "hashes of the place": lambda place, _: hashlib.md5(str(place).encode(), usedforsecurity=False).hexdigest(),
    "places on a page": lambda place, _: f"https://a.example/feed#item-{place + 1}",
}
WITHOUT: dict[str, dict[str, Any]] = {
    "all there": {},
    "no date": {"at": None},
    "no text": {"text": ""},
    "no date and no text": {"at": None, "text": ""},
    "one text": {"text": text("same", 20)},
    "pictures alone": {"text": '<img src="https://a.example/pixel.png">'},
}


@pytest.mark.parametrize("numbering", NUMBERINGS)
@pytest.mark.parametrize("without", WITHOUT)
def test_places_as_ids_write_no_article_over_another(numbering: str, without: str) -> None:
    count, more = NUMBERINGS[numbering], WITHOUT[without]
    series = (numbered(things, count, **more) for things in ("dcba", "dcba", "edcb", "gfed", "gfedc", "gf", "hgf"))
    check(pulls(*series))


@pytest.mark.parametrize("without", ["all there", "no date", "no text"])
def test_where_there_is_no_link_the_enclosure_stands_for_it(without: str) -> None:
    def episodes(things: str) -> list[Shown]:
        shown = numbered(things, **(WITHOUT[without] | {"link": ""}))
        return [replace(one, files=(f"cdn.example/{one.thing}.mp3",)) for one in shown]

    check(pulls(episodes("cba"), episodes("dcb"), episodes("edc"), episodes("ed")))


@pytest.mark.parametrize("link", ["", "a.example/blog"])
def test_without_either_title_and_date_together_do(link: str) -> None:
    check(pulls(*(numbered(things, link=link) for things in ("dcba", "edcb", "edc")), home="a.example/blog"))


def test_an_article_that_has_another_number_now_leaves_the_old_one_to_another() -> None:
    """Without a link or an enclosure, title and date tell that it is the same."""
    before, moved = article("a", id="0", link=""), article("a", id="1", link="")
    check(pulls([before], [article("b", id="0", link=""), moved]))


@pytest.mark.parametrize("same", [{"title": TOPICS["a"]}, {"at": article("a").at}])
def test_an_edit_beside_a_copy_of_the_old_version_under_another_id_stays_one(same: dict[str, Any]) -> None:
    """The copy has title and date of the entry, and the entry kept one of them."""
    before = article("a", id="0", link="")
    edited = replace(article("b", id="0", link=""), thing="a", **same)
    planet = Planet()
    [(entry, _)] = planet.pull("source", [before])
    [(found, decision), _] = planet.pull("source", [edited, article("a", id="1", link="")])
    assert (found, decision.rule) == (entry, "guid")


def test_all_articles_of_a_document_are_replaced() -> None:
    check(pulls(numbered("dcba"), numbered("hgfe"), numbered("hgfe")))
    check(pulls(numbered("dcba", at=None), numbered("hgfe", at=None)))


ALIKE = {
    "a": "The price of apples",
    "b": "A letter to my daughter",
    "c": "How we moved to the coast",
    "d": "What a glacier says",
    "e": "Notes from the museum",
    "f": "The state of the harbor",
    "g": "How I learned to bake",
    "h": "A walk in the woods",
}
HANZI = dict(
    zip(
        "abcdefgh",
        "苹果的价格 给女儿的信 春天的雨 冰川的夜晚 关于地图的事 港口的鸟 祖母的面包 林中的路".split(),
        strict=True,
    )
)


DOCUMENTS = ("dcba", "hgfe", "hgfe")


@pytest.mark.parametrize("titles", [ALIKE, HANZI])
@pytest.mark.parametrize("without", ["all there", "no date", "no text"])
def test_articles_whose_titles_have_small_words_in_common_are_replaced_at_once(
    titles: dict[str, str], without: str
) -> None:
    series = [[replace(one, title=titles[one.thing]) for one in numbered(x, **WITHOUT[without])] for x in DOCUMENTS]
    check(pulls(*series))


@pytest.mark.parametrize("link", ["", "a.example/blog"])
def test_articles_without_a_link_of_their_own_are_replaced_at_once(link: str) -> None:
    series = [[replace(one, title=ALIKE[one.thing]) for one in numbered(x, link=link)] for x in DOCUMENTS]
    check(pulls(*series, home="a.example/blog"))


def test_the_name_of_the_site_in_each_title_makes_no_titles_alike() -> None:
    def document(things: str) -> list[Shown]:
        return [replace(one, title=f"{one.title.split()[-1]} - The Daily Post") for one in numbered(things)]

    check(pulls(*map(document, DOCUMENTS)))
    check(pulls(*map(document, ("cba", "hgf"))))  # three titles show what a site repeats


@pytest.mark.parametrize(("others", "is_renumbered"), [(3, True), (4, False)])
def test_three_and_half_of_a_document_tell_that_its_ids_are_places(others: int, *, is_renumbered: bool) -> None:
    """Only together: title, date and text of one alone may be edited. Of the others the dates are edited."""
    before = [e(f"{n}", id=f"{n}", title=f"{letter * 9} article", text=text(f"old{n}"), at=day(n))
              for n, letter in enumerate("bcdfghk"[: 3 + others])]  # fmt: skip
    names = [f"new{n}" if is_renumbered else f"{n}" for n in range(3)]
    after = [
        *(e(name, id=f"{n}", title=f"quite another {name * 3}", text=text(f"new{n}"), at=day(50 + n))
          for n, name in enumerate(names)),
        *(replace(one, at=day(60 + n)) for n, one in enumerate(before[3:])),
    ]  # fmt: skip
    check(pulls(before, after))


def test_a_few_words_that_stay_are_not_the_same_text() -> None:
    check(pulls([article("a", id="1", text="Read more")], [article("b", id="1", text="Read more")]))
    kept = article("b", id="1", text=text("a"))
    check(pulls([article("a", id="1")], [replace(kept, thing="a")]))


def test_another_enclosure_under_one_id_is_another_episode() -> None:
    def episode(thing: str, *files: str) -> Shown:
        return article(thing, id="1", link="", files=tuple(f"cdn.example/{file}.mp3" for file in files))

    planet = Planet()
    planet.pull("source", [episode("a", "a")])
    [(_, new)] = planet.pull("source", [episode("b", "b")])
    assert new.reason == (
        "another entry had its id 1 before: enclosure and date differ from those of the entry that had it,"
        " and the titles share no word"
    )
    check(pulls([episode("a", "a", "jingle")], [replace(episode("b", "b", "jingle"), thing="a")]))  # one of them stays


def test_an_article_whose_number_is_another_ones_now_is_left_to_the_item_that_shows_it_unchanged() -> None:
    """Two items with one title and enclosure: the one that is unchanged is the article."""
    planet = Planet(void={"source"})
    shown = article("a", id="0", link="", files=("cdn.example/a.mp3",))
    [(entry, _)] = planet.pull("source", [shown])
    copy = replace(shown, id="7", text=text("another"), at=day(3))
    [(other, _), (found, _)] = planet.pull("source", [copy, shown])
    assert found == entry
    assert other != entry


def test_one_article_replaced_by_another_with_a_small_word_in_common() -> None:
    before, after = (replace(article(x, id="1"), title=ALIKE[x]) for x in "af")
    check(pulls([before], [after]))
    kept = replace(after, thing="a", text=before.text)
    check(pulls([before], [kept]))


def test_a_site_that_moves_and_renames_all_it_shows_keeps_the_entries() -> None:
    """Their text stays; where there is none, most words of the titles do."""
    before = [replace(one, id=one.thing) for one in numbered("dcba")]
    after = [replace(one, link=f"b.example/{one.thing}", title=f"Of {one.thing}", at=day(9)) for one in before]
    check(pulls(before, after))
    short = [replace(one, text="") for one in before]
    after = [replace(one, link=f"b.example/{one.thing}", title=f"My blog: {one.title}", at=day(9)) for one in short]
    check(pulls(short, after))


def test_titles_that_contradict_each_other_are_other_articles_though_most_of_the_text_agrees() -> None:
    def article(n: int, place: int) -> Shown:
        words = f"number {n} {LONG}"
        return e(f"{n}", id=f"{place}", link=f"a.example/{n}", title=f"Article {n}", text=words, at=day(n))

    def document(newest: int) -> list[Shown]:
        return [article(newest - place, place) for place in range(5)]

    check(pulls(document(4), document(7), document(12), document(13)))


def test_places_of_untitled_notes() -> None:
    series = ("cba", "dcb", "fed")
    check(pulls(*(numbered(things, title="") for things in series)))


@pytest.mark.parametrize("kept", ["title", "link", "at", "text"])
def test_an_edit_that_keeps_one_thing_keeps_the_entry(kept: str) -> None:
    before = article("a", id="1")
    after = e("a", id="1", link="a.example/moved", title="Quite another headline", text=OTHER, at=day(3))
    check(pulls([before], [replace(after, **{kept: getattr(before, kept)})]))


def test_edits_of_one_thing_after_the_other_keep_the_entry() -> None:
    shown = article("a", id="1")
    edits: dict[str, Any] = {"link": "a.example/moved", "title": "Quite another headline", "at": day(3), "text": OTHER}
    series = [[shown := replace(shown, **{name: value})] for name, value in edits.items()]
    check(pulls([article("a", id="1")], *series))


def test_a_title_corrected_and_a_link_moved_in_one_edit_keep_the_entry() -> None:
    """With `updated` alone each edit has another date."""
    before = [article("a", id="1"), article("b", id="2")]
    after = [replace(one, link=f"{one.link}-2", title="Corrected", at=day(9)) for one in before]
    check(pulls(before, [after[0], before[1]], after))


@pytest.mark.parametrize("link", ["a.example/", "a.example/log"])
def test_a_home_page_and_a_link_of_two_entries_count_for_neither_side(link: str) -> None:
    """Two entries that show it, each edited in everything else, stay what they are."""
    before = [e(x, id=x, link=link, title=TOPICS[x], text=text(x), at=day(-9)) for x in "ab"]
    after = [e(x, id=x, link=link, title=f"Revised {x * 3}", text=text(f"new {x}"), at=day(1)) for x in "ab"]
    check(pulls(before, after, home="a.example/"))
    alone = [replace(before[0], link="a.example/")], [replace(after[0], link="a.example/")]
    check(pulls(*alone, home="a.example/"))


def test_an_entry_that_moves_from_its_own_page_to_the_home_page_stays_one() -> None:
    after = e("a", id="1", link="a.example/", title="Quite another headline", text=OTHER, at=day(3))
    check(pulls([article("a", id="1")], [after], home="a.example/"))


def test_who_says_that_guids_decide_is_believed() -> None:
    check(pulls([article("a", id="1")], [replace(article("b", id="1"), thing="a")], ids="guid"))


def test_one_reused_id_is_said_with_the_entry_and_several_mean_that_the_source_repeats_ids() -> None:
    planet = Planet()
    planet.pull("source", [article("b", id="1"), article("a", id="2")])
    [(_, new), _] = planet.pull("source", [article("c", id="1"), article("a", id="2")])
    assert new.rule == "new"
    assert new.reason == (
        "another entry had its id 1 before: link and date differ from those of the entry that had it,"
        " and the titles share no word"
    )
    assert planet.void == set()
    planet.pull("source", [article("d", id="1"), article("e", id="2")])
    assert planet.void == {"source"}


def test_an_article_under_another_place_says_what_it_was_known_by() -> None:
    planet = Planet()
    planet.pull("source", numbered("ba"))
    decisions = [decision for _, decision in planet.pull("source", numbered("cba"))]
    assert [decision.rule for decision in decisions] == ["new", "link", "link"]
    assert decisions[0].reason == (
        "another entry had its id 0 before: link and title of the entry that had it stand under another id now"
    )
    assert decisions[1].reason == (
        "link and title are those of an entry which this source showed before under the id 0"
    )
    assert all(decision.again for decision in decisions[1:])


TEXTS = (LONG, OTHER, text("third"), text("fourth"))


def log(things: str, **more: Any) -> list[Shown]:
    """A changelog whose entries share everything but date and text."""
    shared = {"id": "a.example/log", "link": "a.example/log", "title": "v1.2"} | more
    return [e(x, text=TEXTS["abcd".index(x)], at=day(ord(x)), **shared) for x in things]


@pytest.mark.parametrize(
    "documents",
    [("cba", "cba"), ("cba", "dcb"), ("a", "ba", "cb", "dc"), ("cba", "c", "cba")],
    ids="again, rolled, one after the other, and back".split(", "),
)
def test_one_id_on_articles_that_differ_in_date_and_text(documents: Sequence[str]) -> None:
    check(pulls(*map(log, documents)))


@pytest.mark.parametrize("same", [{"text": LONG}, {"at": day(1)}])
def test_one_id_on_articles_that_differ_in_date_or_text_alone_is_one_entry(same: dict[str, Any]) -> None:
    twice = [replace(one, thing="a", **same) for one in log("ba")]
    check(pulls(twice, twice))
    document = Matcher([one.arriving() for one in twice], CandidateIndex(), CandidateIndex(), lambda _: "")
    assert not document.repeats_ids


def test_an_article_of_a_log_that_is_edited_stays_one() -> None:
    edited = [replace(one, text=f"{one.text} corrected") for one in log("cba")]
    check(pulls(log("cba"), edited, log("dcb")))


def test_ids_and_titles_of_another_source_prove_nothing() -> None:
    """A source that numbers places splits none of its neighbor's entries, and takes none over."""
    planet = Planet()
    victim = planet.pull("victim", numbered("ba"))
    forged = [replace(one, link=f"evil.example/{n}", text=OTHER) for n, one in enumerate(numbered("cba"))]
    for shown in (forged[1:], forged, forged[1:]):
        thief = planet.pull("thief", shown)
        assert {entry for entry, _ in thief}.isdisjoint(entry for entry, _ in victim)
        assert planet.pull("victim", numbered("ba"))[0][0] == victim[0][0]
    assert "victim" not in planet.void


def test_a_source_that_gives_up_its_numbers_shows_nothing_again() -> None:
    bare = [replace(one, id="") for one in numbered("cba")]
    check(pulls(numbered("cba"), numbered("dcb"), bare, numbered("dcba"), bare[:1]))
