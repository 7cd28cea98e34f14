"""Markup that stands in a text as it is, not escaped: whatever its elements are called, they are the text's."""

from feedparser.mixin import _FeedParserMixin

_XHTML = "application/xhtml+xml"


class Inline(_FeedParserMixin):  # type: ignore[misc]
    """feedparser hands the end of each element to its handlers, so that the `</summary>` of a `<details>` would end the
    text that it stands in, and all of it be lost.

    `inner`: the names that are open inside of a text. In what is no well-formed XML some are never closed.
    `siblings`: those that end it all the same.
    """

    incontent: int
    siblings = frozenset[str]()

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.inner: list[str] = []

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if not self.incontent:
            self.inner.clear()
            self.svgOK = 0  # a drawing that was never closed would take each title after it for its own
            super().unknown_starttag(tag, attrs)
            return
        if tag not in self.siblings:
            self.inner.append(tag)
        kind = self.contentparams.get("type", "")
        is_shown = kind == _XHTML or not kind.endswith("xml")
        super().unknown_starttag(tag if is_shown else "inner", attrs)

    def unknown_endtag(self, tag: str) -> None:
        if not self.incontent or tag not in self.inner:
            super().unknown_endtag(tag)
            self.incontent = max(self.incontent, 0)  # below it where a handler raised as the text began
            return
        while self._leave(self.inner.pop()) != tag:
            pass
        self._end_inner(tag.rpartition(":")[2])

    def _end_inner(self, name: str) -> None:
        kind = self.contentparams.get("type", "")
        if kind == _XHTML:
            self.handle_data(f"</{name}>", escape=0)
        elif kind.endswith("xml"):
            self.pop("inner")
        if name == "svg" and self.svgOK:
            self.svgOK -= 1

    def _leave(self, tag: str) -> str:
        """What was in scope inside of the element goes."""
        self.depth -= 1
        if len(self.basestack) > 1:
            self.basestack.pop()
            if self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if len(self.langstack) > 1:
            self.langstack.pop()
            self.lang = self.langstack[-1]
        return tag
