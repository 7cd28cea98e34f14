"""Aliases added to config.yaml: they stand where a person would put them, and every other byte stays."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config import load_config
from aggregator.config.edit_aliases import EditError, scalar, with_aliases
from aggregator.config.save import read_config_text, save_config
from aggregator.config.yaml_lines import read_yaml
from aggregator.errors import ConfigError

SITE = "site: {title: Planet, url: https://planet.example/, since: 2026-11-23}\n"
NEW = {"AI": ["artificial intelligence", "a: b # c"], "Programming/Python": ["python3"]}

WHOLE = """\
# My planet.
site:   {title: Planet,  url: "https://planet.example/", since: 2026-11-23}   # do not touch

categories:
  # what people look for
  aliases:
    Programming/Python: [python, "py-*"]   # snakes
    Other:   ['x']

    # the end of the aliases
  # thrown away
  drop: [a,   b]
# how it is shown
feeds: {limit:   7}
"""
WHOLE_AFTER = """\
# My planet.
site:   {title: Planet,  url: "https://planet.example/", since: 2026-11-23}   # do not touch

categories:
  # what people look for
  aliases:
    Programming/Python: [python, "py-*", python3]   # snakes
    Other:   ['x']
    AI: [artificial intelligence, "a: b # c"]

    # the end of the aliases
  # thrown away
  drop: [a,   b]
