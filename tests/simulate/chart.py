"""The simulated day as a chart: requests a second by the hour, and what of them brought news."""

from pathlib import Path

from tests.simulate.day import Day
from tests.support import paths

CHART = paths.PROJECT / "docs" / "images" / "growing.svg"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 900, 300, 70, 36, 34
ASKED, NEWS = "#3b6ea5", "#2f7d4f"
STEP = 10  # minutes of one bar


def draw(count: int, day: Day, chart: Path = CHART) -> None:
    asked, news = rates(day.requests), rates(day.changed)
    most = max(asked) or 1
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-size="13" font-family="system-ui, sans-serif"'
    title = f"A simulated day of {count:,} sources: requests a second"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} fill="#777">',
        f"<title>{title}</title>",
        f'<text x="{LEFT}" y="18">{title} (blue), and those that brought news (green)</text>',
        *(_line(share, most) for share in (0, 0.5, 1)),
        *(_bar(place, rate, most, len(asked), ASKED) for place, rate in enumerate(asked)),
        *(_bar(place, rate, most, len(asked), NEWS) for place, rate in enumerate(news)),
        *(_hour(hour) for hour in range(0, 25, 4)),
        "</svg>\n",
    ]
    chart.write_text("\n".join(parts), encoding="utf-8")


def rates(minutes: list[int]) -> list[float]:
    """By the second, for each bar."""
    return [sum(minutes[begin : begin + STEP]) / (STEP * 60) for begin in range(0, len(minutes), STEP)]


def _line(share: float, most: float) -> str:
    y = HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
    label = f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share * most:,.0f}</text>'
    return f'<path d="M{LEFT} {y:.1f}H{WIDTH - 10}" stroke="#999" stroke-width="0.3"/>{label}'


def _bar(place: int, rate: float, most: float, count: int, color: str) -> str:
    step = (WIDTH - LEFT - 10) / count
    height = rate / most * (HEIGHT - BOTTOM - TOP)
    x, y = LEFT + place * step, HEIGHT - BOTTOM - height
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{step - 0.6:.1f}" height="{height:.1f}" fill="{color}"/>'


def _hour(hour: int) -> str:
    x = LEFT + hour / 24 * (WIDTH - LEFT - 10)
    return f'<text x="{x:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{hour}:00</text>'
