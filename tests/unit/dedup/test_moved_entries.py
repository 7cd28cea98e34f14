"""Entries that moved with little to go by: titles, pictures and dates."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.support.document_series import LONG, OTHER, Planet, Shown, check, day, e, pulls, text

HOUR = timedelta(hours=1)


def strips(things: str, host: str = "comic.example", **more: Any) -> list[Shown]:
    """A webcomic: permalinks as guids, titles and dates, no text."""
    return [
        e(x, id=f"https://{host}/{x}", link=f"{host}/{x}", title=f"Strip about {x}", at=day(-ord(x)), **more)
        for x in things
    ]


def pictured(things: str, host: str = "comic.example") -> list[Shown]:
    return [replace(one, text=f'<img src="https://{host}/{one.thing}.png">') for one in strips(things, host)]


MOVES = {
    "titles alone": pulls(strips("dcba"), strips("dcba", "www.comic.example")),
    "titles alone, and back": pulls(
        strips("dcba"), strips("dcba", "www.comic.example"), strips("dcba"), strips("edcb", "www.comic.example")
    ),
    "one alone": pulls(strips("dcba"), [*strips("d", "b.example"), *strips("cba")]),
    "pictures alone": pulls(pictured("dcba"), pictured("edcb", "www.comic.example")),
    "another path, and another text": pulls(
        strips("dcba"), [replace(one, text=text(one.thing)) for one in strips("dcba", "comic.example/strip")]
    ),
    "guids with the date of the build": pulls(
        *([replace(one, id=f"{n}-{one.thing}", link="") for one in strips("dcba")] for n in range(3))
    ),
    "ids: link": pulls(strips("dcba"), strips("dcba", "www.comic.example"), ids="link"),
    "dates to the day": pulls(
        strips("dcba"), [replace(one, at=one.at and one.at - 11 * HOUR) for one in strips("dcba", "b.example")]
    ),
    "dates to the day of half of the document": pulls(
        strips("fedcba"),
        [
            *(replace(one, at=one.at and one.at - 11 * HOUR) for one in strips("fed", "b.example")),
            *strips("cba"),
        ],
    ),
    "dates to the day, and as many new ones": pulls(
        strips("cba"), [replace(one, at=one.at and one.at - 11 * HOUR) for one in strips("fedcba", "b.example")]
    ),
}

OTHERS = {
    "no date": pulls(
        [replace(one, at=None) for one in strips("ba")],
        [replace(one, at=None, thing=one.thing.upper()) for one in strips("ba", "b.example")],
    ),
    "another date": pulls(
        strips("ba"), [replace(one, at=day(5), thing=one.thing.upper()) for one in strips("ba", "b.example")]
    ),
    "another day": pulls(
        strips("dcba"),
        [
            replace(one, at=one.at and one.at - 24 * HOUR, thing=one.thing.upper())
            for one in strips("dcba", "b.example")
        ],
    ),
    "the day of too few": pulls(
        strips("fedcba"),
        [
            *(replace(one, at=one.at and one.at - HOUR, thing=one.thing.upper()) for one in strips("fe", "b.example")),
            *strips("dcba"),
        ],
    ),
    "the day of three of seven": pulls(
        strips("gfedcba"),
        [
            *(replace(one, at=one.at and one.at - HOUR, thing=one.thing.upper()) for one in strips("gfe", "b.example")),
            *strips("dcba"),
        ],
    ),
    "the old ones are still there": pulls(
        strips("ba"),
        [*(replace(one, thing=one.thing.upper()) for one in strips("ba", "b.example")), *strips("ba")],
    ),
    "a title that the source repeats": pulls(
        [replace(one, title="Links of the week") for one in strips("ba")],
        [
            replace(one, title="Links of the week", thing=one.thing.upper(), at=day(-ord("a")))
            for one in strips("a", "b.example")
        ],
    ),
    **{
        f"the title {title!r}": pulls(
            [replace(one, title=title) for one in strips("a")],
            [replace(one, title=title, thing="b") for one in strips("a", "b.example")],
        )
        for title in ("", "Untitled", "(no title)", "无标题", "2026-11-20", "20 novembre 2026", "Nov 20, 2026", "…")
    },
    "a document that broke off": pulls(
        strips("ba"), [replace(one, thing=one.thing.upper()) for one in strips("ba", "b.example")], complete=False
    ),
    "ids: guid": pulls(
        strips("ba"), [replace(one, thing=one.thing.upper()) for one in strips("ba", "b.example")], ids="guid"
    ),
}


@pytest.mark.parametrize("series", [pytest.param(one, id=name) for name, one in MOVES.items()])
def test_title_and_date_tell_what_moved(series: Any) -> None:
    check(series)


@pytest.mark.parametrize("series", [pytest.param(one, id=name) for name, one in OTHERS.items()])
def test_less_than_title_and_date_tells_nothing(series: Any) -> None:
    check(series)


def edited(shown: Sequence[Shown], which: str, **changes: Any) -> list[Shown]:
    return [replace(one, **changes) if one.thing == which else one for one in shown]


ELSEWHERE = {
    "id": "https://comic.example/corrected",
    "link": "comic.example/corrected",
    "title": "A headline put right",
}


@pytest.mark.parametrize("words", ["", "A few words", text("little", 12)])
@pytest.mark.parametrize("size", [3, 8])
def test_permalink_and_title_edited_at_once_are_an_edit_where_all_others_stayed(words: str, size: int) -> None:
    before = strips("hgfedcba"[-size:], text=words)
    check(pulls(before, edited(before, "b", **ELSEWHERE), edited(before, "b", **ELSEWHERE)))
    check(pulls(before, edited(before, "b", **ELSEWHERE), before))


def test_without_ids_too() -> None:
    before = [replace(one, id="") for one in strips("dcba")]
    check(pulls(before, edited(before, "b", **(ELSEWHERE | {"id": ""}))))


BEFORE = strips("dcba")
NEW = {"thing": "new"} | ELSEWHERE
INSTEAD: dict[str, Any] = {
    "another date": pulls(BEFORE, edited(BEFORE, "b", at=day(1), **NEW)),
    "no date": pulls(*(edited(one, "b", at=None) for one in (BEFORE, edited(BEFORE, "b", **NEW)))),
    "another text": pulls(
        edited(BEFORE, "b", text=LONG), edited(edited(BEFORE, "b", text=LONG), "b", **(NEW | {"text": OTHER}))
    ),
    "a title that contradicts": pulls(
        edited(BEFORE, "b", title="Strip 4"), edited(BEFORE, "b", **(NEW | {"title": "Strip 5"}))
    ),
    "two of them": pulls(
        BEFORE,
        edited(edited(BEFORE, "b", **NEW), "c", thing="other", id="o", link="comic.example/o", title="Something else"),
    ),
    "one more is gone": pulls(BEFORE, edited(BEFORE, "b", **NEW)[:-1]),
    "a date that others have": pulls(
        [replace(one, at=day(-9)) for one in BEFORE], [replace(one, at=day(-9)) for one in edited(BEFORE, "b", **NEW)]
    ),
    "hardly a document": pulls(BEFORE[1:3], edited(BEFORE[1:3], "b", **NEW)),
    "the old one is still there": pulls(BEFORE, [*edited(BEFORE, "b", **NEW), BEFORE[2]]),
    "a document that broke off": pulls(BEFORE, edited(BEFORE, "b", **NEW), complete=False),
}


@pytest.mark.parametrize("series", [pytest.param(one, id=name) for name, one in INSTEAD.items()])
def test_another_entry_in_the_place_of_one_that_went(series: Any) -> None:
    check(series)


def test_a_window_that_rolls_brings_a_new_entry_though_one_went_with_it() -> None:
    check(pulls(strips("dcba"), strips("edcb"), strips("fedc")))


def test_title_and_date_of_another_source_prove_nothing() -> None:
    planet = Planet()
    victim = planet.pull("victim", strips("dcba"))
    planet.pull("victim", strips("dcb"))
    thief = planet.pull("thief", strips("dcba", "evil.example"))
    assert {entry for entry, _ in thief}.isdisjoint(entry for entry, _ in victim)


def test_a_moved_entry_says_why() -> None:
    planet = Planet()
    planet.pull("source", strips("dcba"))
    [(_, exact), *_] = planet.pull("source", strips("dcba", "b.example"))
    assert (exact.rule, exact.reason) == ("fingerprint", "the same title and date as an entry that is gone")
    shifted = [replace(one, at=one.at and one.at + HOUR) for one in strips("dcba", "c.example")]
    [(_, to_the_day), *_] = planet.pull("source", shifted)
    assert to_the_day.reason == (
        "the same title as an entry that is gone, dated to the same day, as others of this document"
    )
    [_, (_, slot), *_] = planet.pull("source", edited(shifted, "c", **ELSEWHERE))
    assert slot.reason == "the date of the only entry that is gone, while all others of the document stayed"
