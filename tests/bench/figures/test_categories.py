"""The cost of placing terms, as ratios: `make figures`. Nothing here asserts times."""

import gc
import random
import time
from collections.abc import Iterator, Sequence

import pytest

from aggregator.categories import Rule, Rules, Style, fold_term, place_terms
from aggregator.gc_tuning import collect_cycles_rarely
from aggregator.model.document import CategoryTerm

pytestmark = pytest.mark.bench

WORDS = "python Rust 新闻 Данные Machine-learning C++ éco Web 図書館 Ｌｉｎｕｘ data —".split()
RULES, TERMS, A_PATH = 2000, 100_000, 3
KINDS = {
    "exact": ["topic {n}"],
    "globs": ["topic {n}*", "*-{n}-*", "* no. {n}"],
    "re:": [r"re:^topics? {n}\b", r"re:\w+ #{n}$"],
    "mixed": [*["topic {n}"] * 7, "topic {n} *", "*-{n}-*", r"re:^topics? {n}\b"],
}


def aliases(patterns: Sequence[str]) -> tuple[Rule, ...]:
    written = (patterns[n % len(patterns)].format(n=n) for n in range(RULES))
    return tuple(Rule("alias", (one,), ("Topics", f"Topic {n}"), f"c:{n}") for n, one in enumerate(written))


def prefixes() -> tuple[Rule, ...]:
    """A third of them begin alike."""
    return tuple(
        Rule("alias", (f"top {n % 40}", f"topic {n}", "*" if n % 5 else "re:^new"), (f"Topic {n}",), prefix=True)
        for n in range(RULES)
    )


def arriving(seed: int) -> Iterator[CategoryTerm]:
    """All different; a third meets a rule."""
    chance = random.Random(seed)
    for n in range(TERMS):
        word = chance.choice(WORDS)
        some = chance.randrange(3 * RULES)
        shape = chance.choice(["Topic {some}", "{word}-{some}-{n}", "{word} #{some}", "{word} {n}", "topic {some} {n}"])
        yield CategoryTerm(shape.format(some=some, word=word, n=n) + " " * (n % 2), scheme=f"urn:{n}")


def entries(seed: int, size: int) -> list[list[CategoryTerm]]:
    terms = list(arriving(seed))
    return [terms[at : at + size] for at in range(0, TERMS, size)]


@pytest.fixture(autouse=True)
def _garbage_is_looked_for_as_the_command_does() -> Iterator[None]:
    usual = gc.get_threshold()
    collect_cycles_rarely()
    yield
    gc.set_threshold(*usual)


def cost(rules: Rules, work: list[list[CategoryTerm]], style: Style) -> float:
    fold_term.cache_clear()
    began = time.perf_counter()
    for terms in work:
        place_terms(terms, (), style, rules)
    return time.perf_counter() - began


@pytest.mark.parametrize("style", ["flat", "path"])
def test_terms_against_rules(style: Style) -> None:
    work = entries(7, 10 if style == "flat" else A_PATH)
    bare = cost(Rules(), work, style)
    print(f"\n{TERMS} terms, {style}, no rules                 {bare:6.2f} s", end="")
    for kind, patterns in KINDS.items():
        spent = cost(Rules(aliases(patterns)), work, style)
        print(f"\n{TERMS} terms, {style}, {RULES} rules, {kind:<8}     {spent:6.2f} s  {spent / bare:5.1f} : 1", end="")
    spent = cost(Rules((*prefixes(), *aliases(KINDS["mixed"]))), work, style)
    print(f"\n{TERMS} terms, {style}, {RULES} prefixes and mixed   {spent:6.2f} s  {spent / bare:5.1f} : 1", end="")


def test_rules_of_ten_thousand_sources() -> None:
    base = Rules(aliases(KINDS["mixed"]), (Rule("drop", ("uncategorized",)),))
    began = time.perf_counter()
    all_ = [
        base.of_source(
            (Rule("alias", (f"own {n}", "*x*"), ("Own",)),) if n % 3 == 0 else (), (), ours=False, separator=""
        )
        for n in range(10_000)
    ]
    made = time.perf_counter() - began
    for rules in all_:
        place_terms([CategoryTerm("topic 7"), CategoryTerm("own 9")], (), "flat", rules)
    print(
        f"\nrules of 10000 sources {made:6.2f} s, the first terms of each {time.perf_counter() - began - made:6.2f} s"
    )
