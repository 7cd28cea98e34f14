"""Elements with dates: feedparser keeps their texts. What it makes of them is a guess, and takes time."""

from feedparser.mixin import _FeedParserMixin


class DateElements(_FeedParserMixin):  # type: ignore[misc]
    """Handlers under all names that feedparser has for them."""

    def _end_published(self) -> None:
        self.pop("published")

    def _end_updated(self) -> None:
        self.pop("updated")

    def _end_created(self) -> None:
        self.pop("created")

    _end_issued = _end_pubdate = _end_published
    _end_modified = _end_lastbuilddate = _end_updated
