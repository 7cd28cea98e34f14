"""Histories of sources: some were taken over by strangers, the others changed as honest sites change.

Each is a list of documents, most of them a day apart. `split` divides them by a fixed seed into a tuning half and a
held-out half. No value of the rule was chosen by the held-out half, and none may be: who changes the rule looks at the
tuning half alone, and reads off the other only whether the marks still hold.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path

from tests.support import corpus
from tests.support.planet import NOON, rss
from tests.support.simulation import DAY, Item, dated
from tests.support.site_texts import HONEST, SPAM, Subject

SEED = 17
TAKEOVERS, MADE, RECORDED = 40, 300, 200
BEGIN = NOON - 40 * DAY
LINKS = [
    "https://github.com/",
    "https://en.wikipedia.org/wiki/",
    "https://www.youtube.com/watch?v=",
    "https://mastodon.social/@",
]
NEWS = [f"https://www.paper-{n}.example/story/" for n in range(400)]


@dataclass(frozen=True)
class Shown:
    """What a source shows `day` days after the first pull. `elsewhere`: behind a permanent redirect to another host."""

    day: float
    body: bytes
    elsewhere: bool = False


@dataclass(frozen=True)
class History:
    name: str
    documents: tuple[Shown, ...]
    taken_over: bool = False


@dataclass
class Blog:
    """An honest blog that is written day by day. `habit`: hosts that its posts link to."""

    choice: random.Random
    name: str
    subject: str
    title: str = ""
    host: str = ""
    categories: tuple[str, ...] = ("Notes", "Life", "Work")
    habit: list[str] | None = None
    items: list[Item] | None = None
    documents: list[Shown] | None = None
    day: float = 0
    limit: int = 20
    numbers: int = 0

    def __post_init__(self) -> None:
        self.title = self.title or f"{self.name.split('-')[-1].title()} {self.subject.title()} {self.name}"
        self.host = self.host or f"https://{self.name}.example"
        self.habit = self.choice.sample(LINKS, 3) if self.habit is None else self.habit
        self.items, self.documents = [], []

    def lives(self, *, old: int = 15, pulls: int = 6, gap: float = 2) -> "Blog":
        """A first pull, then so many that each bring a new post."""
        self.write(old, age=3)
        self.shows()
        for _ in range(pulls):
            self.day += gap
            self.write(1)
            self.shows()
        return self

    def write(self, count: int = 1, subject: str = "", *, age: float = 0, **more: object) -> None:
        for left in reversed(range(count)):
            self.numbers += 1
            at = BEGIN + (self.day - age * left) * DAY - timedelta(hours=1)
            self._items.insert(0, post(self.choice, self, subject or self.subject, self.numbers, at, **more))  # type: ignore[arg-type]

    @property
    def _items(self) -> list[Item]:
        assert self.items is not None
        return self.items

    def shows(self, *, elsewhere: bool = False) -> None:
        assert self.documents is not None
        body = rss(*self._items[: self.limit], title=self.title, link=f"{self.host}/").encode()
        self.documents.append(Shown(self.day, body, elsewhere))

    def history(self, name: str, *, taken_over: bool = False) -> History:
        assert self.documents is not None
        return History(name, tuple(self.documents), taken_over)


def text_of(choice: random.Random, subject: Subject, sentences: int) -> str:
    chosen = choice.choices(subject.sentences, k=sentences)
    return " ".join(one.replace("{}", choice.choice(subject.words)) for one in chosen)


def post(
    choice: random.Random,
    blog: Blog,
    subject: str,
    number: int,
    at: datetime,
    *,
    links: list[str] | None = None,
    categories: tuple[str, ...] | None = None,
    host: str = "",
    sentences: int = 0,
    at_home: bool = False,
) -> Item:
    """A post on the subject. `links`: hosts of which it links to one or two; `at_home`: also to its own blog."""
    about = (HONEST | SPAM)[subject]
    title = text_of(choice, about, 1)[:70]
    body = text_of(choice, about, sentences or choice.randint(6, 16))
    targets = [
        f"{choice.choice(links or blog.habit or [])}{choice.randrange(10**6)}"
        for _ in range(choice.randint(1, 2))
        if links or blog.habit
    ]
    targets += [f"{blog.host}/archive"] if at_home else []
    markup = "".join(
        f'<p>{part} <a href="{target}">{title[:20]}</a></p>'
        for part, target in zip(parts_of(body, len(targets) or 1), targets or [blog.host], strict=False)
    )
    link = f"{host or blog.host}/{number}-{choice.randrange(10**4)}"
    kinds = blog.categories if categories is None else categories
    item = {"title": title, "link": link, "guid": link, "pubDate": dated(at), "description": markup}
    return item | ({"category": choice.choice(kinds)} if kinds else {})


def parts_of(text: str, parts: int) -> list[str]:
    size = len(text) // parts + 1
    return [text[at : at + size] for at in range(0, len(text), size)]


# taken over

SUBJECTS = [
    "programming",
    "cooking",
    "politics",
    "astronomy",
    "books",
    "photography",
    "german",
    "french",
    "spanish",
    "indonesian",
]
WAYS = ["all at once", "drip", "half", "burst of three", "all at once"]
NEW_TITLES = {
    "casino-en": "Best Online Casino Bonus 2026",
    "casino-id": "Situs Slot Gacor Hari Ini",
    "casino-tr": "Güvenilir Bahis Siteleri",
    "casino-ru": "Лучшие казино онлайн",
    "casino-zh": "澳门百家乐官网",
    "pills": "Cheap Pharmacy Online",
    "essays": "Top Essay Help",
    "loans": "Fast Cash Guide",
    "vpn": "Smart Reviews Hub",
    "parked": "This name is for sale",
}
SPAM_TERMS = {
    "parked": (),
    "essays": ("Uncategorized",),
    "loans": ("Finance", "Business"),
    "vpn": ("Reviews",),
    "pills": ("Health",),
}


def take_over(number: int) -> History:
    """Spam, the blog that it befell, the way it comes, whether title and host stay: each number is another mixture."""
    choice = random.Random(f"taken over {number}")
    spam = [*SPAM][number % len(SPAM)]
    befallen = SUBJECTS[(number * 3 + number // 10) % len(SUBJECTS)]
    way = WAYS[(number // 2) % len(WAYS)]
    keeps_title, redirects, leaves_old = number % 4 == 1, number % 8 == 3, number % 5 == 2
    blog = Blog(choice, f"lapsed-{number}", befallen).lives(gap=choice.choice([1, 2, 4]))
    blog.day += choice.choice([1, 9, 30, 90])
    money = [f"https://{spam}-{number}-{n}.example/go/" for n in range(choice.randint(1, 4))]
    old = list(blog._items)
    if not leaves_old:
        blog.items = []
    if not keeps_title:
        blog.title = NEW_TITLES[spam]
    host = f"https://{spam}-{number}.example" if redirects else ""
    terms = SPAM_TERMS.get(spam, (spam, "Bonus", "Top"))
    for _ in range(7):
        if way == "half" and choice.random() < 0.5:
            blog.write(1)  # a copy of what it once was
        count = {"all at once": 12, "burst of three": 3}.get(way, 1)
        if not (way in {"all at once", "burst of three"} and len(blog._items) > (len(old) if leaves_old else 0)):
            blog.write(count, spam, links=money, categories=terms, host=host)
        blog.shows(elsewhere=redirects)
        blog.day += 1
    return blog.history(f"taken-{number}-{spam}", taken_over=True)


# honest

Change = Callable[[random.Random, Blog], None]


def goes_on(choice: random.Random, blog: Blog) -> None:
    for _ in range(6):
        blog.write(choice.randint(1, 3))
        blog.shows()
        blog.day += 1


def redesign(choice: random.Random, blog: Blog) -> None:
    """A new title, new addresses, other categories; the old posts are still there."""
    blog.title, blog.host = (
        f"The new {choice.choice(['Den', 'Attic', 'Harbor', 'Studio'])}",
        f"https://www.{blog.name}-studio.example",
    )
    blog.items = [one | {"link": f"{blog.host}/post/{one['link'][-4:]}"} for one in blog._items]
    blog.categories = ("Journal", "Archive")
    goes_on(choice, blog)


def short_redesign(choice: random.Random, blog: Blog) -> None:
    """A new title and theme; the document shows only a few posts now, and later only new ones."""
    blog.title, blog.limit, blog.categories = "Harbor Light Quarterly", 5, ("Journal",)
    goes_on(choice, blog)


def new_title(choice: random.Random, blog: Blog) -> None:
    blog.title = choice.choice(["Something Else Entirely", "Un autre nom", "Zwischen den Zeilen", "Third Try"])
    goes_on(choice, blog)


def guests(choice: random.Random, blog: Blog) -> None:
    for n in range(4):
        other = choice.choice([one for one in SUBJECTS if one != blog.subject])
        blog.write(1, other, links=[f"https://guest-{n}-{blog.name}.example/"], categories=("Guests",), at_home=True)
        blog.shows()
        blog.day += 1


def bilingual(choice: random.Random, blog: Blog) -> None:
    for n in range(8):
        blog.write(1, "german" if n % 2 else "french")
        blog.shows()
        blog.day += 1


def new_language(choice: random.Random, blog: Blog) -> None:
    """A section in another language, under a category of its own."""
    other = choice.choice(
        [one for one in ("german", "spanish", "russian", "chinese", "programming") if one != blog.subject]
    )
    for _ in range(6):
        blog.write(1, other, categories=("Translations",))
        blog.shows()
        blog.day += 1


def new_subject(choice: random.Random, blog: Blog) -> None:
    """A political blog turns to recipes, under new categories and with links to where recipes are."""
    recipes = [*LINKS, "https://cooks.example/", "https://spices.example/"]
    for _ in range(6):
        blog.write(
            choice.randint(1, 2),
            "cooking" if blog.subject != "cooking" else "astronomy",
            categories=("Recipes", "Kitchen"),
            links=recipes,
        )
        blog.shows()
        blog.day += 1


def new_author_subject(choice: random.Random, blog: Blog) -> None:
    other = choice.choice([one for one in SUBJECTS[:6] if one != blog.subject])
    for _ in range(5):
        blog.write(1, other, categories=(other.title(),), at_home=choice.random() < 0.5)
        blog.shows()
        blog.day += 1


def long_pause(choice: random.Random, blog: Blog) -> None:
    blog.day += 400
    other = choice.choice([one for one in SUBJECTS[:6] if one != blog.subject])
    for _ in range(5):
        blog.write(choice.randint(1, 3), other)
        blog.shows()
        blog.day += 1


def to_www(choice: random.Random, blog: Blog) -> None:
    blog.host = (
        blog.host.replace("https://", "http://www.") if choice.random() < 0.5 else f"https://www.{blog.name}.example"
    )
    blog.items = [
        one | {"link": one["link"].replace(f"https://{blog.name}", f"https://www.{blog.name}")} for one in blog._items
    ]
    goes_on(choice, blog)


def own_domain(choice: random.Random, blog: Blog) -> None:
    """From a host of blogs to a domain of its own: a permanent redirect, new links, the same posts."""
    blog.host = f"https://{blog.name}-own.example"
    blog.items = [one | {"link": f"{blog.host}/{one['link'][-6:]}"} for one in blog._items]
    if choice.random() < 0.5:
        blog.title = f"{blog.title} at home"
    for _ in range(6):
        blog.write(choice.randint(1, 2))
        blog.shows(elsewhere=True)
        blog.day += 1


def series(choice: random.Random, blog: Blog) -> None:
    """A conference, or a sponsor: posts that lead to one new site, under a category of its own."""
    event = [f"https://conference-{blog.name}.example/talks/"]
    for _ in range(5):
        blog.write(1, links=event, categories=("Conference",), at_home=choice.random() < 0.3)
        blog.shows()
        blog.day += 1


def product(choice: random.Random, blog: Blog) -> None:
    """The author launches a product and writes about it, on the old subject and with the old links."""
    launch = [f"https://product-{blog.name}.example/", *(blog.habit or [])]
    for _ in range(5):
        blog.write(1, links=launch, categories=("Product", *blog.categories))
        blog.shows()
        blog.day += 1


def excerpts(choice: random.Random, blog: Blog) -> None:
    blog.categories = ()
    for _ in range(6):
        blog.write(1, sentences=2)
        blog.shows()
        blog.day += 1


def new_software(choice: random.Random, blog: Blog) -> None:
    """Other ids, other paths, other categories, a subtitle in the title; the newest ten posts stand in the document."""
    blog.title, blog.categories, blog.limit = f"{blog.title} – notes from the margin", ("posts", "links", "misc"), 10
    blog.items = [one | {"guid": f"urn:post:{n}", "link": one["link"] + ".html"} for n, one in enumerate(blog._items)]
    goes_on(choice, blog)


def busy(choice: random.Random, blog: Blog) -> None:
    """A paper with so many posts that a document never shows yesterday's, and a new name."""
    blog.title = "The Evening Post"
    for _ in range(5):
        blog.write(25)
        blog.shows()
        blog.day += 1


