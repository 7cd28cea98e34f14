"""Near-duplicates: similarity of texts, contradicting titles, boilerplate, and keys that miss no pair."""

import random
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.dedup import Matcher
from aggregator.dedup.across_sources import AcrossPolicy
from aggregator.dedup.candidates import Arriving, CandidateIndex, Known, Neighbor
from aggregator.dedup.copies import Copy
from aggregator.dedup.minhash import _shape, bands, find_boilerplate, own_text, passage_key, scheme
from aggregator.dedup.shingles import shingles
from aggregator.dedup.similarity import contradict, is_distinctive, like_titles, share_half, similarity, words_of_half
from tests.support.planet import NOON

WORDS = ["".join(letters) for letters in product("bdfklmnprst", "aeiou", "bdfklmnprst", "aeiou")]
DAY = timedelta(days=1)


def words(seed: object, count: int = 120) -> str:
    return " ".join(random.Random(str(seed)).choices(WORDS, k=count))


def altered(text: str, changes: int, seed: int = 0) -> str:
    """Some words replaced by others."""
    chance, parts = random.Random(seed), text.split()
    for place in chance.sample(range(len(parts)), changes):
        parts[place] = f"other{chr(97 + place % 26)}{chr(97 + place // 26)}"
    return " ".join(parts)


CONTRADICTIONS = [
    ("version 1.2 is out", "version 1.3 is out"),
    ("python 3.13.0rc1 is released", "python 3.13.0rc2 is released"),
    ("episode 12: the storm", "episode 13: the storm"),
    ("part i of the story", "part iii of the story"),
    ("notes, part one", "notes, part two"),
    ("第3集", "第4集"),
    ("第三集 归来", "第四集 归来"),
    ("故事 上", "故事 下"),
    ("verse of the day for monday", "verse of the day for tuesday"),
    ("weather in june", "weather in july"),
    ("group a results", "group b results"),
    ("2025 annual report", "2026 annual report"),
    ("red dog 1", "red cat 2"),
]
AGREEMENTS = [
    ("version 1.2 is out", "version 1.2 is out!"),
    ("第三集", "第3集"),
    ("three dead in a crash", "3 dead in a crash"),
    ("part ii", "part 2"),
    ("a new bridge is open", "the new bridge is open"),
    ("1,000 people came", "1000 people came"),
    ("weekly links", "weekly links #45"),
    ("apple sells 3 million phones", "google buys 4 firms"),
    ("", "part 2"),
    ("", ""),
]


@pytest.mark.parametrize(("one", "other"), CONTRADICTIONS)
def test_titles_of_one_series_contradict_each_other(one: str, other: str) -> None:
    assert contradict(one, other)
    assert contradict(other, one)


@pytest.mark.parametrize(("one", "other"), AGREEMENTS)
def test_equal_and_unrelated_titles_do_not_contradict(one: str, other: str) -> None:
    assert not contradict(one, other)
    assert not contradict(other, one)


@given(st.text(), st.text())
def test_contradiction_is_mutual_and_never_with_itself(one: str, other: str) -> None:
    assert contradict(one, other) == contradict(other, one)
    assert not contradict(one, one)


def test_half_of_the_words_is_enough_for_titles_that_are_alike() -> None:
    assert share_half("red dog", "red cat")
    assert not share_half("red dog runs", "red cat sits")
    assert not share_half("red dog", "red cat", {"red"})
    assert share_half("red dog barks", "red dog sits", {"red"})


def test_words_of_more_than_half_of_the_titles_are_repeated() -> None:
    assert words_of_half(["red dog", "red cat"]) == {"red"}
    assert words_of_half(["red dog", "red cat", "owl", "crow"]) == frozenset()
    assert words_of_half(["red red", "dog", "cat"]) == frozenset()


def test_similarity_ignores_line_breaks() -> None:
    text = words("layout")
    assert similarity(text, text.replace(" ", "\n")) == 1.0
    assert similarity("今天天气很好我们去公园" * 9, "今天天气很好 我们去公园\n" * 9) > 0.9
    assert like_titles("iphone 17: all we know", "iphone 17 - all we know", 0.85)


@pytest.mark.variants(quick=2)
@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.85, 0.95, 1.0])
def test_texts_at_the_threshold_share_a_key(threshold: float) -> None:
    """One in a thousand may be missed at the threshold itself; of 200 pairs above it none is."""
    missed, tried = 0, 0
    for seed in range(400):
        one = words(seed)
        other = altered(one, seed % 30, seed)
        if similarity(one, other) >= threshold:
            tried += 1
            missed += not set(bands(one, threshold)) & set(bands(other, threshold))
    assert tried > (10 if threshold == 1.0 else 20)
    assert missed == 0


