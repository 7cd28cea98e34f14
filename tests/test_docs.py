"""Links in the documentation lead somewhere, configs load, commands exist, and the reference is the program's."""

import os
import re
import shlex
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from aggregator.config import load_config
from tests.support import command_reference, config_reference, json_reference, paths
from tests.support.tutorial import blocks

PROJECT = paths.PROJECT
DOCS = PROJECT / "docs"
PAGES = [
    PROJECT / "README.md",
    PROJECT / "README.zh-CN.md",
    *sorted(PROJECT.glob("[AC]*.md")),
    *sorted(DOCS.rglob("*.md")),
]
GENERATED: dict[str, Callable[[], str]] = {  # path in docs/reference → text
    "config.md": config_reference.reference,
    "commands.md": command_reference.reference,
    "json.md": json_reference.reference,
}
SITE = "site: {title: Example, url: https://planet.example/, since: 2026-11-23}\n"
COMMAND = re.compile(r"^(?:[A-Z_]+=\S* )?aggregator (?!--)([^|>&\n]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(page: Path) -> str:
    return page.relative_to(PROJECT).as_posix()


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        if not link.startswith(("http://", "https://")):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            inside = DOCS if DOCS in page.parents else PROJECT
            assert target.is_relative_to(inside), f"{link} is no page of the site"
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", GENERATED)
def test_the_reference_is_what_the_program_says(page: str) -> None:
    """`UPDATE_DOCS=1 pytest tests/test_docs.py` writes it."""
    same_or_updated({page: GENERATED[page]()})


def test_the_schemas_are_those_of_the_documents() -> None:
    schemas = json_reference.schemas()
    same_or_updated({f"schemas/{name}": text for name, text in schemas.items()})
    assert {file.name for file in (DOCS / "reference" / "schemas").iterdir()} == set(schemas)


def same_or_updated(texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        file = DOCS / "reference" / path
        if os.environ.get("UPDATE_DOCS"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.read_text("utf-8") == text


def test_every_command_has_a_heading() -> None:
    headings = set(re.findall(r"^## (.+)$", command_reference.reference(), re.MULTILINE))
    groups = {name for name in command_reference.names() if any(one.startswith(f"{name} ") for one in headings)}
    assert set(command_reference.names()) - groups <= headings


def test_every_key_has_an_example_and_the_examples_are_a_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert config_reference.lacking() == []
    for name in re.findall(r"\$\{(\w+)\}", config_reference.EXAMPLES.read_text("utf-8")):
        monkeypatch.setenv(name, "secret-of-the-test")
    for folder in ("posts", "templates"):
        (tmp_path / folder).mkdir()
    shutil.copy(config_reference.EXAMPLES, tmp_path / "config.yaml")
    assert load_config(tmp_path / "config.yaml").site.title == "Example Planet"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_config_block_is_a_config(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that leaves out `site` is a part of one. A block with the title of another file is no config."""
    (tmp_path / "posts").mkdir()
    for block in blocks(page):
        if block.language == "yaml" and block.path in {"", "config.yaml"}:
            for name in re.findall(r"\$\{(\w+)\}", block.text):
                monkeypatch.setenv(name, "secret-of-the-test")
            site = "" if re.search("^site:", block.text, re.MULTILINE) else SITE
            (tmp_path / "config.yaml").write_text(site + block.text, "utf-8")
            load_config(tmp_path / "config.yaml")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_is_one(page: Path) -> None:
    """With options that it has, whether a test runs it or not."""
    for block in blocks(page):
        for line in COMMAND.findall(block.text) if block.language == "sh" else ():
            refuse_unknown(shlex.split(line, comments=True))


def refuse_unknown(words: list[str]) -> None:
    """`words`: a command line without the name of the program."""
    command = command_reference.root()
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    assert words or not getattr(command, "no_args_is_help", False), command.name
    known = {word for one in command.params for word in one.opts} | {"--help", "-h"}
    assert {word.partition("=")[0] for word in words if re.match("--?[a-z]", word)} <= known, words


@pytest.mark.parametrize("page", [page for page in PAGES if DOCS in page.parents], ids=name_of)
def test_pages_are_short(page: Path) -> None:
    assert page.name in GENERATED or len(page.read_text("utf-8").splitlines()) <= 250


def test_the_readme_is_short() -> None:
    assert len(PAGES[0].read_text("utf-8").splitlines()) < 150


def test_pictures_are_small() -> None:
    assert all(file.stat().st_size < 150_000 for file in (DOCS / "images").iterdir())


def test_the_site_shows_every_page() -> None:
    """A page that is not in `nav` of mkdocs.yml is found by nobody."""
    shown = set(re.findall(r"([\w/-]+\.md)$", (PROJECT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE))
    assert {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")} == shown
