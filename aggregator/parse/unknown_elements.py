"""What stands inside an element of an entry that nobody here knows is said of that element, not of the entry."""

from feedparser.mixin import _FeedParserMixin

# What an entry says of itself by these names, a person and a picture say of themselves.
_OWN = frozenset({
    "category", "content", "created", "description", "guid", "id", "issued", "link", "modified", "pubdate", "published",
    "rights", "subtitle", "summary", "title", "updated",
})  # fmt: skip
# No vocabulary has them, and publishers put into them what they have several of.
_LISTS = frozenset({"authors", "categories", "contributors", "enclosures", "links"})
_ENTRIES = frozenset({"entry", "item"})


class UnknownElements(_FeedParserMixin):  # type: ignore[misc]
    """For the strict parser, where each element ends. feedparser takes `<og><title>` and `<author><title>` for titles
    of the entry, and a second description, wherever it stands, for the content.

    `passed_over` counts the elements that are open and not handed on; `strange`: the innermost one that was is unknown.
    An entry is one wherever it stands (a version in conflict, as FeedSync has them, is in an element of the other);
    `outside` is what was so around it.
    """

    passed_over = 0
    strange = False
    outside: tuple[tuple[int, bool], ...] = ()

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if tag in _ENTRIES and not self.incontent:
            self.outside = (*self.outside, (self.passed_over, self.strange))
            self.passed_over, self.strange = 0, False
        if self.passed_over or self.strange or self._is_of_another(tag):
            self.passed_over += 1
            return
        super().unknown_starttag(tag, attrs)
        self.strange = bool(self.inentry and not self.incontent) and not self._is_known(tag)

    def unknown_endtag(self, tag: str) -> None:
        if self.passed_over:
            self.passed_over -= 1
            return
        self.strange = False
        super().unknown_endtag(tag)
        if tag in _ENTRIES and not self.incontent and self.outside:
            *outside, (self.passed_over, self.strange) = self.outside
            self.outside = tuple(outside)

    def handle_data(self, text: str, escape: int = 1) -> None:
        if not self.passed_over:
            super().handle_data(text, escape)

    def _is_of_another(self, tag: str) -> bool:
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