CHANGES: dict[str, Change] = {
    function.__name__: function
    for function in (
        goes_on, redesign, short_redesign, new_title, guests, bilingual, new_language, new_subject, new_author_subject,
        long_pause, to_www, own_domain, series, product, excerpts, new_software, busy,
    )
}  # fmt: skip
KINDS = [*CHANGES, "link_blog", "planet"]


def honest(number: int) -> History:
    kind = KINDS[number % len(KINDS)]
    choice = random.Random(f"honest {number}")
    subject = choice.choice([*HONEST])
    blog = Blog(choice, f"honest-{number}", subject)
    if kind == "link_blog":
        blog.habit = NEWS
    if kind == "planet":
        planet(choice, blog)
    else:
        if kind == "bilingual":
            blog.write(6, "french", age=2)
        blog.lives(old=choice.choice([5, 15, 40]), gap=choice.choice([1, 2, 5]))
        blog.day += choice.choice([1, 3, 10, 60])
        CHANGES.get(kind, goes_on)(choice, blog)
    return blog.history(f"honest-{number}-{kind.replace('_', '-')}")


def planet(choice: random.Random, blog: Blog) -> None:
    """A feed of many blogs: other hosts, languages and subjects in every document."""
    blog.write(10, age=1)
    for day in range(14):
        blog.day = day
        for _ in range(choice.randint(1, 4)):
            subject = choice.choice([*HONEST])
            blog.write(1, subject, host=f"https://member-{choice.randrange(60)}.example", categories=(subject,))
        blog.shows()


