"""categories, categories review, categories apply: as a user types them."""

import fcntl
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml

from tests.commands.test_cli import Done, aggregator, on_terminal, report
from tests.commands.test_source import backups

CONFIG = """\
# My planet.
site: {title: Planet, url: https://planet.example/, since: 2026-11-23}
posts: [{path: posts, category_style: flat}]   # mine
categories:
  aliases:
    Programming/Python: [py]   # snakes
  # nobody needs these
  drop: [Uncategorized]
"""
POST = "---\ntitle: {title}\ndate: 2026-11-{day:02}\ncategories: [{terms}]\n---\nWords of {title}.\n"
TERMS = [
    "Open Source, py",
    "open-source, Startup",
    "startups, LTS, Long-Term Support",
    "startups, 图片",
    "圖片",
    "Iran, Iraq",
]
TERMS += ["Uncategorized", '"a: b # \\"c\\"?", "a b # c?"']


def new_planet(folder: Path) -> Path:
    (folder / "config.yaml").write_text(CONFIG, encoding="utf-8")
    (folder / "posts").mkdir()
    for day, terms in enumerate(TERMS, 1):
        text = POST.format(title=f"Post {day}", day=day, terms=terms)
        (folder / f"posts/{day}.md").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return new_planet(tmp_path)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = new_planet(tmp_path_factory.mktemp("once"))
    assert aggregator(folder, "run").returncode == 0
    return folder


@pytest.fixture
def ran(once: Path, tmp_path: Path) -> Path:
    """A planet after its first run: a copy, which costs less than running."""
    return Path(shutil.copytree(once, tmp_path / "planet"))


def ids(folder: Path) -> list[str]:
    document = json.loads((folder / "feeds/all/feed.json").read_bytes())
    return [item["id"] for item in document["items"]]


# what arrives


def test_the_table_shows_where_each_term_goes_and_by_which_rule(ran: Path) -> None:
    lines = aggregator(ran, "categories").stdout.splitlines()
    assert lines[0].split() == ["entries", "term", "goes", "to", "by", "from", "such", "as"]
    assert re.fullmatch(r" +2 +startups +startups +keep config\.yaml\S* +posts +Post 4 *", lines[1])
    [py] = [line for line in lines if " py " in line]
    assert "Programming › Python" in py
    assert "alias config.yaml:6" in py
    [dropped] = [line for line in lines if "Uncategorized" in line]
    assert "nowhere" in dropped
    assert "drop config.yaml:8" in dropped


def test_json_has_the_promised_keys(ran: Path) -> None:
    document = report(aggregator(ran, "categories", "--json"))
    assert list(document) == ["terms"]
    rows = {row["term"]: row for row in document["terms"]}
    assert {"term", "sources", "count", "category", "rule", "examples"} <= rows["py"].keys()
    assert (rows["py"]["category"], rows["py"]["rule"]) == (["Programming", "Python"], "config.yaml:6")
    assert (rows["startups"]["count"], rows["startups"]["sources"]) == (2, ["posts"])
    assert rows["startups"]["examples"] == ["Post 4", "Post 3"]
    assert rows["Uncategorized"]["category"] is None
    counts = [row["count"] for row in document["terms"]]
    assert counts == sorted(counts, reverse=True)


def test_unmapped_are_those_that_no_rule_maps(ran: Path) -> None:
    terms = [row["term"] for row in report(aggregator(ran, "categories", "--unmapped", "--json"))["terms"]]
    assert "startups" in terms
    assert not {"py", "Uncategorized"} & set(terms)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(ran: Path, columns: int) -> None:
    from rich.cells import cell_len

    (ran / "posts/wide.md").write_text(POST.format(title="Wide", day=9, terms="图片" * 60), encoding="utf-8")
    aggregator(ran, "run")
    lines = on_terminal(ran, "categories", width=columns).stdout.splitlines()
    assert max(map(cell_len, lines)) <= columns
    assert columns == 40 or len(lines) == 16
    piped = aggregator(ran, "categories", COLUMNS=str(columns)).stdout
    assert "图片" * 60 in piped
    assert len(piped.splitlines()) == 16


@pytest.mark.torture
def test_a_long_list_is_cut_on_a_terminal_without_v(ran: Path) -> None:
    terms = ", ".join(f"Term {n}" for n in range(300))
    (ran / "posts/many.md").write_text(POST.format(title="Many", day=9, terms=terms))
    aggregator(ran, "run")
    assert "more; -v or --json shows all" in on_terminal(ran, "categories").stdout
    assert "more;" not in on_terminal(ran, "categories", "-v").stdout
    assert "more;" not in on_terminal(ran, "-v", "categories").stdout
    assert "more;" not in aggregator(ran, "categories").stdout