def test_texts_that_have_little_in_common_share_no_key() -> None:
    keys = [set(bands(words(("apart", seed)), 0.85)) for seed in range(300)]
    assert len(set.union(*keys)) == sum(map(len, keys))


@pytest.mark.parametrize("text", [", " * 500, "```\n" * 500, "{{ }} " * 500])
def test_a_text_of_signs_alone_has_no_keys(text: str) -> None:
    assert bands(text, 0.85) == ()


def test_a_text_that_is_too_short_has_no_keys() -> None:
    assert bands(words("short", 39), 0.85) == ()
    assert bands(words("long", 40), 0.85)
    assert bands("好" * 79, 0.85) == ()
    assert bands("今天天气很好我们去公园" * 8, 0.85)


def test_the_scheme_names_all_that_keys_depend_on() -> None:
    assert scheme(0.85) != scheme(0.5)
    assert "rensa" in scheme(0.85)
    assert "seed" in scheme(0.85)


def test_boilerplate_is_what_half_of_the_newest_and_at_least_five_show() -> None:
    footer, rare = "read the rest on our site", "a word from our sponsor"
    texts = [f"{words(n, 20)}\n{footer}\n{rare if n < 4 else ''}" for n in range(9)]
    found = find_boilerplate(texts)
    assert own_text(texts[0], found) == f"{words(0, 20)}\n{rare}"
    assert own_text(texts[8], found).strip() == words(8, 20)
    assert find_boilerplate(texts[:4]) == frozenset()


@pytest.mark.parametrize(("count", "uses", "is_found"), [(9, 5, True), (8, 4, False), (20, 10, True), (20, 9, False)])
def test_half_and_five_are_enough_for_boilerplate(count: int, uses: int, *, is_found: bool) -> None:
    found = find_boilerplate("\n".join((f"entry {n}", "footer" if n < uses else "")) for n in range(count))
    assert found == (frozenset([passage_key("footer")]) if is_found else frozenset())


def test_boilerplate_is_looked_for_in_the_newest_twenty_alone() -> None:
    texts = [words(n, 20) for n in range(20)] + [f"{words(n, 20)}\nold footer" for n in range(100)]
    assert find_boilerplate(texts) == frozenset()


# the rule


def arriving(text: str, title: str = "a title", age: timedelta = timedelta(0)) -> Arriving:
    return Arriving("item", title=title, text=text, own_text=text, body="x", dated=NOON - age)


SEEN = Known(7, "other", 3, "item")


@dataclass(frozen=True)
class Other:
    """An entry of another source, as this text beside the arriving one makes it a neighbor."""

    text: str
    title: str = "a title"
    age: timedelta = timedelta(0)
    siblings: tuple[Known, ...] = ()
    seen: Known = SEEN

    def neighbor(self, one: Arriving) -> Neighbor:
        mine, theirs = Copy(one.title, one.own_text), Copy(self.title, self.text)
        return Neighbor(self.seen, mine, theirs, NOON - self.age, self.siblings)


def matcher(arrived: list[Arriving], *others: Other, across: AcrossPolicy = "near") -> Matcher:
    none = CandidateIndex()
    return Matcher(
        arrived,
        none,
        none,
        lambda _: "",
        neighbors_of=lambda one: [other.neighbor(one) for other in others],
        across_sources=across,
    )


def decided(one: Arriving, *others: Other, across: AcrossPolicy = "near") -> str:
    return matcher([one], *others, across=across).decide(one).rule


