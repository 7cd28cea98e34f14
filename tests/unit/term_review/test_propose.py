"""Proposals out of what arrived, the file that a person answers, and the answers as aliases."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.app import App
from aggregator.categories import LONGEST, Rule, Rules, fold_term
from aggregator.config import load_config
from aggregator.config.review_file import Proposal, ProposedTerm, proposals_yaml, read_proposals
from aggregator.errors import ConfigError
from aggregator.model.document import CategoryTerm
from aggregator.term_review import Applied, ArrivingTerm, apply_review, arriving_terms, propose
from aggregator.term_review.apply import literal
from tests.support.merging import Merger, draft

SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
Arrive = Callable[..., Merger]


@pytest.fixture
def arrive(tmp_path: Path, blank_state: Path, request: pytest.FixtureRequest) -> Arrive:
    """A merged store; each keyword is a source, its value the terms of each of its entries."""

    def made(**sources: list[list[str]]) -> Merger:
        merger = Merger(tmp_path / "planet", blank_state, {id_: f"https://{id_}.example/" for id_ in sources})
        request.addfinalizer(merger.close)
        for id_, entries in sources.items():
            names = [f"{id_} {n}" for n in range(len(entries))]
            pairs = zip(names, entries, strict=True)
            merger.pull(id_, [draft(name, f"Words {name}", guid=name, terms=terms) for name, terms in pairs])
        merger.merge()
        return merger

    return made


def configured(merger: Merger, change: Callable[[str], str]) -> None:
    """The config as a person changes it, not yet run."""
    file = merger.app.config.root / "config.yaml"
    file.write_text(change(file.read_text()))
    merger.app = App(load_config(file, {}), merger.store, lambda: merger.now)


def groups(merger: Merger) -> dict[str, list[str]]:
    return {one.target: [term.term for term in one.terms] for one in propose(merger.app)}


def rows(merger: Merger, **options: bool) -> list[tuple[str, int, tuple[str, ...]]]:
    return [(one.term, one.count, one.sources) for one in arriving_terms(merger.app, **options)]


# what arrives


def test_spellings_are_one_term_the_most_frequent_is_shown(arrive: Arrive) -> None:
    merger = arrive(a=[["Python"], ["python"], ["python"]], b=[["PYTHON", "Rust"]])
    assert rows(merger) == [("python", 4, ("a", "b")), ("Rust", 1, ("b",))]
    [python, _] = arriving_terms(merger.app)
    assert python == ArrivingTerm("python", ("a", "b"), 4, ("Python",), "config.yaml", python.examples, "keep")
    assert len(python.examples) == 3


def test_a_term_that_goes_two_ways_has_a_row_for_each(arrive: Arrive) -> None:
    merger = arrive(a=[["News"]], b=[["News"]])
    configured(merger, lambda text: text.replace("id: b\n", "id: b\n  aliases: {Press: [news]}\n"))
    merger.pull("b", [draft("b 0", "Other words", guid="b 0", terms=["News"])])
    merger.merge()
    found = {(one.category, one.decider, one.sources) for one in arriving_terms(merger.app)}
    assert found == {(("News",), "keep", ("a",)), (("Press",), "alias", ("b",))}
    assert rows(merger, unmapped=True) == [("News", 1, ("a",))]


def test_what_is_dropped_goes_nowhere_by_a_rule(arrive: Arrive) -> None:
    merger = arrive(a=[["Uncategorized", "News"]])
    [dropped] = [one for one in arriving_terms(merger.app) if one.decider == "drop"]
    assert (dropped.term, dropped.category) == ("Uncategorized", None)
    assert rows(merger, unmapped=True) == [("News", 1, ("a",))]


def test_a_term_too_many_for_one_entry_counts_with_its_usual_way(arrive: Arrive) -> None:
    merger = arrive(a=[[f"Term {n}" for n in range(25)], ["Term 24"], ["Only"]])
    counts = {one.term: (one.count, one.decider) for one in arriving_terms(merger.app)}
    assert counts["Term 24"] == (2, "keep")
    assert counts["Term 23"] == (1, "most")


# proposals


def test_each_proposal_has_its_evidence_counts_and_examples(arrive: Arrive) -> None:
    merger = arrive(a=[["open source"], ["open source"]], b=[["open-source"], ["Art", "Arts"]])
    [one] = propose(merger.app)
    assert (one.target, one.accept) == ("open source", "yes")
    assert one.terms == (ProposedTerm("open source", 2, 1), ProposedTerm("open-source", 1, 1))
    assert one.evidence == ("`open source` and `open-source` differ only in signs and spaces",)
    assert set(one.examples) == {"a 1", "b 0", "a 0"}


def test_what_a_rule_maps_by_now_is_proposed_no_more(arrive: Arrive) -> None:
    merger = arrive(a=[["open source"], ["open-source"], ["startup"], ["startups"]])
    assert set(groups(merger)) == {"open source", "startup"}
    rules = 'categories: {aliases: {"Open Source": ["open-*", "open source"]}, drop: [startups]}\n'
    configured(merger, lambda text: text + rules)
    assert groups(merger) == {}


def test_a_category_of_the_config_is_the_target(arrive: Arrive) -> None:
    merger = arrive(a=[["python3"], ["Python"], ["Pythons"], ["artificial-intelligence"], ["Jobs"], ["job"]])
    aliases = "{Programming/Python: [py], AI: [artificial intelligence], Work/Jobs: [work]}"
    configured(merger, lambda text: f"{text}categories: {{aliases: {aliases}}}\n")
    assert groups(merger) == {
        "AI": ["artificial-intelligence"],
        "Programming/Python": ["Python", "python3", "Pythons"],
        "Work/Jobs": ["job", "Jobs"],
    }
    accepts = {one.target: one.accept for one in propose(merger.app)}
    assert accepts == {"AI": "yes", "Programming/Python": "?", "Work/Jobs": "?"}


def test_a_level_of_a_path_below_the_first_is_no_term_of_its_own(tmp_path: Path, blank_state: Path) -> None:
    """An alias would take the level out of its path."""
    with closing(Merger(tmp_path / "planet", blank_state, {"a": "https://a.example/"})) as merger:
        configured(merger, lambda text: text.replace("id: a\n", "id: a\n  category_style: path\n"))
        paths = [["图片", "Photo", "x"], ["圖片", "Photos"], ["Startup"], ["startups"], ["Root", "startups"]]
        merger.pull("a", [draft(f"{n}", f"Words {n}", guid=str(n), terms=path) for n, path in enumerate(paths)])
        merger.merge()
        assert groups(merger) == {"图片": ["图片", "圖片"]}
        assert ("图片 › Photo › x", 1, ("a",)) in rows(merger)


def test_no_two_terms_alike_and_no_terms_at_all(arrive: Arrive) -> None:
    assert groups(arrive(a=[["Iran"], ["Iraq"], []])) == {}


def test_the_same_state_gives_the_same_bytes(arrive: Arrive) -> None:
    merger = arrive(a=[["open source", "startup", "AI"], ["open-source", "startups"]], b=[["Startups", "A.I."]])
    texts = {proposals_yaml(propose(merger.app), "f.yaml") for _ in range(3)}
    assert len(texts) == 1
    assert texts.pop().startswith("# Terms that may be one category")


# the file

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufffe\uffff"), min_size=1
)
NAME = TEXT.filter(lambda text: bool(text.strip()))
PROPOSALS = st.builds(
    lambda target, names, accept, words: Proposal(target, tuple(map(ProposedTerm, names)), accept, tuple(words)),
    NAME,
    st.lists(NAME, min_size=1, max_size=3),
    st.sampled_from(["yes", "no", "?"]),
    st.lists(TEXT, max_size=2),
)


@given(st.lists(PROPOSALS, max_size=4))
def test_what_is_written_is_read_back(tmp_path_factory: pytest.TempPathFactory, proposals: list[Proposal]) -> None:
    file = tmp_path_factory.mktemp("review") / "review.yaml"
    file.write_text(proposals_yaml(proposals, "review.yaml"), encoding="utf-8", newline="\n")
    found, unknown = read_proposals(file)
    assert unknown == []
    assert [(one.target, one.accept, [term.term for term in one.terms]) for one in found] == [
        (one.target, one.accept, [term.term for term in one.terms]) for one in proposals
    ]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("proposals: [", r"review.yaml:2: not YAML"),
        ("- a\n", r"review.yaml:1: must hold `proposals:`"),
        ("", r"must hold `proposals:`"),
        ("proposals:\n  target: x\n", r"review.yaml:1: proposals: must be a list"),
        ("proposals:\n- x\n", r"review.yaml:2: proposals.0: must be a mapping"),
        ("proposals:\n- target: x\n  accept: yes\n", r"review.yaml:2: proposals.0.terms: is missing"),
        ("proposals:\n- terms: [a]\n  accept: yes\n", r"review.yaml:2: proposals.0.target: is missing"),
        ("proposals:\n- target: [x]\n  terms: [a]\n", r"review.yaml:2: proposals.0.target: is not text"),
        ("proposals:\n- target: x\n  terms: a\n", r"review.yaml:3: proposals.0.terms: must be a list"),
        ("proposals:\n- target: x\n  terms: [[a]]\n", r"review.yaml:3: proposals.0.terms.0: is not text"),
        ("proposals:\n- target: x\n  terms:\n  - {count: 1}\n", r"review.yaml:4: proposals.0.terms.0: is missing"),
        (
            "proposals:\n- target: x\n  accept: maybe\n  terms: [a]\n",
            r"review.yaml:3: .*`maybe`: must be yes, no or \?",
        ),
        ("proposals:\n- target: x\n  accept: [yes]\n  terms: [a]\n", r"review.yaml:3: .*must be yes, no or \?"),
        ("proposals:\n- target: x\n  target: y\n  terms: [a]\n", r"review.yaml:3: .*appears twice"),
        ("proposals:\n- target: A//B\n  terms: [a]\n", r"review.yaml:2: target: a level is empty"),
        ("proposals:\n- {target: x, terms: [a]}\n- {target: y, terms: [A]}\n", r"review.yaml:3: `A` is in .*line 2"),
        (
            "proposals:\n- {target: x, accept: yes, terms: [a]}\n- {target: y, accept: yes, terms: [X]}\n",
            r"review.yaml:3: `X` is the target .*line 2",
        ),
    ],
)
def test_what_is_wrong_in_it_is_said_with_its_line_and_nothing_changes(
    tmp_path: Path, text: str, complaint: str
) -> None:
    (tmp_path / "config.yaml").write_text(SITE)
    (tmp_path / "review.yaml").write_text(text)
    with pytest.raises(ConfigError, match=complaint) as caught:
        apply_review(tmp_path / "config.yaml", tmp_path / "review.yaml")
    assert caught.value.exit_status == 2
    assert (tmp_path / "config.yaml").read_text() == SITE
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_proposals(tmp_path / "none.yaml")
    (tmp_path / "review.yaml").write_bytes(b"proposals:\n- \xff\n")
    with pytest.raises(ConfigError, match=r"review\.yaml:2: is not UTF-8"):
        read_proposals(tmp_path / "review.yaml")


@pytest.mark.parametrize(
    ("written", "answer"),
    [("yes", "yes"), ("Yes", "yes"), ("true", "yes"), ('"yes"', "yes"), ("on", "yes"), ("no", "no"), ("False", "no"),
     ("?", "?"), ("'?'", "?"), ("?   # hm", "?"), ("", "?")],
)  # fmt: skip
def test_answers_as_people_and_programs_write_them(tmp_path: Path, written: str, answer: str) -> None:
    file = tmp_path / "review.yaml"
    file.write_text(f"proposals:\n- target: x\n  accept: {written}\n  terms: [a]\n")
    [proposal], _ = read_proposals(file)
    assert proposal.accept == answer
    file.write_text(f"proposals:\n- accept: {written}\n  target: x\n  terms: [a]\n")
    assert read_proposals(file)[0][0].accept == answer


# answers as aliases


def applied(folder: Path, config: str, *proposals: Proposal) -> Applied:
    (folder / "config.yaml").write_text(SITE + config, encoding="utf-8")
    (folder / "review.yaml").write_text(proposals_yaml(proposals, "review.yaml"), encoding="utf-8")
    return apply_review(folder / "config.yaml", folder / "review.yaml")


def proposal(target: str, *terms: str, accept: str = "yes") -> Proposal:
    return Proposal(target, tuple(map(ProposedTerm, terms)), accept)  # type: ignore[arg-type]


def aliases(folder: Path) -> dict[str, tuple[str | tuple[str, ...], ...]]:
    return load_config(folder / "config.yaml", {}).categories.aliases


def test_only_what_is_accepted_goes_in_and_the_target_is_no_alias_of_itself(tmp_path: Path) -> None:
    done = applied(
        tmp_path,
        "",
        proposal("Startup", "startups", "STARTUP", "Start-up"),
        proposal("AI", "ai", "artificial intelligence", accept="?"),
        proposal("News", "new", accept="no"),
    )
    assert aliases(tmp_path) == {"Startup": ("startups", "Start-up")}
    assert done.added == {"Startup": ("startups", "Start-up")}
    assert [(one.target, one.reason) for one in done.left_out] == [("AI", "not answered yet"), ("News", "answered no")]
    assert done.copy is not None
    assert done.copy.read_text() == SITE


def test_applying_twice_changes_nothing(tmp_path: Path) -> None:
    applied(tmp_path, "", proposal("Startup", "startups"))
    once = (tmp_path / "config.yaml").read_bytes()
    done = apply_review(tmp_path / "config.yaml", tmp_path / "review.yaml")
    assert (tmp_path / "config.yaml").read_bytes() == once
    assert (done.added, done.copy) == ({}, None)
    assert [one.reason for one in done.left_out] == ["goes there already (config.yaml:5)"]
    assert not (tmp_path / "config.yaml.2").exists()


def test_a_target_of_the_config_is_found_however_it_is_spelled(tmp_path: Path) -> None:
    applied(
        tmp_path, "categories: {aliases: {Programming / Python: [py]}}\n", proposal("programming/python", "python3")
    )
    assert aliases(tmp_path) == {"Programming / Python": ("py", "python3")}


def test_what_another_alias_takes_is_left_out(tmp_path: Path) -> None:
    done = applied(tmp_path, 'categories: {aliases: {Snakes: ["py*"]}}\n', proposal("Python", "python3"))
    assert [one.reason for one in done.left_out] == ["goes to Snakes already (config.yaml:2)"]


def test_an_edited_target_may_have_levels(tmp_path: Path) -> None:
    assert applied(tmp_path, "", proposal("Tech/AI", "AI", "A.I.")).added == {"Tech/AI": ("AI", "A.I.")}
    done = applied(tmp_path, "", proposal("TCP/IP", "TCP/IP", "tcpip"))
    assert done.added == {}
    assert "levels" in done.left_out[0].reason


def test_one_proposal_may_be_split_by_hand_into_two_of_one_target(tmp_path: Path) -> None:
    done = applied(tmp_path, "", proposal("AI", "a.i.", "a. i."), proposal("ai", "KI"))
    assert done.added == {"AI": ("a.i.", "a. i.", "KI")}


@pytest.mark.parametrize(
    ("term", "reason"),
    [("x" * 10_000, "longer than"), ("a\x07b", "control character"), ("—", "only characters that comparison ignores")],
)
def test_terms_that_no_alias_can_be(tmp_path: Path, term: str, reason: str) -> None:
    done = applied(tmp_path, "", proposal("Target", term, "fine"))
    assert done.added == {"Target": ("fine",)}
    assert reason in done.left_out[0].reason


@pytest.mark.parametrize("target", ["${HOME}", "x" * 300, "a\x07b"])
def test_targets_that_no_category_can_be(tmp_path: Path, target: str) -> None:
    done = applied(tmp_path, "", proposal(target, "fine"))
    assert done.added == {}
    assert done.left_out[0].reason.startswith("the target ")


def test_keys_that_mean_nothing_are_reported(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(SITE)
    (tmp_path / "review.yaml").write_text("proposals:\n- target: x\n  acept: yes\n  terms: [{term: a, mine: 1}]\n")
    done = apply_review(tmp_path / "config.yaml", tmp_path / "review.yaml")
    reasons = {one.line: one.reason for one in done.left_out if one.reason.startswith("unknown key")}
    assert reasons == {
        3: "unknown key `acept`; did you mean `accept`?",
        4: "unknown key `mine`",
    }


def test_what_would_contradict_another_rule_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^config\.yaml:\d+: .*nothing is changed"):
        applied(tmp_path, "categories: {drop: [Misc]}\n", proposal("Misc", "other"))
    assert (tmp_path / "config.yaml").read_text() == f"{SITE}categories: {{drop: [Misc]}}\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_config_that_is_broken_already_is_said_first(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:2: feeds\.limt"):
        applied(tmp_path, "feeds: {limt: 3}\n", proposal("A", "b"))


TERMS = [
    "What?",
    "C*",
    "[news]",
    "re: zero",
    "re:^.*$",
    "${HOME}",
    "a: b # c",
    'say "hi"',
    "it's",
    "a\\b",
    "x|y",
    "- x",
]
TERMS += [
    "null",
    "yes",
    "1.0",
    "{a}",
    "&a",
    "*a",
    "!x",
    "%x",
    "@x",
    "`x`",
    "#tag",
    "ﬁlm?",
    "STRASSE?",
    "a{2}",
    "$",
    "中*文",
]


def matched(pattern: str, term: str) -> bool:
    rules = Rules((Rule("alias", (pattern,), ("T",)),))
    return rules.place((CategoryTerm(term),))[1].decider == "alias"


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_matched_by_its_alias_and_nothing_else_is(tmp_path: Path, term: str) -> None:
    applied(tmp_path, "", proposal("Target", term))
    [pattern] = aliases(tmp_path)["Target"]
    assert isinstance(pattern, str)
    assert matched(pattern, term)
    for other in (
        f"{term}x",
        f"x{term}",
        term[:-1],
        term.replace("?", "y"),
        term.replace("*", "yy"),
        pattern,
        "re: one",
    ):
        assert matched(pattern, other) == (fold_term(other) == fold_term(term))


@given(TEXT.filter(lambda text: bool(fold_term(text)) and len(text) < LONGEST), TEXT)
def test_the_pattern_of_any_term_matches_it_alone(term: str, other: str) -> None:
    pattern = literal(" ".join(term.split()))
    assert matched(pattern, term)
    assert matched(pattern, other) == (fold_term(other) == fold_term(term))
