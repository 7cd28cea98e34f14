"""Which terms are one: what each kind of evidence groups, and above all what it keeps apart."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.categories import fold_term
from aggregator.categories.variants import Group, Usage, best_name, group_variants


def usage(name: str, *entries: int, source: str = "s", target: str = "") -> Usage:
    """By default it is on one entry of its own."""
    path = tuple(target.split("/")) if target else ()
    return Usage(fold_term(name), (name,), frozenset(entries or {abs(hash(name))}), frozenset({source}), path)


def groups(*usages: Usage | str) -> list[Group]:
    return group_variants(usage(one) if isinstance(one, str) else one for one in usages)


def kinds(*usages: Usage | str) -> set[str]:
    return {one.kind for group in groups(*usages) for one in group.evidence}


def many(name: str, count: int, source: str = "s") -> Usage:
    first = 1000 * len(name)
    return usage(name, *range(first, first + count), source=source)


# signs and spaces


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("machine learning", "machine-learning"),
        ("open source", "open_source"),
        ("Climate change", "climatechange"),
        ("Book Review", "BookReview"),
        ("how to", "HowTo"),
        ("Research & Development", "research and development"),
        ("Q&A", "q and a"),
        ("A.I.", "AI"),
        ("U.S. Congress", "US Congress"),
        ("U.S.A", "USA"),
        ("Node.js", "nodejs"),
        ("covid-19", "Covid 19"),
        ("covid19", "COVID-19"),
        ("CI/CD", "cicd"),
        ("Editors' Picks", "Editor's picks"),
        ("Yahoo!", "Yahoo"),
        ("Star Trek: Picard", "Star Trek Picard"),
        ("GPT-4.5", "gpt 4.5"),
        ("数折 - 推送", "数折推送"),
    ],
)
def test_signs_and_spaces_make_no_other_name(one: str, other: str) -> None:
    [group] = groups(one, other)
    assert group.sure
    assert [evidence.kind for evidence in group.evidence] == ["signs"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C", "C#"),
        ("C++", "C#"),
        (".NET", "net"),
        ("5.7", "57"),
        ("MySQL 5.7", "MySQL 57"),
        ("Part 1 2", "Part 12"),
        ("24/04", "24.04"),
        ("Google+", "Google"),
        ("$AAPL", "AAPL"),
        ("@home", "home"),
        ("Product, Engineering", "Product Engineering"),
        ("Politics/Economy", "Politics Economy"),
        ("R", "R."),
        ("!!!", "???"),
        ("...", "—"),
        ("🇮🇷 News", "🇮🇶 News"),
    ],
)
def test_signs_that_make_another_name(one: str, other: str) -> None:
    assert groups(one, other) == []


# plurals


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("startup", "Startups"),
        ("story", "stories"),
        ("movie", "movies"),
        ("Company", "companies"),
        ("church", "churches"),
        ("box set", "box sets"),
        ("class", "classes"),
        ("pass", "passes"),
        ("vaccine", "vaccines"),
        ("Documentary", "Documentaries"),
        ("woman", "women"),
        ("crisis", "crises"),
        ("SSD", "SSDs"),
        ("AI", "AIs"),
        ("API", "APIs"),
        ("comic", "comics"),
        ("hero", "heroes"),
        ("book-review", "Book Reviews"),
    ],
)
def test_a_plural_and_its_singular_are_one(one: str, other: str) -> None:
    [group] = groups(one, other)
    assert group.sure
    assert {evidence.kind for evidence in group.evidence} == {"plural"}


@pytest.mark.parametrize(("one", "other"), [("map", "maps"), ("bug", "Bugs"), ("dog", "dogs")])
def test_a_plural_of_three_letters_is_not_sure(one: str, other: str) -> None:
    [group] = groups(one, other)
    assert not group.sure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("new", "news"),
        ("World new", "World News"),
        ("physic", "physics"),
        ("economic", "economics"),
        ("politic", "politics"),
        ("art", "arts"),
        ("fine art", "fine arts"),
        ("time", "Times"),
        ("window", "Windows"),
        ("rail", "Rails"),
        ("panda", "pandas"),
        ("glass", "glasses"),
        ("good", "goods"),
        ("custom", "customs"),
        ("blue", "blues"),
        ("security", "securities"),
        ("business", "businesses"),
        ("serie", "series"),
        ("C", "Cs"),
        ("C#", "C#s"),
        ("c", "cs"),
        ("AW", "AWS"),
        ("CS", "CSS"),
        ("http", "https"),
        ("io", "iOS"),
        ("cor", "CORS"),
        ("GAS", "ga"),
        ("MAP", "maps"),
        ("mars", "mar"),
        ("William", "Williams"),
        ("proces", "process"),
        ("women", "women's"),
        ("Python", "Pythonista"),
        ("Java", "JavaScript"),
        ("2025", "2025s"),
        ("ник", "никs"),
    ],
)
def test_words_with_an_s_and_another_meaning(one: str, other: str) -> None:
    assert groups(one, other) == []


# scripts and alphabets


@pytest.mark.parametrize(("one", "other"), [("图片", "圖片"), ("主题", "主題"), ("声优活动", "聲優活動")])
def test_simplified_and_traditional_characters_are_one(one: str, other: str) -> None:
    [group] = groups(one, other)
    assert group.sure
    assert [evidence.kind for evidence in group.evidence] == ["script"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("Čeština", "cestina"), ("México", "Mexico"), ("Новости", "novosti"), ("中国历史", "zhongguo lishi")],
)
def test_a_name_in_ascii_letters_is_not_sure(one: str, other: str) -> None:
    [group] = groups(one, other)
    assert not group.sure
    assert {evidence.kind for evidence in group.evidence} == {"letters"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("形势", "形式"),  # sound alike
        ("事实", "时事"),
        ("面", "麵"),  # one character says too little
        ("嫦娥", "change"),
        ("人", "ren"),
        ("má", "mà"),
        ("año", "ano"),
        ("新闻", "新闻联播"),
        ("図書", "图片"),
        ("كتاب", "كاتب"),
    ],
)
def test_scripts_that_only_look_or_sound_alike(one: str, other: str) -> None:
    assert groups(one, other) == []


def test_a_long_name_is_not_compared_by_its_cut_slug() -> None:
    assert groups("Č" + "a" * 80 + "b", "c" + "a" * 80 + "c") == []


# short forms


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("AI", "Artificial Intelligence"),
        ("k8s", "Kubernetes"),
        ("TV", "Television"),
        ("A.I.", "artificial-intelligence"),
    ],
)
def test_well_known_short_forms(short: str, long: str) -> None:
    [group] = groups(short, long)
    assert not group.sure
    assert "short" in {evidence.kind for evidence in group.evidence}


def test_initials_need_the_same_entries() -> None:
    assert groups(usage("LTS", 1), usage("Long-Term Support", 2)) == []
    assert kinds(usage("LTS", 1), usage("Long-Term Support", 1)) == {"short"}
    assert kinds(usage("mcp", 1), usage("model-context-protocol", 1)) == {"short"}
    assert groups(usage("LTS", 1, 2, 3, 4, 5), usage("Long-Term Support", 5, 6, 7, 8, 9)) == []


@pytest.mark.parametrize(
    ("short", "long"),
    [("pi", "Public Interest"), ("it", "Information Technology"), ("me", "Middle East"), ("at", "Art")],
)
def test_one_entry_does_not_make_a_word_initials(short: str, long: str) -> None:
    assert groups(usage(short, 1), usage(long, 1)) == []


def test_longer_initials_may_be_used_by_one_source() -> None:
    assert kinds(usage("NASA", 1), usage("National Aeronautics and Space Administration", 2)) == {"short"}
    far = usage("National Aeronautics and Space Administration", 2, source="other")
    assert groups(usage("NASA", 1), far) == []


def test_a_term_that_names_both() -> None:
    [group] = groups("Machine Vision (MV)", "Machine Vision", "MV")
    assert len(group.usages) == 3
    assert groups("Python (Monty)", "Python") == []


def test_of_two_equally_likely_long_forms_none_is_chosen() -> None:
    assert groups(usage("ABC", 1), usage("Another Big Cat", 1), usage("All Better Cars", 1)) == []
    [group] = groups(usage("ABC", 1, 2), usage("Another Big Cat", 1, 2), usage("All Better Cars", 1))
    assert {one.key for one in group.usages} == {"abc", "another big cat"}


@pytest.mark.parametrize(("short", "long"), [("i18n", "internationalization"), ("a16z", "andreessenhorowitz")])
def test_counted_letters(short: str, long: str) -> None:
    assert kinds(short, long) == {"short"}


@pytest.mark.parametrize(("short", "long"), [("b2b", "bulb"), ("h2o", "hero"), ("n8n", "nomination"), ("w3c", "wxyzc")])
def test_counted_letters_that_are_a_name(short: str, long: str) -> None:
    assert groups(short, long) == []


# typos


@pytest.mark.parametrize(
    ("rare", "frequent"),
    [
        ("Kubernets", "Kubernetes"),
        ("Self Awarness", "Self Awareness"),
        ("Artifical Intelligence", "Artificial Intelligence"),
    ],
)
def test_a_typo_in_a_long_word(rare: str, frequent: str) -> None:
    [group] = groups(many(frequent, 9), usage(rare, 1, source="other"))
    assert not group.sure
    assert [evidence.kind for evidence in group.evidence] == ["slip"]


def test_a_typo_in_a_shorter_word_needs_a_source_that_uses_both() -> None:
    assert kinds(many("culture", 9), usage("cultue", 1)) == {"slip"}
    assert groups(many("culture", 9), usage("cultue", 1, source="other")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iran", "Iraq"),
        ("2025", "2026"),
        ("Part 1", "Part 2"),
        ("Windows 10", "Windows 11"),
        ("Java", "JavaScript"),
        ("art", "arts"),
        ("Austria", "Australia"),
        ("Slovakia", "Slovenia"),
        ("country", "county"),
        ("election", "electron"),
        ("mediation", "meditation"),
        ("immigration", "emigration"),
        ("astronomy", "gastronomy"),
        ("evolution", "revolution"),
        ("journalism", "journalist"),
        ("genetics", "genetic"),
        ("converted", "converter"),
        ("covid-19", "covid-18"),
        ("log4jshell", "log5jshell"),
        ("Donald Trump", "US politics"),
        ("Geschichte", "Geschichten erzählen"),
    ],
)
def test_similar_words_with_another_meaning(one: str, other: str) -> None:
    assert groups(many(one, 9), usage(other, 1)) == []
    assert groups(many(other, 9), usage(one, 1)) == []


def test_a_frequent_word_or_one_on_the_same_entry_is_no_typo() -> None:
    assert groups(many("Kubernetes", 9), usage("Kubernets", 1, 2, 3, 4)) == []
    assert groups(usage("Kubernetes", *range(9)), usage("Kubernets", 1)) == []
    assert groups(many("Kubernetes", 2), usage("Kubernets", 1)) == []


def test_terms_that_only_occur_together_are_not_one() -> None:
    together = range(50)
    assert groups(usage("Donald Trump", *together), usage("US politics", *together)) == []


# what the config names


def test_a_name_that_the_config_already_sends_deeper() -> None:
    [group] = groups(usage("Python", 1, target="Programming/Python"))
    assert not group.sure
    assert [evidence.kind for evidence in group.evidence] == ["name"]
    assert groups(usage("Python", 1, target="Python")) == []


def test_a_version_of_a_category_of_the_config() -> None:
    python = Usage("python", ("Python",), target=("Programming", "Python"))
    assert kinds(python, "python3") == {"version"}
    assert kinds(python, "Python 3.14") == {"version"}
    assert groups("python", "python3") == []
    assert groups(python, "python2025") == []
    assert groups(Usage("web", ("Web",), target=("Web",)), "web3") == []


# groups


def test_a_group_is_as_sure_as_its_weakest_evidence() -> None:
    [group] = groups(many("AI", 9), "AIs", "A.I.", "artificial intelligence", "Artificial-Intelligence")
    assert len(group.usages) == 5
    assert group.usages[0].key == "ai"
    assert not group.sure
    [sure] = groups("Start-up", "startups", "Startup")
    assert sure.sure


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["open-source", "Open Source"], "Open Source"),
        (["machine-learning", "machine learning"], "machine learning"),
        (["llm", "LLM", "Large Language Model"], "LLM"),
        (["#Python", "python"], "Python"),
        (["TCP/IP", "tcpip"], "tcpip"),
        (["TECHNOLOGY", "Technology"], "Technology"),
        (["try", "tries"], "try"),
        (["a/b"], ""),
        (["圖片", "图片"], "图片"),
    ],
)
def test_the_spelling_that_is_shown(names: list[str], best: str) -> None:
    counted = {name: tuple(range(100 - i)) for i, name in enumerate(sorted(names, key=lambda one: one != best))}
    if best in names:
        assert best_name([usage(name, 1) for name in names]) == best
    assert best_name([usage(name, *counted[name]) for name in names]) == best


WORDS = st.sampled_from(
    "art arts startup Startups start-up AI A.I. AIs LTS Long Term Support 图片 圖片 Čeština cestina news new C C#"
    " C++ map maps Kubernetes Kubernets k8s how to HowTo".split()
)
USAGES = st.builds(
    lambda words, entries, sources: (" ".join(words), frozenset(entries), frozenset(sources)),
    st.lists(WORDS, min_size=1, max_size=3),
    st.sets(st.integers(0, 12), max_size=8),
    st.sets(st.sampled_from("ab"), min_size=1),
)


@pytest.mark.torture
@given(st.lists(USAGES, max_size=25), st.randoms(use_true_random=False))
def test_groups_are_disjoint_and_do_not_depend_on_the_order_of_terms(
    made: list[tuple[str, frozenset[int], frozenset[str]]], choice: random.Random
) -> None:
    by_key = {fold_term(name): Usage(fold_term(name), (name,), entries, sources) for name, entries, sources in made}
    usages = list(by_key.values())
    found = group_variants(usages)
    keys = [one.key for group in found for one in group.usages]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {one.key for one in usages}
    assert all({end for one in group.evidence for end in (one.one, one.other)} <= {u.key for u in group.usages}
               for group in found)  # fmt: skip
    choice.shuffle(usages)
    assert group_variants(usages) == found


@given(st.lists(st.text(max_size=30), max_size=12, unique_by=fold_term))
def test_any_text_is_accepted(names: list[str]) -> None:
    group_variants(usage(name) for name in names)
