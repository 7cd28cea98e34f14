"""Barriers for people on a page, as axe-core finds them.

Its axe.min.js is where AXE says, or where `npm install --no-save axe-core` put it; without it, tests skip.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import paths
from tests.support.chromium import Page

AXE = Path(os.environ.get("AXE") or paths.PROJECT / "node_modules" / "axe-core" / "axe.min.js")
OPEN_ALL = "for (const one of document.querySelectorAll('details')) one.open = true"
RUN = "axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"


def barriers(page: Page) -> list[tuple[str, str, list[str]]]:
    """(impact, rule, elements) of what is serious or critical, with everything unfolded."""
    if not AXE.is_file():
        pytest.skip(f"no axe-core at {AXE}; `npm install --no-save axe-core`, or name axe.min.js in AXE")
    page.value(OPEN_ALL)
    page.value(AXE.read_text("utf-8") + ";0")
    report = page.value(RUN)
    assert report["passes"]
    return [_shown(found) for found in report["violations"] if found["impact"] in {"serious", "critical"}]


def _shown(found: Any) -> tuple[str, str, list[str]]:
    return found["impact"], found["id"], [node["html"][:120] for node in found["nodes"]]