@pytest.mark.parametrize("words", [["categories"], ["categories", "--json"], ["categories", "review"]])
def test_without_a_state_the_command_is_refused(folder: Path, words: list[str]) -> None:
    done = aggregator(folder, *words)
    assert done.returncode == 2
    assert "there is no state" in done.stderr
    assert not (folder / ".aggregator").exists()


def test_nothing_arrived_yet(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "posts").mkdir()
    aggregator(tmp_path, "run")
    assert "no entry has a category term yet" in aggregator(tmp_path, "categories").stdout
    assert "every term is mapped" in aggregator(tmp_path, "categories", "--unmapped").stdout
    done = aggregator(tmp_path, "categories", "review")
    assert (done.returncode, yaml.safe_load(done.stdout)) == (0, {"proposals": []})


def test_all_of_it_works_beside_a_running_process(ran: Path) -> None:
    with (ran / ".aggregator/state.db.lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert aggregator(ran, "categories").returncode == 0
        assert aggregator(ran, "categories", "review", "--write", "review.yaml").returncode == 0
        assert aggregator(ran, "categories", "apply", "review.yaml").returncode == 0


# proposals


def test_review_prints_yaml_and_says_what_it_found(ran: Path) -> None:
    done = aggregator(ran, "categories", "review")
    assert done.returncode == 0
    assert done.stdout.startswith("# Terms that may be one category")
    found = {one["target"]: one for one in yaml.safe_load(done.stdout)["proposals"]}
    assert {target: one["accept"] for target, one in found.items()} == {
        "Startup": True,
        "Open Source": True,
        "图片": True,
        "a b # c?": True,
        "Long-Term Support": "?",
    }  # fmt: skip
    assert found["Startup"]["terms"] == [
        {"term": "startups", "count": 2, "sources": 1},
        {"term": "Startup", "count": 1, "sources": 1},
    ]
    assert found["Long-Term Support"]["examples"] == ["Post 3"]
    assert "5 proposals: 4 sure, 1 to decide" in done.stderr
    assert aggregator(ran, "categories", "review").stdout == done.stdout
    assert aggregator(ran, "-q", "categories", "review").stderr == ""


def test_review_as_json(ran: Path) -> None:
    document = report(aggregator(ran, "categories", "review", "--write", "review.yaml", "--json"))
    assert document["file"] == "review.yaml"
    assert document["proposals"][0].keys() == {"target", "accept", "terms", "evidence", "examples"}
    assert len(yaml.safe_load((ran / "review.yaml").read_text())["proposals"]) == len(document["proposals"])


def test_a_file_with_answers_is_never_overwritten(ran: Path) -> None:
    assert aggregator(ran, "categories", "review", "--write", "review.yaml").returncode == 0
    (ran / "review.yaml").write_text("answers")
    done = aggregator(ran, "categories", "review", "--write", "review.yaml")
    assert done.returncode == 2
    assert "may hold answers" in done.stderr
    assert (ran / "review.yaml").read_text() == "answers"
    assert aggregator(ran, "categories", "review", "--write", "none/review.yaml").returncode == 2


# at a terminal


def review_typing(folder: Path, typed: str) -> Done:
    return on_terminal(folder, "categories", "review", typed=typed)


def test_a_person_at_a_terminal_is_asked_about_each_proposal(ran: Path) -> None:
    done = review_typing(ran, "accept\nperhaps\ns\nq\n")
    assert (done.returncode, done.stdout.strip()) == (0, "")
    assert (
        "1/5  one category Startup?\n  startups  (2 entries, 1 source)\n  Startup  (1 entry, 1 source)\n" in done.stderr
    )
    assert "perhaps is no answer; type a, s, all or q" in done.stderr
    assert "3/5" in done.stderr
    assert "4/5" not in done.stderr
    assert "Startup: startups" in done.stderr
    text = (ran / "config.yaml").read_text(encoding="utf-8")
    assert text == CONFIG.replace("# snakes\n", "# snakes\n    Startup: [startups]\n")
    assert len(backups(ran)) == 1


def test_all_accepts_what_is_left_as_apply_does(ran: Path, tmp_path: Path) -> None:
    aggregator(ran, "categories", "review", "--write", "review.yaml")
    answered = (ran / "review.yaml").read_text(encoding="utf-8").replace('accept: "?"', "accept: yes")
    (ran / "review.yaml").write_text(answered.replace("accept: '?'", "accept: yes"), encoding="utf-8")
    assert review_typing(ran, "all\n").returncode == 0
    asked = (ran / "config.yaml").read_text(encoding="utf-8")
    (ran / "config.yaml").write_text(CONFIG, encoding="utf-8")
    aggregator(ran, "categories", "apply", "review.yaml")
    assert (ran / "config.yaml").read_text(encoding="utf-8") == asked != CONFIG


def test_the_default_answer_accepts_only_what_is_sure(ran: Path) -> None:
    assert review_typing(ran, "\n" * 5).returncode == 0
    text = (ran / "config.yaml").read_text(encoding="utf-8")
    assert "Startup: [startups]" in text
    assert "Long-Term" not in text


@pytest.mark.parametrize("typed", ["a\n", "q\n", "s\ns\ns\ns\ns\n"])
def test_nothing_is_changed_where_nothing_is_accepted_or_the_input_ends(ran: Path, typed: str) -> None:
    done = review_typing(ran, typed)
    assert done.returncode == (130 if typed == "a\n" else 0)
    assert (ran / "config.yaml").read_text(encoding="utf-8") == CONFIG
    assert backups(ran) == []


# answers


def test_what_is_accepted_makes_one_category_of_several_and_no_new_entry(ran: Path) -> None:
    before = ids(ran)
    aggregator(ran, "categories", "review", "--write", "review.yaml")
    done = aggregator(ran, "categories", "apply", "review.yaml")
    assert (done.returncode, done.stdout) == (0, "")
    assert "Startup: startups" in done.stderr
    assert "Long-Term Support: not answered yet" in done.stderr
    [copy] = backups(ran)
    assert f"{copy.relative_to(ran)} is a copy of the old one" in done.stderr
    assert copy.read_text(encoding="utf-8") == CONFIG
    assert (ran / "config.yaml").read_text(encoding="utf-8") == CONFIG.replace(
        "# snakes\n",
        "# snakes\n"
        "    Startup: [startups]\n"
        '    "a b # c?": ["re:^a: b # \\"c\\"\\\\?$"]\n'
        "    Open Source: [open-source]\n"
        "    图片: [圖片]\n",
    )
    assert aggregator(ran, "run").returncode == 0
    rows = {row["term"]: row["category"] for row in report(aggregator(ran, "categories", "--json"))["terms"]}
    assert rows["startups"] == rows["Startup"] == ["Startup"]
    assert rows["open-source"] == rows["Open Source"] == ["Open Source"]
    assert rows['a: b # "c"?'] == rows["a b # c?"] == ["a b # c?"]
    assert ids(ran) == before
    assert [one["target"] for one in report(aggregator(ran, "categories", "review", "--json"))["proposals"]] == [
        "Long-Term Support"
    ]


def test_applying_twice_says_that_it_is_done(ran: Path) -> None:
    aggregator(ran, "categories", "review", "--write", "review.yaml")
    aggregator(ran, "categories", "apply", "review.yaml")
    once = (ran / "config.yaml").read_bytes()
    document = report(aggregator(ran, "categories", "apply", "review.yaml", "--json"))
    assert document["added"] == []
    assert document["copy"] is None
    assert {one["reason"].partition(" (")[0] for one in document["left_out"]} == {
        "goes there already",
        "not answered yet",
    }
    assert "nothing to add" in aggregator(ran, "categories", "apply", "review.yaml").stderr
    assert (ran / "config.yaml").read_bytes() == once
    assert len(backups(ran)) == 1


def test_before_the_next_run_nothing_that_was_accepted_is_proposed_again(ran: Path) -> None:
    aggregator(ran, "categories", "review", "--write", "review.yaml")
    aggregator(ran, "categories", "apply", "review.yaml")
    assert len(report(aggregator(ran, "categories", "review", "--json"))["proposals"]) == 1


@pytest.mark.parametrize("text", ["proposals: [", "proposals:\n- {target: x, accept: perhaps, terms: [a]}\n", "x: 1\n"])
def test_a_file_with_mistakes_changes_nothing(ran: Path, text: str) -> None:
    (ran / "review.yaml").write_text(text)
    done = aggregator(ran, "categories", "apply", "review.yaml")
    assert done.returncode == 2
    assert done.stderr.startswith("review.yaml:")
    [problem] = report(aggregator(ran, "categories", "apply", "review.yaml", "--json"))["problems"]
    assert problem["where"].startswith("review.yaml:")
    assert (ran / "config.yaml").read_text(encoding="utf-8") == CONFIG
    assert not list(ran.glob("config.yaml.*"))


def test_aliases_that_nothing_can_be_added_to_end_with_2(ran: Path) -> None:
    text = CONFIG.replace(
        "    Programming/Python: [py]   # snakes\n", "    Programming/Python: &p [py]\n    Startup: *p\n"
    )
    (ran / "config.yaml").write_text(text, encoding="utf-8")
    aggregator(ran, "categories", "review", "--write", "review.yaml")
    done = aggregator(ran, "categories", "apply", "review.yaml")
    assert done.returncode == 2
    assert "categories.aliases" in done.stderr
    assert (ran / "config.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("words", [["review", "FILE"], ["apply"], ["aply", "x"], ["apply", "none.yaml"]])
def test_wrong_words_end_with_2(ran: Path, words: list[str]) -> None:
    done = aggregator(ran, "categories", *words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
