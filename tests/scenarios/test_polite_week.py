"""A simulated week of polling with jitter, against an upstream that checks every request."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from itertools import pairwise

import pytest
import yaml

from aggregator import pipeline
from aggregator.one_shot.batch import RunOptions
from tests.commands.test_cli import aggregator
from tests.support.manners import Page, Scorer
from tests.support.planet import NOON, Planet, rss

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FLOOR = 6 * HOUR
TICK = 30 * MINUTE
WEEK = NOON + 7 * DAY


@dataclass
class Score:
    check: str
    requests: int
    found: str
    passed: bool

    def __str__(self) -> str:
        return f"{'ok ' if self.passed else 'BAD'} {self.check:<62} {self.requests:>3} requests  {self.found}"


def item(name: str) -> dict[str, str]:
    return {"title": name, "link": f"https://blog.example/{name}", "description": f"All that {name} has to say."}


def feed(path: str, head: str = "") -> str:
    return rss(item(path), title=path).replace("<item>", f"{head}<item>", 1)


def constant(body: str, **headers: str) -> Page:
    """The same document and validators for ever, 304 for whoever has them."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}

    def page(_: Scorer, asked: object) -> tuple[int, dict[str, str], str]:
        assert isinstance(asked, dict)
        return (304 if asked.get("if-none-match") == said.get("ETag", "-") else 200), said, body

    return page


def restless(scorer: Scorer, _: object) -> tuple[int, dict[str, str], str]:
    return 200, {"ETag": f'"{scorer.now:%d%H%M%S}"'}, feed("restless")


def touched(scorer: Scorer, asked: object) -> tuple[int, dict[str, str], str]:
    """Another Last-Modified each day; the document never changes."""
    assert isinstance(asked, dict)
    day = scorer.now.replace(hour=0, minute=0, second=0)
    status = 304 if "if-modified-since" in asked else 200
    return status, {"Last-Modified": format_datetime(day, usegmt=True)}, feed("touched")


def busy(status: int, *, as_date: bool) -> Page:
    """Every third day of the week it is asked too often, and says when it is to be asked again: in 10 hours."""

    def page(scorer: Scorer, _: object) -> tuple[int, dict[str, str], str]:
        if (scorer.now - NOON).days % 3 != 1 or scorer.now.hour < 12:
            return 200, {}, feed(f"busy{status}")
        until = format_datetime(scorer.now + 10 * HOUR, usegmt=True) if as_date else "36000"
        return status, {"Retry-After": until}, "later"

    return page


def moved(scorer: Scorer, _: object) -> tuple[int, dict[str, str], str]:
    return 301, {"Location": scorer.url("/home")}, ""


PAGES: dict[str, tuple[str, Page]] = {
    "/steady": ("12h", constant(feed("steady"), ETag='W/"a, \'b\' c"', Last_Modified="Mon, 2 Nov 2026 08:00:00 +0000")),
    "/restless": ("12h", restless),
    "/touched": ("12h", touched),
    "/busy429": ("8h", busy(429, as_date=False)),
    "/half-a-day": ("2h", constant(feed("half-a-day"), ETag='"h"', Cache_Control="max-age=43200")),
    "/eager": ("10m", constant(feed("eager"), ETag='"e"')),
    "/shy": ("5h", constant(feed("shy", "<skipHours><hour>0</hour><hour>1</hour><hour>2</hour></skipHours>"
                                        "<skipDays><day>Sunday</day></skipDays>"), ETag='"s"')),
    "/slow": ("2h", constant(feed("slow", "<ttl>720</ttl>"), ETag='"t"')),
    "/broken": ("2h", lambda *_: (500, {}, "oh")),
    "/gone": ("2h", lambda *_: (410, {}, "gone")),
    "/moved": ("12h", moved),
}  # fmt: skip
ELSEWHERE: dict[str, tuple[str, Page]] = {"/busy503": ("8h", busy(503, as_date=True))}


@pytest.fixture
def scorers() -> Iterator[tuple[Scorer, Scorer]]:
    """Two hosts, so that what one refuses is no matter of the other."""
    one, other = Scorer(), Scorer()
    one.pages = {path: page for path, (_, page) in PAGES.items()}
    one.pages |= {"/home": constant(feed("home"), ETag='"m"'), "/added": constant(feed("added"), ETag='"n"')}
    other.pages = {path: page for path, (_, page) in ELSEWHERE.items()}
    yield one, other
    one.close()
    other.close()


def subscribe(planet: Planet, one: Scorer, other: Scorer) -> None:
    asked = [(one, path, every) for path, (every, _) in PAGES.items()]
    asked += [(other, path, every) for path, (every, _) in ELSEWHERE.items()]
    categories = ["One", "Two/Three", "Four"]
    planet.config["sources"] = [
        {"url": scorer.url(path), "id": path.strip("/"), "every": every, "categories": categories}
        for scorer, path, every in asked
    ]
    planet.config["fetch"]["min_interval"] = "6h"
    planet.config["posts"] = []


