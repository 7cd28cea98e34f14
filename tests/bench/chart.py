"""One chart of all rows that have a mark: how far each is from it, on a scale of factors of two."""

import json
import math
from html import escape
from pathlib import Path
from typing import Any

from tests.bench.table import RESULTS
from tests.support import paths

CHART = paths.PROJECT / "docs" / "images" / "benchmark.svg"
WIDTH, LINE, LEFT, RIGHT = 900, 30, 410, 130
REACH = 4  # factors of two on each side of the mark
MET, NOT_MET = "#2f7d4f", "#b4552d"


def draw(results: Path = RESULTS, chart: Path = CHART) -> None:
    rows = {key: row for key, row in json.loads(results.read_bytes())["rows"].items() if row["mark"] is not None}
    height = LINE * (len(rows) + 2)
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    box = f'viewBox="0 0 {WIDTH} {height}" role="img" font-size="13" font-family="system-ui, sans-serif"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} fill="#777">',
        "<title>Each row of the benchmark beside its mark</title>",
        f'<text x="{middle}" y="18" text-anchor="middle">better ← mark → worse, a factor of two a line</text>',
        *(_line(n, height, middle) for n in range(-REACH, REACH + 1)),
        *(_bar(row, LINE * (n + 1), middle) for n, row in enumerate(rows.values())),
        "</svg>\n",
    ]
    chart.write_text("\n".join(parts), encoding="utf-8")


def _line(factor: int, height: int, middle: float) -> str:
    x = middle + factor * _unit()
    width = 1.5 if factor == 0 else 0.3
    return f'<path d="M{x:.1f} 26V{height - LINE + 4}" stroke="#999" stroke-width="{width}"/>'


def _bar(row: dict[str, Any], y: int, middle: float) -> str:
    is_rate = row["unit"] == "rate"
    factor = row["mark"] / row["value"] if is_rate else row["value"] / row["mark"]  # over 1: worse than the mark
    reach = max(-REACH, min(REACH, math.log2(max(factor, 1e-9)))) * _unit()
    color = MET if factor <= 1 else NOT_MET
    value = f"{row['value']:.3g}{' s' if row['unit'] == 's' else ''}"
    beside = f", beside {row['beside']}" if row["beside"] else ""
    return (
        f"<g><title>{escape(row['title'] + beside)}: {value}, mark {row['mark']:g}</title>"
        f'<text x="{LEFT - 8}" y="{y + 19}" text-anchor="end">{escape(row["title"])}</text>'
        f'<rect x="{min(middle, middle + reach):.1f}" y="{y + 7}" width="{max(abs(reach), 1):.1f}" height="16"'
        f' fill="{color}"/>'
        f'<text x="{WIDTH - RIGHT + 10}" y="{y + 19}">{value}, mark {row["mark"]:g}</text></g>'
    )


def _unit() -> float:
    return (WIDTH - LEFT - RIGHT) / 2 / REACH
