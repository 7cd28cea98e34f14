"""Planets in folders, for the program as a command."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tests.bench.measure import Spent, spent

START = datetime.fromisoformat("2026-11-23T12:00:00+00:00")


@dataclass
class Folder:
    """A config and all that the program keeps beside it."""

    root: Path

    def configure(self, urls: Sequence[str] = (), **sections: Any) -> "Folder":
        config: dict[str, Any] = {
            "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
            "fetch": {"gap": "0s", "per_host": 64, "allow_networks": ["127.0.0.0/8"]},
            "sources": [{"id": f"source-{n}", "url": url} for n, url in enumerate(urls)],
        }
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "config.yaml").write_text(yaml.safe_dump(config | sections, sort_keys=False), encoding="utf-8")
        return self

    def run(self, after: timedelta = timedelta(0), *words: str) -> Spent:
        """`aggregator run` at START and `after`, as a whole process."""
        command = [sys.executable, "-m", "aggregator", "-q", "-c", str(self.root / "config.yaml"), "run", *words]
        return spent(command, os.environ | {"AGGREGATOR_NOW": (START + after).isoformat()})

    def weight(self) -> int:
        return sum(file.stat().st_size for file in (self.root / "feeds").rglob("*") if file.is_file())
