"""Requests in a document not to be republished (see `aggregator.clean.opt_out`), as handlers for feedparser."""

from feedparser.mixin import _FeedParserMixin

from aggregator.clean.opt_out import says_block, says_noindex


class OptOutReader(_FeedParserMixin):  # type: ignore[misc]
    """`opt_out`: the feed's request as words, "" without one; an entry's request is in its Frame."""

    opt_out = ""

    def _record(self, words: str) -> None:
        if self.insource:
            return
        if not self.inentry:
            self.opt_out = self.opt_out or words
        elif frames := getattr(self, "frames", None):
            frames[-1].opt_out = True

    def _meta(self, attrs_d: dict[str, str], element: str) -> None:
        if says_noindex(attrs_d.get("name", ""), attrs_d.get("content", "")):
            self._record("xhtml:meta robots noindex")
        self.push(element, 0)

    def _start_xhtml_meta(self, attrs_d: dict[str, str]) -> None:
        self._meta(attrs_d, "xhtml_meta")

    def _start_meta(self, attrs_d: dict[str, str]) -> None:
        """`meta` without the XHTML namespace can only mean the same."""
        self._meta(attrs_d, "meta")

    def _start_access_restriction(self, attrs_d: dict[str, str]) -> None:
        if attrs_d.get("relationship", "").strip().lower() == "deny":
            self._record("access:restriction deny")
        self.push("access_restriction", 0)

    def _start_podcast_block(self, attrs_d: dict[str, str]) -> None:
        """A block with an id is for that service only."""
        self.push("podcast_block_of" if attrs_d.get("id") else "podcast_block", 0)

    def _end_podcast_block(self) -> None:
        of_a_service = bool(self.elementstack) and self.elementstack[-1][0] == "podcast_block_of"
        if says_block(self.pop("podcast_block_of" if of_a_service else "podcast_block", 0) or "") and not of_a_service:
            self._record("podcast:block")

    def _end_itunes_block(self) -> None:
        if says_block(self.pop("itunes_block", 0) or ""):
            self._record("itunes:block")

    def _end_googleplay_block(self) -> None:
        if says_block(self.pop("googleplay_block", 0) or ""):
            self._record("googleplay:block")