def same(now: datetime) -> datetime:
    return now


def pass_time(planet: Planet, scorers: tuple[Scorer, Scorer], start: datetime, end: datetime) -> datetime:
    """A scheduler that ticks when something is due, every half hour at the most; returns the next time."""
    now = start
    with planet.app(start) as app:
        while now < end:
            for scorer in scorers:
                scorer.now = now
            here = replace(app, clock=partial(same, now))
            planet.runner.run(pipeline.run(here, planet.pool, RunOptions(punctual=False)))
            with app.store.read() as tx:
                due = tx.sources.earliest(now)
            assert due is not None
            now = max(now + TICK, due)
    return now


def judge(one: Scorer, other: Scorer, restart: int) -> Iterator[Score]:
    def score(check: str, scorer: Scorer, path: str, passed: bool, found: str = "") -> Score:
        return Score(check, len(scorer.of(path)), found, passed and len(scorer.of(path)) > 1)

    yield Score("a. a restart in the interval makes no request", restart, "", restart == 0)
    steady = one.of("/steady")
    kept = not one.misquoted("/steady") and [hit.status for hit in steady] == [200] + [304] * (len(steady) - 1)
    yield score("b. validators verbatim, quotes and W/ included", one, "/steady", kept)
    yield score("c. an ETag that changes while the body does not", one, "/restless", not one.misquoted("/restless"))
    changes = len({hit.headers.get("if-modified-since") for hit in one.of("/touched")})
    yield score("d. a 304 with another Last-Modified", one, "/touched", not one.misquoted("/touched") and changes > 5)
    for scorer, path, form in ((one, "/busy429", "seconds"), (other, "/busy503", "a date")):
        hits = scorer.of(path)
        waits = [later.at - hit.at for hit, later in pairwise(hits) if hit.status in {429, 503}]
        found = f"shortest wait {min(waits)}"
        yield score(f"e. {path[-3:]} with Retry-After: {form}", scorer, path, min(waits) >= 10 * HOUR, found)
    for check, path, least in (
        ("f. max-age of 12 hours", "/half-a-day", 12 * HOUR),
        ("f. ttl of 12 hours, which no 304 says again", "/slow", 12 * HOUR),
        ("h. never under the floor of six hours, jitter and all", "/eager", FLOOR),
        ("h. back-off doubles where nothing but faults come", "/broken", FLOOR),
    ):
        gaps = one.gaps(path)
        yield score(check, one, path, min(gaps) >= least, f"shortest gap {min(gaps)}")
    skipped = [hit.at for hit in one.of("/shy") if hit.at.hour < 3 or hit.at.weekday() == 6]
    yield score("f. skipHours and skipDays, all of them", one, "/shy", not skipped)
    hits = one.hits + other.hits
    cookies = [hit for hit in hits if {"cookie", "referer"} & hit.headers.keys()]
    yield Score("g. no cookie, no referrer", len(hits), f"{len(cookies)} with one", not cookies)
    twice = len(hits) - len({(id(scorer), hit.at, hit.path) for scorer in (one, other) for hit in scorer.hits})
    yield Score("i. one fetch a turn, however many categories", len(hits), f"{twice} twice", twice == 0)
    first = one.of("/added")[:2]
    later = first[1].at - first[0].at
    yield score("j. adding fetches once", one, "/added", later >= 12 * HOUR, f"the next one {later} later")
    gone = one.of("/gone")
    last = gone[-1].at - gone[0].at
    believed = last >= 24 * HOUR > gone[-2].at - gone[0].at
    yield Score("   410 is believed after a day", len(gone), f"asked for {last}", believed and len(gone) < 6)
    redirects = one.of("/moved")
    days = (redirects[-1].at - redirects[0].at).total_seconds() / 86_400
    stays = 3 <= days < 4 and len(one.of("/home")) > len(redirects)
    yield score("   301 is believed after three days", one, "/moved", stays, f"followed for {days:.1f} days")


@pytest.mark.torture
def test_a_week_of_good_manners(planet: Planet, scorers: tuple[Scorer, Scorer]) -> None:
    one, other = scorers
    subscribe(planet, one, other)
    now = pass_time(planet, scorers, NOON, NOON + TICK)
    one.now = NOON + TICK
    done = aggregator(
        planet.root, "source", "add", one.url("/added"), "--every", "12h", AGGREGATOR_NOW=one.now.isoformat()
    )
    assert done.returncode == 0, done.stderr
    planet.config = yaml.safe_load((planet.root / "config.yaml").read_text())
    restart = len(one.hits)
    for minutes in (40, 59, 110, 350):
        planet.run(NOON + minutes * MINUTE)
    restart = len(one.hits) - restart
    pass_time(planet, scorers, now, WEEK)
    scores = list(judge(one, other, restart))
    print("\n", *scores, sep="\n")
    assert [str(score) for score in scores if not score.passed] == []
