"""Skips elements inside unknown elements of an entry, because they do not describe the entry."""

from feedparser.mixin import _FeedParserMixin

# Inside a person or a picture, these elements describe the person or the picture, not the entry.
_OWN = frozenset({
    "category", "content", "created", "description", "guid", "id", "issued", "link", "modified", "pubdate", "published",
    "rights", "subtitle", "summary", "title", "updated",
})  # fmt: skip
# Elements of no vocabulary, into which publishers put several elements of one kind.
_LISTS = frozenset({"authors", "categories", "contributors", "enclosures", "links"})
_ENTRIES = frozenset({"entry", "item"})


class UnknownElements(_FeedParserMixin):  # type: ignore[misc]
    """For the strict parser, in which every element ends. feedparser takes `<og><title>` and `<author><title>` for
    titles of the entry, and a second description, wherever it stands, for its content.

    `skipped` counts open elements that are not passed on; `in_unknown`: the innermost one passed on is unknown. Entries
    count everywhere (FeedSync nests conflicting versions in an element of the entry); `outside` saves both values of
    the enclosing entries.
    """

    skipped = 0
    in_unknown = False
    outside: tuple[tuple[int, bool], ...] = ()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if tag in _ENTRIES and not self.incontent:
            self.outside = (*self.outside, (self.skipped, self.in_unknown))
            self.skipped, self.in_unknown = 0, False
        if self.skipped or self.in_unknown or self._describes_another(tag):
            self.skipped += 1
            return
        super().unknown_starttag(tag, attrs)
        self.in_unknown = bool(self.inentry and not self.incontent) and not self._is_known(tag)

    def unknown_endtag(self, tag: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        self.in_unknown = False
        super().unknown_endtag(tag)
        if tag in _ENTRIES and not self.incontent and self.outside:
            *outside, (self.skipped, self.in_unknown) = self.outside
            self.outside = tuple(outside)

    def handle_data(self, text: str, escape: int = 1) -> None:
        if not self.skipped:
            super().handle_data(text, escape)

    def _describes_another(self, tag: str) -> bool:
        inside = self.inentry and (self.inauthor or self.incontributor or self.inimage) and not self.incontent
        return bool(inside) and tag.rpartition(":")[2] in _OWN

    def _is_known(self, tag: str) -> bool:
        prefix, _, name = tag.rpartition(":")
        if name in _LISTS:
            return True
        if name == "textinput":  # of a feed, where it belongs
            return False
        prefix = self.namespacemap.get(prefix, prefix)
        return hasattr(self, f"_start_{prefix}_{name}" if prefix else f"_start_{name}")
