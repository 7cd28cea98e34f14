"""-c, -v, -q and --json stand before or after any command; commands in messages work from where the user stands."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from aggregator.cli.app import app
from aggregator.cli.examples import EXAMPLES
from aggregator.cli.global_options import Options
from tests.commands.test_cli import CONFIG, POST, aggregator, on_terminal, report


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    inner = getattr(command, "commands", {})
    if not inner or getattr(command, "invoke_without_command", False):
        yield path, command
    for word, one in inner.items():
        yield from leaves(one, (*path, word))


LEAVES = dict(leaves(get_command(app)))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder beside a planet in `planet/`."""
    planet = tmp_path / "planet"
    (planet / "posts").mkdir(parents=True)
    (planet / "config.yaml").write_text(CONFIG)
    (planet / "posts/a.md").write_text(POST.format(title="First"))
    return tmp_path


@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_takes_the_global_options_on_both_sides(path: tuple[str, ...]) -> None:
    words = {word for one in LEAVES[path].params for word in one.opts}
    assert {"-c", "--config", "-v", "--verbose", "-q", "--quiet", "--json"} <= words


GIVEN = ["-c", "planet/config.yaml"]
PLACES = {
    "before": [*GIVEN, "--json", "source", "list"],
    "between": ["source", *GIVEN, "--json", "list"],
    "after": ["source", "list", "--json", *GIVEN],
    "apart": ["--json", "source", "list", "--config=planet/config.yaml", "-vq"],
    "the last one counts": ["-c", "no.yaml", "source", "list", "--json", *GIVEN],
}


@pytest.mark.parametrize("place", PLACES)
def test_options_stand_anywhere(place: str, elsewhere: Path) -> None:
    done = aggregator(elsewhere, *PLACES[place])
    assert (done.returncode, done.stderr) == (0, "")
    assert [one["id"] for one in report(done)["sources"]] == ["posts"]


@pytest.mark.torture
@pytest.mark.parametrize("words", [["-q", "run"], ["run", "-q"]])
def test_quiet_and_verbose_stand_anywhere(words: list[str], elsewhere: Path) -> None:
    assert aggregator(elsewhere, *words, *GIVEN).stderr == ""
    for more in (["-v", "categories", *GIVEN], ["categories", "-v", *GIVEN]):
        assert aggregator(elsewhere, *more).returncode == 0


@pytest.mark.torture
def test_config_of_plan_is_another_one_and_c_its_own(elsewhere: Path) -> None:
    aggregator(elsewhere, "run", *GIVEN)
    (elsewhere / "planet/new.yaml").write_text(CONFIG + "feeds: {per_source: true}\n")
    for words in (
        ["plan", *GIVEN, "--config", "planet/new.yaml"],
        ["--config", "planet/config.yaml", "plan", "--config", "planet/new.yaml"],
    ):
        done = aggregator(elsewhere, *words, "--json")
        assert [one["id"] for one in report(done)["feeds"]] == ["source/posts"]


@pytest.mark.parametrize("words", [["serve", "--json"], ["--json", "serve"], ["daemon", "--json"]])
def test_a_command_without_json_says_so(words: list[str], elsewhere: Path) -> None:
    done = aggregator(elsewhere, *words, *GIVEN)
    assert done.returncode == 2
    assert "prints no JSON" in report(done)["problems"][0]["message"]


def test_a_value_that_looks_like_an_option_stays_a_value(elsewhere: Path) -> None:
    aggregator(elsewhere, "run", *GIVEN)
    done = aggregator(elsewhere, "explain", *GIVEN, "--", "-v")
    assert done.returncode == 2
    assert "No such option" not in done.stderr


# hints


def test_a_command_in_a_message_names_the_config_that_was_given(elsewhere: Path) -> None:
    for words in (["-c", "planet/config.yaml", "status"], ["status", "-c", "planet/config.yaml"]):
        assert "`aggregator -c planet/config.yaml run`" in aggregator(elsewhere, *words).stdout
    done = aggregator(elsewhere, "explain", "x", *GIVEN, "--json")
    assert "`aggregator -c planet/config.yaml run`" in report(done)["problems"][0]["message"]
    assert "`aggregator run`" in aggregator(elsewhere / "planet", "explain", "x").stderr


