"""The table of the benchmark: its rows, their marks, what was measured, and `results.json`."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from tests.bench.measure import Spent

RESULTS = Path(__file__).with_name("results.json")


@dataclass(frozen=True, slots=True)
class Row:
    """`mark` and `stretch`: what is aimed at, None for a row that only informs. `more`: the larger the better.
    `unit`: of `mark`; "" for a ratio of processor time, "wall" for one of time by the clock."""

    key: str
    title: str
    peer: str
    mark: float | None = None
    stretch: float | None = None
    unit: Literal["", "wall", "s", "bytes", "rate"] = ""
    more: bool = False


ROWS = {
    row.key: row
    for row in (
        Row("cold", "200 feeds × 30 entries, cold: pull and publish", "reader, update alone", 1.0, 0.75, "wall"),
        Row("cold_loop", "the same", "feedparser and feedgen in a loop"),
        Row("cold_sfeed", "the same", "sfeed_update"),
        Row("news", "200 feeds, each with 1 new entry of 30", "reader", 0.5, 0.3, "wall"),
        Row("not_modified", "1,000 feeds answer 304, beyond a run that asks none", "reader", 0.35, 0.25),
        Row("not_modified_bare", "the same", "aiohttp, requests alone"),
        Row("regenerate", "500 feeds × 50 entries published again, Atom and RSS", "feedgen in a loop", 0.35, 0.2),
        Row("one_changed", "1 changed entry among these feeds", "regenerating all of them", 0.02, 0.01),
        Row("one_changed_rows", "the same", "publishing all of them, entries as they were"),
        Row("posts", "3,000 posts, cold: read and publish", "python-frontmatter and nh3 in a loop", 8, 4, "wall"),
        Row("posts_unchanged", "100,000 unchanged posts looked at", "os.scandir and stat", 1.5, 1.2),
        Row("idle", "run, nothing due, 1,000 sources", "", 0.5, 0.35, "s"),
        Row("merge", "merging the same news into 1,000,000 entries", "into 10,000 entries", 1.5, 1.1),
        Row("bytes", "the tree of 1,500 posts of 3.2 kB, five categories", "the posts", 9, 6, "bytes"),
        Row("serve_304", "answers of 304 in a second of a core", "nginx", 0.25, 0.4, "rate", more=True),
        Row("serve_200", "answers of 200 in a second of a core", "nginx", 0.36, 0.4, "rate", more=True),
        Row("real", "a corpus of real feeds, cold: pull and publish", "reader, update alone"),
    )
}


@dataclass(frozen=True, slots=True)
class Result:
    """`ours` and `peer` in seconds (`rate`: answers in a second, `bytes`: bytes); `other`: the ratio by the clock where
    the row is one of processor time, and the other way round."""

    value: float
    ours: float
    peer: float | None = None
    other: float | None = None


@dataclass
class Table:
    """`skipped`: why a row was not measured; `budget`: step → ms of processor time for one entry."""

    results: dict[str, Result] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    budget: dict[str, float] = field(default_factory=dict)

    @property
    def has_figures(self) -> bool:
        return bool(self.results or self.budget)

    def compare(self, key: str, ours: list[Spent], peer: list[Spent]) -> None:
        """Adds the median of the ratios of pairs."""
        pairs = list(zip(ours, peer, strict=True))
        wall, cpu = _middle(o.wall / p.wall for o, p in pairs), _middle(o.cpu / p.cpu for o, p in pairs)
        if ROWS[key].unit == "wall":
            result = Result(wall, _middle(o.wall for o in ours), _middle(p.wall for p in peer), cpu)
        else:
            result = Result(cpu, _middle(o.cpu for o in ours), _middle(p.cpu for p in peer), wall)
        self.results[key] = result

    def compare_rates(self, key: str, ours: list[Spent], peer: list[Spent]) -> None:
        """`ours` and `peer`: seconds for one answer."""
        pairs = list(zip(ours, peer, strict=True))
        rate, beside = (_middle(1 / one.cpu for one in some) for some in (ours, peer))
        wall = _middle(p.wall / o.wall for o, p in pairs)
        self.results[key] = Result(_middle(p.cpu / o.cpu for o, p in pairs), rate, beside, wall)

    def lines(self) -> list[str]:
        head = ("row", "ours", "peer", "value", "mark", "stretch", "", "what, beside which peer")
        rows = [self._cells(row) for row in ROWS.values() if row.key in self.results]
        widths = [max(len(cells[n]) for cells in (head, *rows)) for n in range(len(head))]
        lines = ["  ".join(map(str.ljust, cells, widths)) for cells in (head, *rows)]
        lines.insert(0, f"{machine()}; on a busy machine times by the clock are longer, and those of the processor")
        lines += [f"{key}  skipped: {why}" for key, why in self.skipped.items()]
        return [line.rstrip() for line in lines]

    def _cells(self, row: Row) -> tuple[str, ...]:
        result = self.results[row.key]
        beside = f"{row.title}; {row.peer}" if row.peer else row.title
        measure = "by the clock; of processor time" if row.unit == "wall" else "by the clock"
        other = "" if result.other is None else f" ({measure} {result.other:.2f})"
        return (
            row.key,
            _amount(row, result.ours),
            "" if result.peer is None else _amount(row, result.peer),
            f"{result.value:.2f} s" if row.unit == "s" else f"{result.value:.3g}",
            "" if row.mark is None else f"{row.mark:g}",
            "" if row.stretch is None else f"{row.stretch:g}",
            verdict(row, result),
            beside + other,
        )

    def budget_lines(self) -> list[str]:
        if not self.budget:
            return []
        lines = [f"{'ms of processor time an entry':<34}{'now':>7}{'first':>8}"]
        lines += [f"  {step:<32}{ms:>7.3f}{_first(step):>8}" for step, ms in self.budget.items()]
        return [*lines, f"  {'together':<32}{sum(self.budget.values()):>7.3f}"]

    def store(self) -> None:
        """Rows that were not measured this time keep what was measured before."""
        before = json.loads(RESULTS.read_bytes()) if RESULTS.exists() else {}
        rows = before.get("rows", {}) | {key: _as_json(ROWS[key], result) for key, result in self.results.items()}
        document = {
            "machine": machine(),
            "rows": {key: rows[key] for key in ROWS if key in rows},
            "budget": {step: round(ms, 4) for step, ms in self.budget.items()} or before.get("budget", {}),
        }
        RESULTS.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


# What the steps cost when they were first measured.
FIRST = {
    "parse": 0.55,
    "clean": 0.64,
    "pack": 0.10,
    "signatures": 0.09,
    "merge": 1.3,
    "render": 0.24,
    "validate": 0.40,
    "select and unpack": 0.10,
    "join, hash, write": 0.15,
}


def machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[2]:.1f}"


def verdict(row: Row, result: Result) -> str:
    if row.mark is None:
        return ""
    if _reaches(row, result.value, row.stretch):
        return "stretch"
    return "met" if _reaches(row, result.value, row.mark) else "NOT MET"


def _reaches(row: Row, value: float, aim: float | None) -> bool:
    return aim is not None and (value >= aim if row.more else value <= aim)


def _as_json(row: Row, result: Result) -> dict[str, Any]:
    values = {name: None if value is None else float(f"{value:.4g}") for name, value in asdict(result).items()}
    about = {"title": row.title, "beside": row.peer, "unit": row.unit, "mark": row.mark, "stretch": row.stretch}
    return about | values | {"verdict": verdict(row, result), "measured": date.today().isoformat()}  # noqa: DTZ011


def _first(step: str) -> str:
    return f"{FIRST[step]:.2f}" if step in FIRST else ""


def _amount(row: Row, value: float) -> str:
    shown = {"rate": f"{value:,.0f}", "bytes": f"{value / 1e6:.1f} MB"}
    return shown.get(row.unit, f"{value:.3g} s")


def _middle(values: Iterable[float]) -> float:
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
