"""What a document asks of those who republish, heard beside feedparser: see `aggregator.clean.opt_out`."""

from feedparser.mixin import _FeedParserMixin

from aggregator.clean.opt_out import says_block, says_noindex


class OptOutReader(_FeedParserMixin):  # type: ignore[misc]
    """`opt_out`: the words in which the feed asks not to be republished, "" where it does not; an entry has its own in
    its frame."""

    opt_out = ""

    def _wished(self, words: str) -> None:
        if self.insource:
            return
        if not self.inentry:
            self.opt_out = self.opt_out or words
        elif frames := getattr(self, "frames", None):
            frames[-1].opt_out = True

    def _meta(self, attrs_d: dict[str, str], element: str) -> None:
        if says_noindex(attrs_d.get("name", ""), attrs_d.get("content", "")):
            self._wished("xhtml:meta robots noindex")
        self.push(element, 0)

    def _start_xhtml_meta(self, attrs_d: dict[str, str]) -> None:
        self._meta(attrs_d, "xhtml_meta")

    def _start_meta(self, attrs_d: dict[str, str]) -> None:
        """Without its namespace, too: what else would it mean?"""
        self._meta(attrs_d, "meta")

    def _start_access_restriction(self, attrs_d: dict[str, str]) -> None:
        if attrs_d.get("relationship", "").strip().lower() == "deny":
            self._wished("access:restriction deny")
        self.push("access_restriction", 0)

    def _start_podcast_block(self, attrs_d: dict[str, str]) -> None:
        """One that names a service is for that service."""
        self.push("podcast_block_of" if attrs_d.get("id") else "podcast_block", 0)

    def _end_podcast_block(self) -> None:
        of_a_service = bool(self.elementstack) and self.elementstack[-1][0] == "podcast_block_of"
        if says_block(self.pop("podcast_block_of" if of_a_service else "podcast_block", 0) or "") and not of_a_service:
            self._wished("podcast:block")

    def _end_itunes_block(self) -> None:
        if says_block(self.pop("itunes_block", 0) or ""):
            self._wished("itunes:block")

    def _end_googleplay_block(self) -> None:
        if says_block(self.pop("googleplay_block", 0) or ""):
            self._wished("googleplay:block")