def test_a_config_with_a_blank_in_its_name_is_quoted(elsewhere: Path) -> None:
    (elsewhere / "planet").rename(elsewhere / "my planet")
    done = aggregator(elsewhere, "explain", "x", "-c", "my planet/config.yaml")
    assert "`aggregator -c 'my planet/config.yaml' run`" in done.stderr


@pytest.mark.torture
def test_a_hint_works_as_it_is_printed_however_the_program_was_started(elsewhere: Path) -> None:
    command = [sys.executable, "-m", "aggregator", "explain", "x", *GIVEN]
    environment = os.environ | {"PATH": "/usr/bin:/bin"}
    said = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False).stderr
    hint = said.split("`")[1]
    assert shlex.split(hint)[-3:] == ["-c", "planet/config.yaml", "run"]
    done = subprocess.run(hint, shell=True, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, (elsewhere / "planet/feeds/index.html").exists()) == (0, True)


# help


def test_help_is_in_sections_and_its_lines_are_lines(tmp_path: Path) -> None:
    done = aggregator(tmp_path, "help")
    assert done.stdout == aggregator(tmp_path, "--help").stdout
    for section in ("Begin", "Publish", "Ask", "Change", "Maintain", "Help", "Options of every command", "Examples"):
        assert f"\n{section}:\n" in done.stdout
    assert "Other commands" not in done.stdout
    bare = aggregator(tmp_path)
    assert (bare.returncode, "␊" in bare.stderr) == (2, False)
    assert "\nPublish:\n" in bare.stderr


@pytest.mark.variants(quick=8)
@pytest.mark.parametrize("path", LEAVES, ids=" ".join)
def test_every_command_has_two_examples_that_parse(path: tuple[str, ...], tmp_path: Path) -> None:
    examples = EXAMPLES[" ".join(path)]
    assert len(examples) == 2
    own = [words for words, _ in examples if f"aggregator {' '.join(path)}" in words.replace(" -c my/config.yaml", "")]
    assert own
    for words, meaning in examples:
        assert meaning
        parse(words)
    said = aggregator(tmp_path, "help", *path)
    assert said.stdout == aggregator(tmp_path, *path, "--help").stdout
    assert examples[0][0] in said.stdout


def parse(words: str) -> None:
    program, *rest = shlex.split(words.partition(" > ")[0])
    assert program == "aggregator"
    command: Any = get_command(app)
    parent = None
    while True:
        context = command.make_context(command.name or "x", list(rest), parent=parent, obj=Options())
        remaining = [*context._protected_args, *context.args]
        if not getattr(command, "commands", {}) or not remaining:
            assert not remaining
            return
        _, command, rest = command.resolve_command(context, remaining)
        parent = context


def test_help_fits_a_narrow_terminal(tmp_path: Path) -> None:
    lines = aggregator(tmp_path, "help", "status", COLUMNS="40").stdout.splitlines()
    assert max(map(len, lines)) <= 40


def test_help_of_what_is_none_names_the_nearest(tmp_path: Path) -> None:
    done = aggregator(tmp_path, "help", "source", "ad")
    assert (done.returncode, done.stderr) == (2, "there is no command `ad`; did you mean add?\n")


def test_wrong_words_name_the_help_of_their_command(tmp_path: Path) -> None:
    done = aggregator(tmp_path, "source", "move", "x", "-c", "y.yaml")
    assert done.stderr == "Missing argument 'URL'. `aggregator help source move` shows what it takes.\n"
    assert "`aggregator help` shows what it takes." in aggregator(tmp_path, "rnu").stderr


def test_version_is_a_command(tmp_path: Path) -> None:
    assert aggregator(tmp_path, "version").stdout == aggregator(tmp_path, "--version").stdout
    assert list(report(aggregator(tmp_path, "version", "--json"))) == ["version", "commit", "python"]


def test_options_of_the_last_run_do_not_stay(elsewhere: Path) -> None:
    aggregator(elsewhere, "status", *GIVEN)
    assert "`aggregator run`" in aggregator(elsewhere / "planet", "explain", "x").stderr
    assert json.loads(aggregator(elsewhere / "planet", "version", "--json").stdout)


def test_summaries_in_lists_of_commands_are_whole(elsewhere: Path) -> None:
    for group in ("", "source", "feed", "categories", "entry", "db"):
        listed = on_terminal(elsewhere, *group.split(), "--help", width=80).stdout.partition("\n\n")[2]
        assert "..." not in listed, group
