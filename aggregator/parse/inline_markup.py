"""Markup inside a text construct that is not escaped: its elements belong to the text, whatever their names."""

from feedparser.mixin import _FeedParserMixin

_XHTML = "application/xhtml+xml"


class Inline(_FeedParserMixin):  # type: ignore[misc]
    """feedparser calls its handlers for every end tag, so that the `</summary>` of a `<details>` would end the text
    construct, and lose it.

    `inner`: open elements inside a text construct.
    """

    incontent: int

    def __init__(self, base: str, language: str | None, encoding: str) -> None:
        super().__init__(base, language, encoding)
        self.inner: list[str] = []

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if not self.incontent:
            self.inner.clear()
            self.svgOK = 0  # otherwise an <svg> that was never closed would take every later title
            super().unknown_starttag(tag, attrs)
            return
        self.inner.append(tag)
        kind = self.contentparams.get("type", "")
        is_shown = kind == _XHTML or not kind.endswith("xml")
        super().unknown_starttag(tag if is_shown else "inner", attrs)

    def unknown_endtag(self, tag: str) -> None:
        if not self.incontent or tag not in self.inner:
            super().unknown_endtag(tag)
            self.incontent = max(self.incontent, 0)  # negative if a handler raised at the start of the text
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
        """Ends the scope of the element: its base and language."""
        self.depth -= 1
        if len(self.basestack) > 1:
            self.basestack.pop()
            if self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if len(self.langstack) > 1:
            self.langstack.pop()
            self.lang = self.langstack[-1]
        return tag
