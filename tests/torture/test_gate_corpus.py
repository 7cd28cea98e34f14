"""Test documents of other parsers, each published as a category of its own: validation finds nothing wrong."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from aggregator.render import FILES
from aggregator.validate import Checker
from tests.support import corpus
from tests.support.planet import NOON

pytestmark = pytest.mark.torture

SITE = "https://planet.example/"


def config(files: list[Path]) -> dict[str, object]:
    return {
        "site": {"title": "Corpus", "url": SITE, "since": "2026-11-23", "author": {"name": "Ann"}},
        "sources": [
            {"url": str(file), "id": f"source-{n}", "categories": [f"Corpus/{n}"]} for n, file in enumerate(files)
        ],
        "duplicates": {"across_sources": "off"},
        "feeds": {"limit": 200},
        "posts": [],
    }


@pytest.mark.skipif(not corpus.CASES.is_dir(), reason="the cases of other projects are not here")
def test_nothing_that_comes_in_goes_out_wrong(tmp_path: Path) -> None:
    files = sorted(file for folder in (corpus.CASES, corpus.FEEDS) for file in folder.rglob("*") if file.is_file())
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config(files), allow_unicode=True), encoding="utf-8")
    command = [sys.executable, "-m", "aggregator", "-c", str(tmp_path / "config.yaml"), "-q", "run"]
    done = subprocess.run(
        command, env=os.environ | {"AGGREGATOR_NOW": NOON.isoformat()}, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    checker, found, looked = Checker(), Counter[str](), 0
    for form, name in FILES.items():
        for file in (tmp_path / "feeds").glob(f"**/{name}"):
            path = file.relative_to(tmp_path / "feeds").as_posix()
            if "/" in path and not (path.startswith("health/") and form != "atom"):
                faults = checker.check(file.read_bytes(), form, SITE + path)
                assert [fault for fault in faults if fault.severity != "advice"] == [], path
                found.update(fault.rule for fault in faults)
                looked += 1
    assert looked > len(files)
    print(f"\n{len(files)} documents, {looked} files looked at; advice to their publishers: {dict(found)}", end="")
