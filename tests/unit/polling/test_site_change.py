"""When a source is another site: a pure rule."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.polling.site_change import Evidence, SiteHistory, find_change, is_suspicious
from aggregator.polling.site_memory import MOST_SEEN, EntryTraits, Seen, Showing, SiteMemory
from tests.support.planet import NOON

DAY = timedelta(days=1)
KNOWN = [
    EntryTraits("blog.example", frozenset(["known.example"]), "Latin", frozenset(["notes"]), words)
    for words in [
        "compiler parser linter thread module package cache debugger profiler iterator",
        "compiler parser linter thread module package cache debugger generator decorator",
    ]
    * 5
]
WORDS = "claim your casino bonus today and win the jackpot with roulette blackjack slots poker deposit payout spins"
GERMAN = (
    "am wochenende habe ich mir die sache mit dem garten noch einmal angesehen und dabei sehr viel über ihn gelernt"
)
HONEST = KNOWN[0]
CASINO = EntryTraits(
    "blog.example",
    frozenset(["casino.example"]),
    "Latin",
    frozenset(["bonus"]),
    WORDS,
)
MEMORY = SiteMemory(NOON - 90 * DAY).after(Showing("alice writes code"), KNOWN, NOON - 30 * DAY)
SAME = Showing("alice writes code")
OTHER = Showing("best online casino")


def kinds(
    *new: EntryTraits, showing: Showing = SAME, memory: SiteMemory = MEMORY, shows_former: bool = False
) -> set[str]:
    history = SiteHistory(memory, NOON, showing, new, KNOWN)
    return {one.kind for one in find_change(history, lambda: shows_former)}


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    ("new", "found"),
    [
        pytest.param([CASINO] * 3, {"links", "words", "categories"}, id="three of three"),
        pytest.param([CASINO] * 2, set(), id="two are few"),
        pytest.param([HONEST, *[CASINO] * 3], {"links", "words", "categories"}, id="what came before says nothing"),
        pytest.param([CASINO, HONEST, CASINO, HONEST, CASINO], {"links", "words", "categories"}, id="half of them"),
        pytest.param([*[CASINO] * 3, *[HONEST] * 4], set(), id="fewer than half"),
        pytest.param([replace(CASINO, leads=frozenset(["known.example"]))] * 9, set(), id="no links to other sites"),
        pytest.param([replace(CASINO, terms=frozenset())] * 9, set(), id="one strong and one weak"),
        pytest.param(
            [replace(CASINO, terms=frozenset(), text=GERMAN)] * 3,
            {"links", "words", "language"},
            id="language",
        ),
        pytest.param([replace(CASINO, script="Cyrillic")] * 3, {"script", "links", "words", "categories"}, id="script"),
        pytest.param(
            [replace(CASINO, script="Cyrillic", leads=frozenset())] * 9, set(), id="another script is one evidence"
        ),
        pytest.param(
            [CASINO, CASINO, *[replace(CASINO, leads=frozenset(["known.example"]))] * 2, CASINO],
            set(),
            id="entries on the new subject that lead where others led",
        ),
        pytest.param([replace(CASINO, home="casino.example", leads=frozenset())] * 3, {"links", "words", "categories"}),
    ],
)
def test_what_new_entries_say(new: list[EntryTraits], found: set[str]) -> None:
    assert kinds(*new) == found


def test_what_the_feed_says_counts_unless_it_shows_its_former_entries() -> None:
    moved = replace(OTHER, domain="casino.example")
    assert kinds(*[HONEST] * 3, showing=moved) == {"title", "address"}
    assert kinds(*[HONEST] * 3, showing=moved, shows_former=True) == set()
    assert kinds(*[HONEST] * 2, showing=moved) == set()
    assert kinds(*[HONEST] * 3, showing=OTHER) == set()


@pytest.mark.parametrize("title", ["alice writes novels", "alice", "the blog", "", "writes – code"])
def test_titles_that_are_not_quite_others(title: str) -> None:
    assert not SiteHistory(MEMORY, NOON, Showing(title)).of_feed()


def test_a_title_that_was_there_before_the_week_is_known() -> None:
    flips = MEMORY.after(OTHER, [], NOON - 8 * DAY)
    assert not SiteHistory(flips, NOON, OTHER).of_feed()
    assert SiteHistory(MEMORY.after(OTHER, [], NOON - 6 * DAY), NOON, OTHER).of_feed() == [Evidence("title")]


def test_what_a_person_trusts_is_known() -> None:
    memory = replace(MEMORY.after(OTHER, [CASINO], NOON), since=NOON)
    assert kinds(*[replace(CASINO, text="")] * 5, showing=OTHER, memory=memory) == set()


def test_a_link_blog_leads_to_new_sites_each_time() -> None:
    """Only the same sites again and again are evidence there."""
    known = [replace(one, leads=frozenset([f"paper-{n}.example"])) for n, one in enumerate(KNOWN)]
    memory = MEMORY.after(SAME, known, NOON - 30 * DAY)
    articles = [replace(CASINO, leads=frozenset([f"other-{n}.example"])) for n in range(5)]
    assert not find_change(SiteHistory(memory, NOON, SAME, articles, known), lambda: False)
    assert find_change(SiteHistory(memory, NOON, SAME, [CASINO] * 5, known), lambda: False)


@pytest.mark.parametrize(("count", "is_other"), [(3, True), (4, False)])
def test_a_source_leads_out_by_habit_if_more_than_a_third_of_its_entries_did(count: int, is_other: bool) -> None:
    papers = [replace(HONEST, leads=frozenset([f"paper-{n}.example"])) for n in range(count)]
    known = [*KNOWN[: 9 - count], *papers]
    memory = MEMORY.after(SAME, known, NOON - 30 * DAY)
    articles = [replace(CASINO, leads=frozenset([f"other-{n}.example"])) for n in range(5)]
    assert bool(find_change(SiteHistory(memory, NOON, SAME, articles, known), lambda: False)) == is_other


@pytest.mark.parametrize(("foreign", "found"), [(3, set()), (4, {"links", "words", "categories"})])
def test_words_are_foreign_if_more_than_three_of_ten_are(foreign: int, found: set[str]) -> None:
    words = [*HONEST.text.split()[: 10 - foreign], *WORDS.split()[:foreign]]
    assert len(words) == 10
    assert kinds(*[replace(CASINO, text=" ".join(words))] * 3) == found


@pytest.mark.parametrize(("known", "found"), [(4, set()), (5, {"links", "words", "categories"})])
def test_no_word_is_foreign_to_a_source_that_said_little(known: int, found: set[str]) -> None:
    history = SiteHistory(MEMORY, NOON, SAME, [CASINO] * 3, KNOWN[:known])
    assert {one.kind for one in find_change(history, lambda: False)} == found


def test_without_a_script_there_is_no_other_script() -> None:
    unknown = SiteHistory(replace(MEMORY, scripts=Seen()), NOON, SAME)
    assert not unknown.is_in_another_script(replace(CASINO, script="Cyrillic"))
    known = SiteHistory(MEMORY, NOON, SAME)
    assert not known.is_in_another_script(replace(CASINO, script=""))
    assert known.is_in_another_script(replace(CASINO, script="Cyrillic"))


def test_it_names_how_many_entries_show_it() -> None:
    history = SiteHistory(MEMORY, NOON, OTHER, [HONEST, CASINO, CASINO, CASINO], KNOWN)
    assert find_change(history, lambda: False) == [
        Evidence("title"),
        Evidence("links", 3, 4),
        Evidence("words", 3, 4),
        Evidence("categories", 3, 4),
    ]


def test_other_entries_are_read_only_where_something_strong_is_new() -> None:
    assert not is_suspicious(SiteHistory(MEMORY, NOON, SAME, [HONEST, replace(HONEST, terms=CASINO.terms)]), least=1)
    assert is_suspicious(SiteHistory(MEMORY, NOON, SAME, [HONEST, CASINO]), least=1)
    assert not is_suspicious(SiteHistory(MEMORY, NOON, SAME, [CASINO, CASINO]))
    assert is_suspicious(SiteHistory(MEMORY, NOON, OTHER, [HONEST]))


# memory


def test_a_memory_keeps_when_something_was_seen_first() -> None:
    later = MEMORY.after(SAME, [CASINO, HONEST], NOON)
    assert later.leads.at["known.example"] == NOON - 30 * DAY
    assert later.leads.at["casino.example"] == NOON
    assert later.leads.until(NOON - DAY) == {"blog.example", "known.example"}


def test_a_memory_is_bounded() -> None:
    """A source that leads everywhere says nothing by one site more."""
    many = EntryTraits(leads=frozenset(f"{n}.example" for n in range(2 * MOST_SEEN)))
    memory = MEMORY.after(SAME, [many], NOON - 30 * DAY)
    assert len(memory.leads.at) == MOST_SEEN
    assert memory.leads.is_full
    assert not SiteHistory(memory, NOON, SAME).leads_away(CASINO)


NAMES = st.frozensets(st.sampled_from("one two three four five".split()))
TRAITS = st.builds(
    EntryTraits, leads=NAMES, terms=NAMES, text=st.text(max_size=9), script=st.sampled_from(["", "Latin", "Han"])
)


@pytest.mark.torture
@given(st.lists(TRAITS, max_size=12), st.lists(TRAITS, max_size=12))
def test_a_source_that_only_repeats_itself_is_the_same_site(known: list[EntryTraits], new: list[EntryTraits]) -> None:
    """Whatever it says: if it said all of it before the week, nothing is evidence."""
    memory = SiteMemory(NOON - 90 * DAY).after(SAME, [*known, *new], NOON - 30 * DAY)
    assert not find_change(SiteHistory(memory, NOON, SAME, new, known), lambda: False)


@given(st.lists(st.text(max_size=3), max_size=20), st.lists(st.text(max_size=3), max_size=20))
def test_seen_names_never_become_newer(first: list[str], then: list[str]) -> None:
    seen = Seen().more(first, NOON).more(then, NOON + DAY)
    assert seen.until(NOON) == set(first) - {""}
    assert seen.until(NOON + DAY) == {*first, *then} - {""}
