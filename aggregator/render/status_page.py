"""The /status page, for operators. It uses none of the user's templates, so that its policy can allow its script."""

import base64
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from pathlib import Path

from markupsafe import Markup, escape

from aggregator.model.feed import Site
from aggregator.model.status import Remedy, SourceStatus, Status
from aggregator.model.websub import SubscriptionStatus
from aggregator.render.page_templates import TEMPLATES, environment
from aggregator.render.words import Words
from aggregator.text.counts import count_of

STEP, BAR = 4, 3  # of charts: units from bar to bar, and the width of a bar
SPARK, TALL = 16, 40  # heights of charts
PAGE = 200  # sources on one page


@dataclass(frozen=True, slots=True)
class Turn:
    """A page of the list of sources: its number and that of the last page, counted from 1."""

    number: int
    last: int

    @property
    def start(self) -> int:
        return (self.number - 1) * PAGE


class StatusPage:
    def __init__(self, site: Site) -> None:
        self._environment = environment(site, None, Words())
        css = "".join((TEMPLATES / name).read_text("utf-8") for name in ("style.css", "status.css"))
        self.style_digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        self._environment.globals["style"] = Markup(css)  # noqa: S704 - the package's own file
        self._environment.filters |= {"spark": _spark, "chart": chart, "ago": _days, "commands": _commands}
        self._template = self._environment.get_template("status.html")

    def page(self, status: Status, number: int, nonce: str) -> bytes:
        """`number`: of the page of sources; the nearest existing one is shown. `nonce`: allows the script."""
        turn = turn_of(len(status.sources), number)
        listed = troubled_first(status.sources)[turn.start : turn.start + PAGE]
        counts = {
            state: sum(one.state == state for one in status.sources)
            for state in ("ok", "failing", "gone", "paused", "new")
        }
        page = self._template.render(
            status=status,
            sources=listed,
            turn=turn,
            counts=counts,
            nonce=nonce,
            silent=_silent(status.sources),
            remedies=remedies(status.sources),
            subscriptions=by_source(status.subscriptions),
        )
        return page.encode(errors="replace")


def script() -> bytes:
    return Path(TEMPLATES / "status.js").read_bytes()


def turn_of(count: int, number: int) -> Turn:
    last = max(ceil(count / PAGE), 1)
    return Turn(min(max(number, 1), last), last)


def troubled_first(sources: Sequence[SourceStatus]) -> list[SourceStatus]:
    """Sources with problems first, otherwise in the order of the config."""
    return sorted(sources, key=_severity)


def _severity(one: SourceStatus) -> int:
    if one.state in {"failing", "gone"}:
        return 0
    return 1 if one.kind else 3 if _is_well(one) else 2


def remedies(sources: Sequence[SourceStatus]) -> list[tuple[Remedy, list[SourceStatus]]]:
    """Each advice once, with the sources that it is for: that for most of them first."""
    found: defaultdict[Remedy, list[SourceStatus]] = defaultdict(list)
    for one in sources:
        if one.kind:
            found[Remedy(one.means, one.advice)].append(one)
    return sorted(found.items(), key=lambda each: -len(each[1]))


def by_source(subscriptions: Iterable[SubscriptionStatus]) -> dict[str, list[SubscriptionStatus]]:
    found: defaultdict[str, list[SubscriptionStatus]] = defaultdict(list)
    for one in subscriptions:
        found[one.source].append(one)
    return found


def _is_well(one: SourceStatus) -> bool:
    return one.silent_since is None and one.other_site_since is None


def _silent(sources: Sequence[SourceStatus]) -> int:
    return sum(one.silent_since is not None for one in sources)


def _spark(counts: Sequence[int]) -> Markup:
    total = sum(counts)
    return spark(counts, f"{count_of(total, 'entry', 'entries')} in {len(counts)} days")


def _commands(sentence: str) -> Markup:
    """Marks up text between backticks as code."""
    pieces = sentence.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece) for place, piece in enumerate(pieces)
    )


def _days(status: Status, days: int) -> str:
    """The date that many days before the status."""
    return (status.at - timedelta(days=days)).date().isoformat()


# Charts are inline SVG. Colors and sizes come from the style sheet of the page, so the SVG has no style attributes.


def spark(counts: Sequence[int], label: str) -> Markup:
    """Bars as high as a line of text; `label`: the text for screen readers."""
    return _bars(counts, label, SPARK, "spark")


def chart(counts: Sequence[int], label: str) -> Markup:
    return _bars(counts, label, TALL, "chart")


def _bars(counts: Sequence[int], label: str, height: int, name: str) -> Markup:
    """A day without entries is drawn as a dot, so that days can be counted; of days without any nothing is drawn."""
    most = max(counts, default=0)
    if most <= 0:
        return Markup("")
    drawn = "".join(_bar(place, count, most, height) for place, count in enumerate(counts))
    width = max(len(counts) * STEP - (STEP - BAR), 1)
    frame = f'class="{name}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
    return Markup(f'<svg {frame} aria-label="{escape(label)}"><path d="{drawn}"/></svg>')  # noqa: S704 - numbers and escaped text


def _bar(place: int, count: int, most: int, height: int) -> str:
    tall = max(round(count / most * height, 1), 2) if count > 0 else 1
    return f"M{place * STEP} {height}v-{tall:g}h{BAR}v{tall:g}z"