TEXT = words("the text", 240)
OWN_GONE, OWN_THERE = Known(8, "own", 3, "x", gone=True), Known(8, "own", 3, "x", upstream_id="another")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        pytest.param(arriving(TEXT), Other(TEXT), "near", id="the same text"),
        pytest.param(arriving(TEXT), Other(altered(TEXT, 4)), "near", id="four words differ"),
        pytest.param(arriving(TEXT), Other(altered(TEXT, 24)), "new", id="a tenth of the words differ"),
        pytest.param(arriving(TEXT, "b"), Other(TEXT, "quite another one"), "near", id="under another headline"),
        pytest.param(arriving(TEXT, "foo 1.2 is out"), Other(TEXT, "foo 1.3 is out"), "new", id="another version"),
        pytest.param(arriving(TEXT), Other(TEXT, age=14 * DAY), "near", id="at the end of the window"),
        pytest.param(arriving(TEXT), Other(TEXT, age=15 * DAY), "new", id="after the window"),
        pytest.param(arriving(TEXT, age=15 * DAY), Other(TEXT), "new", id="before the window"),
        pytest.param(arriving(TEXT), Other(TEXT, siblings=(OWN_THERE,)), "near", id="its own sibling is gone now"),
        pytest.param(arriving(TEXT), Other(TEXT, siblings=(OWN_GONE,)), "near", id="its own sibling was gone"),
    ],
)
def test_nearly_the_same_text_of_another_source_is_the_same_entry(one: Arriving, other: Other, rule: str) -> None:
    assert decided(one, other) == rule
    assert decided(one, other, across="link") == "new"


def test_two_entries_of_one_source_are_never_one() -> None:
    """Two entries of one source stay two, even where another source has a text like both."""
    one, two = arriving(TEXT), Arriving("another", title="b", text=TEXT, own_text=TEXT, body="x", dated=NOON)
    document = matcher([one, two], Other(TEXT))
    first = document.decide(one)
    assert first.joins
    document.merge(Known(9, "own", first.joins.entry_id, "item"))
    assert document.decide(two).rule == "new"


def test_the_most_similar_wins_and_of_equals_the_first_seen() -> None:
    one, near, same = arriving(TEXT), Other(altered(TEXT, 3)), Other(TEXT, seen=Known(9, "third", 5, "x"))
    decision = matcher([one], near, same).decide(one)
    assert (decision.joins and decision.joins.id, decision.score) == (9, 1.0)
    twins = [Other(TEXT, seen=Known(id_, "third", id_, "x")) for id_ in (9, 4)]
    joins = matcher([one], *twins).decide(one).joins
    assert joins
    assert joins.id == 4


@settings(max_examples=50)
@given(st.integers(0, 60), st.integers(0, 1000))
def test_the_exact_similarity_of_long_texts_decides(changes: int, seed: int) -> None:
    other = altered(TEXT, changes, seed)
    mine, theirs = shingles(TEXT), shingles(other)
    is_near = len(mine & theirs) / len(mine | theirs) >= 0.85
    assert (decided(arriving(TEXT), Other(other)) == "near") == is_near


@pytest.mark.parametrize(
    ("threshold", "shape"),
    [
        (0.99, (12, 7)), (0.95, (15, 6)), (0.85, (19, 4)), (0.7, (29, 3)), (0.5, (40, 2)), (0.467, (48, 2)),
        (0.464, (96, 1)), (0.3, (96, 1)),
    ],
)  # fmt: skip
def test_keys_have_the_shape_with_which_states_hold_them(threshold: float, shape: tuple[int, int]) -> None:
    """Bands and rows: of another shape, no stored key would be found again."""
    assert _shape(threshold) == shape


def test_keys_are_those_that_states_hold() -> None:
    english, chinese = bands(" ".join(WORDS[:40]), 0.85), bands("今天天气很好我们去公园" * 8, 0.85)
    assert len(english) == len(chinese) == 20
    assert (english[0], english[1], english[-1]) == (-9154749364978532759, -5503629812969956788, -4944504860628104396)
    assert (chinese[0], chinese[-1]) == (-1166974671628025741, -1012213570015768589)
    assert passage_key("read the rest on our site") == "f319b62f558f66da"


def test_an_excerpt_shares_the_key_of_the_first_words_with_the_whole() -> None:
    """Thirty words, or sixty characters where words have no spaces between them."""
    whole, other = words("whole", 200).split(), words("other", 200).split()
    for count, shared in ((30, True), (29, False)):
        assert (bands(" ".join(whole), 0.85)[-1] == bands(" ".join(whole[:count] + other), 0.85)[-1]) is shared
    text, tail = "".join(map(chr, range(0x4E00, 0x4E00 + 120))), "".join(map(chr, range(0x6E00, 0x6E00 + 120)))
    for count, shared in ((60, True), (59, False)):
        assert (bands(text, 0.85)[-1] == bands(text[:count] + tail, 0.85)[-1]) is shared


def test_a_text_of_six_words_identifies_an_entry_and_one_of_five_does_not() -> None:
    assert is_distinctive("six words are enough for this")
    assert not is_distinctive("and five words are not")
