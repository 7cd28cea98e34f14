"""A subscription of an OPML list."""

from dataclasses import dataclass

LONGEST = 200  # characters of a name

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """One subscription; or an outline that is none, and `fault` says why.

    `text` is the subscriber's name for the feed, `title` the feed's own; each defaults to the other. `categories` are
    paths, that of its folders first. `line` counts from 1. `settings` are attributes with a prefix (`frss:ttl`), in
    lower case. `list_url`: the folder's feeds are those of another list (FreshRSS), which is a fault here.
    """

    line: int
    url: str = ""
    text: str = ""
    title: str = ""
    site: str = ""
    categories: tuple[Path, ...] = ()
    fault: str = ""
    list_url: str = ""
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.text or self.title or self.url