# how it is shown
feeds: {limit:   7}
"""

SHAPES = {
    "no categories": (SITE, SITE + "\ncategories:\n  aliases:\n    AI: [ai]\n"),
    "no line end": ("site: {title: x}", "site: {title: x}\n\ncategories:\n  aliases:\n    AI: [ai]\n"),
    "empty categories": (
        "categories:   # later\n# tail\nfeeds: {}\n",
        "categories:   # later\n  aliases:\n    AI: [ai]\n# tail\nfeeds: {}\n",
    ),
    "no aliases": (
        "categories:\n    drop: [a,  b]   # out\n\n# next\nfeeds: {}\n",
        "categories:\n    drop: [a,  b]   # out\n    aliases:\n      AI: [ai]\n\n# next\nfeeds: {}\n",
    ),
    "empty aliases": (
        "categories:\n  aliases:   # none\n  drop: [a]\n",
        "categories:\n  aliases:   # none\n    AI: [ai]\n  drop: [a]\n",
    ),
    "aliases in braces": (
        "categories:\n  aliases: {}   # none\n",
        "categories:\n  aliases: {AI: [ai]}   # none\n",
    ),
    "all in braces": ("categories: {drop: [x]}  # c\n", "categories: {drop: [x], aliases: {AI: [ai]}}  # c\n"),
    "a list in brackets": (
        "categories:\n  aliases:\n    'AI':  [ 'a.i.' ]  # c\n",
        "categories:\n  aliases:\n    'AI':  [ 'a.i.', ai ]  # c\n",
    ),
    "an empty list": ("categories:\n  aliases:\n    AI: []\n", "categories:\n  aliases:\n    AI: [ai]\n"),
    "a list over lines": (
        "categories:\n  aliases:\n    AI: [\n      a.i.,   # dots\n    ]\n",
        "categories:\n  aliases:\n    AI: [\n      a.i., ai,   # dots\n    ]\n",
    ),
    "a list in lines": (
        "categories:\n  aliases:\n    AI:\n    - a.i.   # dots\n    # more?\n\nfeeds: {}\n",
        "categories:\n  aliases:\n    AI:\n    - a.i.   # dots\n    - ai\n    # more?\n\nfeeds: {}\n",
    ),
    "beside lists in lines": (
        "categories:\n  aliases:\n    ML:\n      - learning\n",
        "categories:\n  aliases:\n    ML:\n      - learning\n    AI:\n      - ai\n",
    ),
    "line ends of Windows": (
        "categories:\r\n  aliases:\r\n    ML: [x]\r\nfeeds: {}\r\n",
        "categories:\r\n  aliases:\r\n    ML: [x]\r\n    AI: [ai]\r\nfeeds: {}\r\n",
    ),
    "a byte order mark": (
        "\ufeffcategories:\n  aliases:\n    ML: [x]",
        "\ufeffcategories:\n  aliases:\n    ML: [x]\n    AI: [ai]\n",
    ),
}


def test_a_config_with_comments_keeps_every_other_byte() -> None:
    assert with_aliases(WHOLE, NEW) == WHOLE_AFTER


@pytest.mark.parametrize("shape", SHAPES)
def test_every_usual_shape(shape: str) -> None:
    before, after = SHAPES[shape]
    assert with_aliases(before, {"AI": ["ai"]}) == after


def test_a_category_is_added_after_a_list_over_lines_that_grows() -> None:
    """Both are inserted at the same place."""
    before = "categories:\n  aliases:\n    ML:\n      - learning   # l\n    # more\nfeeds:   {limit:   7}   # x\n"
    added = "      - ml\n    AI:\n      - ai\n"
    assert with_aliases(before, {"ML": ["ml"], "AI": ["ai"]}) == before.replace("    # more", f"{added}    # more")


def test_a_category_without_a_list_gets_one() -> None:
    before = "categories:\n  aliases:\n    AI:   # none\n    # more\nfeeds:   {limit:   7}   # x\n"
    assert with_aliases(before, {"AI": ["ai"]}) == before.replace("    # more", "      - ai\n    # more")


@pytest.mark.parametrize(
    "text",
    ['{"site": {"title": "x"}, "categories": {"aliases": {"ML": ["x"]}}}\n', "---\nsite: {}\n...\n", "  site: {}\n"],
)
def test_a_shape_without_a_place_for_insertion_is_rewritten(text: str) -> None:
    after = read_yaml(with_aliases(text, NEW)).data
    assert after["categories"]["aliases"]["AI"] == NEW["AI"]
    assert after["site"] == read_yaml(text).data["site"]


@pytest.mark.parametrize(
    "text",
    [
        "x: &a [ai]\ncategories:\n  aliases:\n    AI: *a\n",
        "base: &b {AI: [ai]}\ncategories:\n  aliases:\n    <<: *b\n    Z: [z]\n",
    ],
)
def test_values_shared_by_yaml_aliases_are_not_changed(text: str) -> None:
    with pytest.raises(EditError, match=r"categories\.aliases"):
        with_aliases(text, NEW)


LINE = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029\ufffe\uffff"), min_size=1
)


@given(LINE)
def test_any_term_comes_back_as_it_was_written(text: str) -> None:
    assert read_yaml(f"[{scalar(text)}]").data == [text]
    assert read_yaml(f"{scalar(text)[:1000]}: x").data == {text: "x"} or len(scalar(text)) > 1000
    assert read_yaml(f"- {scalar(text)}").data == [text]


@given(
    st.dictionaries(LINE, st.lists(LINE, min_size=1, max_size=4), min_size=1, max_size=4), st.sampled_from(list(SHAPES))
)
def test_additions_are_read_back_and_the_rest_is_unchanged(new: dict[str, list[str]], shape: str) -> None:
    before = SHAPES[shape][0]
    after = with_aliases(before, new)
    was = (read_yaml(before.removeprefix("\ufeff")).data or {}).get("categories") or {}
    aliases = read_yaml(after.removeprefix("\ufeff")).data["categories"]["aliases"]
    for target, patterns in new.items():
        assert aliases[target] == [*((was.get("aliases") or {}).get(target) or []), *patterns]
    assert set(aliases) == set(was.get("aliases") or {}) | set(new)


# on the disk


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(SITE)
    return file


def test_the_old_file_is_kept_in_a_folder_of_its_own(config: Path) -> None:
    config.chmod(0o640)
    copy = save_config(config, SITE, SITE + "feeds: {limit: 3}\n")
    assert copy.parent == config.parent / ".aggregator/backups"
    assert copy.read_text() == SITE
    assert load_config(config, {}).feeds.limit == 3
    assert stat.S_IMODE(config.stat().st_mode) == stat.S_IMODE(copy.stat().st_mode) == 0o640
    assert sorted(path.name for path in config.parent.iterdir()) == [".aggregator", "config.yaml"]


def test_the_target_of_a_link_is_replaced_and_the_link_stays(config: Path, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    real = config.rename(tmp_path / "real" / "planet.yaml")
    config.symlink_to(real)
    save_config(config, SITE, SITE + "feeds: {limit: 3}\n")
    assert config.is_symlink()
    assert real.read_text().endswith("feeds: {limit: 3}\n")
    assert sorted(path.name for path in real.parent.iterdir()) == ["planet.yaml"]


def test_an_invalid_text_replaces_nothing(config: Path) -> None:
    with pytest.raises(ConfigError, match=r"^config\.yaml:2: feeds\.limt: unknown key.*nothing is changed") as caught:
        save_config(config, SITE, SITE + "feeds: {limt: 3}\n")
    assert len(caught.value.findings) == 1
    assert config.read_text() == SITE
    assert list(config.parent.iterdir()) == [config]


def test_a_change_made_meanwhile_is_not_lost(config: Path) -> None:
    config.write_text(SITE + "output: out\n")
    with pytest.raises(ConfigError, match="another program"):
        save_config(config, SITE, SITE + "feeds: {limit: 3}\n")
    assert config.read_text() == SITE + "output: out\n"
    assert list(config.parent.iterdir()) == [config]


def test_a_config_that_is_not_utf8_is_refused(config: Path) -> None:
    config.write_bytes(b"site: {title: \xff}\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        read_config_text(config)
