"""Links in the documentation lead somewhere, the README names every command, and docs/reference/config.md every key."""

import os
import re
from pathlib import Path

import pytest
from typer.main import get_command

from aggregator.cli.app import app
from tests.support import paths
from tests.support.config_reference import reference

PROJECT = paths.PROJECT
DOCS = PROJECT / "docs"
PAGES = [PROJECT / "README.md", *sorted(PROJECT.glob("[AC]*.md")), *sorted(DOCS.rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text("utf-8")):
        path, _, anchor = link.partition("#")
        if not link.startswith(("http://", "https://")):
            target = (page.parent / path).resolve() if path else page
            assert target.exists(), link
            inside = DOCS if DOCS in page.parents else PROJECT
            assert target.is_relative_to(inside), f"{link} is no page of the site"
            assert not anchor or anchor in anchors(target), link


def test_the_readme_names_every_command() -> None:
    known = set(getattr(get_command(app), "commands", {}))
    typed = set(re.findall(r"^aggregator ([a-z]+)", PAGES[0].read_text("utf-8"), re.MULTILINE))
    assert typed
    assert typed <= known
    assert {word for word in known if word not in typed} <= {"export", "version"}  # named in comments beside others


def test_the_reference_of_the_config_is_what_the_program_says() -> None:
    """`UPDATE_DOCS=1 pytest tests/test_docs.py` writes it."""
    file = DOCS / "reference" / "config.md"
    if os.environ.get("UPDATE_DOCS"):
        file.write_text(reference(), encoding="utf-8")
    assert file.read_text("utf-8") == reference()