ITEM = re.compile(rb"<(item|entry)[\s>].*?</\1>", re.DOTALL)


@cache
def recordings() -> list[Path]:
    """Real feeds with enough entries to come one after the other."""
    files = sorted(file for file in corpus.FEEDS.rglob("*") if file.is_file()) if corpus.FEEDS.is_dir() else []
    return [file for file in files if len(ITEM.findall(file.read_bytes())) >= 9]


def recorded(number: int) -> History:
    """A real feed whose older half is there at first; the newer ones come in bits, each day or after a long pause."""
    file = recordings()[number % len(recordings())]
    choice = random.Random(f"recorded {number}")
    body = file.read_bytes()
    items = list(ITEM.finditer(body))
    hidden = max(8, len(items) // 2) if number < len(recordings()) else len(items) - 1
    steps = [hidden * left // 8 for left in range(8, -1, -1)]
    day, documents = 0.0, []
    for at, left in enumerate(steps):
        documents.append(Shown(day, _without(body, items[:left])))
        day += choice.choice([0.1, 1, 3]) if at != 5 else choice.choice([0.1, 12])
    return History(f"recorded-{number}", tuple(documents))


def _without(body: bytes, items: list[re.Match[bytes]]) -> bytes:
    for match in reversed(items):
        body = body[: match.start()] + body[match.end() :]
    return body


Maker = Callable[[], History]


def split() -> tuple[list[Maker], list[Maker]]:
    """(tuning half, held-out half): half of the take-overs and half of the honest histories each; what makes them."""
    taken: list[Maker] = [partial(take_over, number) for number in range(TAKEOVERS)]
    others: list[Maker] = [partial(honest, number) for number in range(MADE)]
    others += [partial(recorded, number) for number in range(RECORDED) if recordings()]
    halves: tuple[list[Maker], list[Maker]] = ([], [])
    for some in (taken, others):
        random.Random(SEED).shuffle(some)
        halves[0].extend(some[::2])
        halves[1].extend(some[1::2])
    return halves
