"""One planet, its feed of jobs, and entries with all fields, or hardly any."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from aggregator.model.document import Link, Person
from aggregator.model.entry import Attribution, CleanEntry, Entry, Level
from aggregator.model.feed import Feed, Site
from aggregator.model.published import FeedListing, PublishedFile
from aggregator.model.withdrawal import Stub, Tombstone

NOON = datetime(2024, 2, 29, 12, 0, 5, 999, tzinfo=UTC)
SITE = Site(
    "Planet & Co",
    "https://planet.example/",
    author=Person("Ann Editor", "https://planet.example/about", "ann@planet.example"),
    logo="https://planet.example/logo.png",
    rights="CC BY 4.0",
    hub="https://hub.example/",
)
SOURCE = Attribution(
    "blog",
    "The <One> Blog",
    "https://user:secret@blog.example/feed.xml",
    "tag:blog.example,2020:feed",
    "https://blog.example/",
    NOON - timedelta(days=1),
    authors=(Person("Olga"),),
    rights="© Olga",
    language="de",
    icon="https://blog.example/icon.png",
    logo="https://blog.example/logo.png",
    generator="Weblog",
)
FULL = Entry(
    "https://blog.example/1",
    "https://blog.example/1",
    NOON,
    NOON + timedelta(hours=3),
    NOON,
    NOON,
    CleanEntry(
        title="AT&T <buys> 趣头条",
        title_html="AT&amp;T <em>buys</em> 趣头条",
        summary="<p>A short &amp; sweet account.</p>",
        content='<p>All of it, ]]&gt; and <a href="https://x.example/">more</a>.</p>',
        links=(
            Link("https://other.example/1", rel="related", title="Also at Other"),
            Link("https://blog.example/1.zh", hreflang="zh"),
            Link("https://blog.example/1.again", hreflang="zh"),
            Link("https://blog.example/1", type="text/html"),
        ),
        enclosures=(
            Link("https://blog.example/1.mp3", "enclosure", length=1234, duration=60, title="Episode"),
            Link("https://blog.example/1", "enclosure", type="nonsense"),
            Link("https://blog.example/1.mp3", "enclosure"),
        ),
        authors=(Person("Bo", email="bo@blog.example"), Person(uri="https://cy.example/"), Person()),
        contributors=(Person("Di"),),
        rights="CC0",
        language="zh-CN",
        image="https://blog.example/1.png",
        comments="https://blog.example/1#comments",
    ),
    (Level("Jobs", "Jobs", SITE.url), Level("remote", "Remote work", "https://blog.example/terms")),
    SOURCE,
)
BARE = Entry(
    "tag:planet.example,2024:posts/bare",
    "",
    NOON,
    NOON,
    NOON,
    NOON,
    CleanEntry(content="<p>新媒体行业观察，没有标题。</p>"),
)
FEED = Feed(
    "jobs",
    "tag:planet.example,2024:feed/jobs",
    "Jobs & more",
    "https://planet.example/jobs/",
    NOON,
    ("Jobs",),
    "Work, wherever",
    entries=(FULL, BARE),
)


GONE = Stub(
    "https://blog.example/2?a=1&b=2",
    "",
    NOON - timedelta(hours=1),
    NOON + timedelta(days=1),
    NOON,
    NOON + timedelta(days=1),
    CleanEntry(title="Removed", summary="Removed", texts=("summary",)),
    is_permalink=True,
)
WITHDRAWN = replace(
    FEED,
    updated=GONE.updated,
    tombstones=(Tombstone(GONE.id, GONE.updated), Tombstone("tag:planet.example,2024:posts/old", NOON)),
    stubs=(
        (1, GONE),
        (1, replace(GONE, id="tag:blog.example,2024:3", is_permalink=False)),
        (2, replace(GONE, id="urn:x:4")),
    ),
)


def editions(path: str) -> tuple[tuple[str, PublishedFile], ...]:
    files = {"atom": "atom.xml", "rss": "rss.xml", "json": "feed.json", "html": "index.html"}
    return tuple((name, PublishedFile(path + file, name[0] * 64, 2)) for name, file in files.items())


LISTINGS = (
    FeedListing("all", "Everything", "all/", NOON, 9, editions=editions("all/")),
    FeedListing(
        "programming/python",
        "Python",
        "programming/python/",
        NOON,
        2,
        ("Programming", "Python"),
        editions=editions("programming/python/"),
    ),
    FeedListing(
        "programming",
        "Programming",
        "programming/",
        NOON - timedelta(1),
        5,
        ("Programming",),
        "Code",
        editions("programming/"),
    ),
    FeedListing("qtt", "趣头条", "xin/qtt/", NOON, 1, ("新媒体", "趣头条"), editions=editions("xin/qtt/")),
)


def entry(**clean: object) -> Entry:
    return replace(BARE, clean=replace(BARE.clean, **clean))  # type: ignore[arg-type]


def feed(*entries: Entry) -> Feed:
    return replace(FEED, entries=entries)
