"""Small charts as inline SVG. Colors and sizes come from the page's style sheet, so the SVG has no style attributes."""

from collections.abc import Sequence

from markupsafe import Markup, escape

STEP, BAR = 4, 3  # units from bar to bar, and a bar's width
SPARK = 16  # units of height
TALL = 40


def spark(counts: Sequence[int], label: str) -> Markup:
    """Bars as high as a line of text; `label`: the text for screen readers."""
    return _bars(counts, label, SPARK, "spark")


def chart(counts: Sequence[int], label: str) -> Markup:
    return _bars(counts, label, TALL, "chart")


def _bars(counts: Sequence[int], label: str, height: int, name: str) -> Markup:
    """A day without entries is drawn as a dot, so that days can be counted."""
    most = max(counts, default=0)
    drawn = "".join(_bar(place, count, most, height) for place, count in enumerate(counts))
    width = max(len(counts) * STEP - (STEP - BAR), 1)
    frame = f'class="{name}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
    return Markup(f'<svg {frame} aria-label="{escape(label)}"><path d="{drawn}"/></svg>')  # noqa: S704 - numbers and escaped text


def _bar(place: int, count: int, most: int, height: int) -> str:
    tall = max(round(count / most * height, 1), 2) if count > 0 else 1
    return f"M{place * STEP} {height}v-{tall:g}h{BAR}v{tall:g}z"
