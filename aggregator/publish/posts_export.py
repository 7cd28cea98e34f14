"""The format `posts`: each feed as a folder of posts with front matter, for Hexo, Hugo, Jekyll and this program."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from aggregator.model.entry import Entry
from aggregator.model.feed import Feed
from aggregator.model.problems import Problem
from aggregator.model.published import PublishedFile
from aggregator.model.rendered import RenderedEntry

POSTS = "posts"  # the format, and its folder in that of a feed
TAKEN = "its folder posts/ is the feed of a category, so it is not written as posts; rename that category"


@dataclass(frozen=True, slots=True)
class Exported:
    """`files` by path below the tree; `edition` is None where nothing is written."""

    files: dict[str, bytes]
    edition: PublishedFile | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Exports:
    """The posts of one run, and those written before. `feeds`: the ids of all feeds; `recorded`: paths of our files."""

    wanted: bool
    feeds: Collection[str]
    recorded: Iterable[str]
    _before: dict[str, set[str]] = field(init=False)
    _now: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._before = defaultdict(set)
        for path in self.recorded:
            folder, _, name = path.rpartition("/")
            if folder.endswith(f"/{POSTS}") and _is_post(name):
                self._before[folder.removesuffix(f"/{POSTS}")].add(path)

    def render(self, feed_id: str, feed: Feed) -> Exported:
        """An entry that cannot be written is left out and reported. `feed_id`: the folder of the feed."""
        self._now[feed_id] = set()
        if not self.wanted:
            return Exported({})
        if f"{feed_id}/{POSTS}" in self.feeds:
            return Exported({}, problems=(Problem(feed_id, "config", TAKEN),))
        files: dict[str, bytes] = {}
        problems = []
        for entry in _rendered(feed):
            piece = entry.pieces[POSTS]
            if isinstance(piece, bytes):
                name, _, data = piece.partition(b"\n")
                files[f"{feed_id}/{POSTS}/{name.decode()}"] = data
            else:
                problems.append(Problem(feed_id, "render", f"{entry.id}: left out of posts: {piece}"))
        self._now[feed_id].update(files)
        return Exported(files, PublishedFile(f"{feed_id}/{POSTS}/", "", len(files)), tuple(problems))

    def written(self, feed_id: str) -> set[str]:
        return self._now.get(feed_id, set())

    def gone(self, feed_id: str) -> list[str]:
        """Posts written before whose entries are no longer in the feed."""
        return sorted(self._before.get(feed_id, set()) - self.written(feed_id))


def _is_post(name: str) -> bool:
    from aggregator.render import is_post_name

    return is_post_name(name)


def post_piece(entry: Entry) -> bytes | str:
    """The name of the entry's file on a line of its own, and its bytes; why it cannot be written as a post."""
    from aggregator.posts import write_post  # slow to load, and few planets write posts
    from aggregator.render import ENTRY_ERRORS, post_body, post_matter, post_name

    try:
        return f"{post_name(entry)}\n".encode() + write_post(post_matter(entry), post_body(entry))
    except ENTRY_ERRORS as error:
        return str(error)


def _rendered(feed: Feed) -> Iterator[RenderedEntry]:
    return (entry for entry in feed.entries if isinstance(entry, RenderedEntry))
