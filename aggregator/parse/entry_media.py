"""Pictures and enclosures of an entry in forms that feedparser does not read: their address as text or in a child."""

from feedparser.mixin import _FeedParserMixin


class EntryMediaReader(_FeedParserMixin):  # type: ignore[misc]
    """`<image>` (of no vocabulary) and `<itunes:image>` may have the address in `href`, `url`, `src`, as text, or in a
    `<url>`; `<enclosure>` as text. `in_picture`: one of them is open in an entry."""

    in_picture = False

    def _start_item(self, attrs_d: dict[str, str]) -> None:
        self.in_picture = False  # one that was never closed
        super()._start_item(attrs_d)

    def _start_image(self, attrs_d: dict[str, str]) -> None:
        super()._start_image(attrs_d)
        self._open_picture(attrs_d)

    def _end_image(self) -> None:
        text = self.pop("image")
        self.inimage = 0
        self._close_picture(text)

    def _start_itunes_image(self, attrs_d: dict[str, str]) -> None:
        super()._start_itunes_image(attrs_d)
        self._open_picture(attrs_d)

    def _end_itunes_image(self) -> None:
        self._close_picture(self.pop("itunes_image"))

    def _end_url(self) -> None:
        if self.in_picture and not self.inauthor:
            self._keep_picture(self.pop("href"))
        else:
            super()._end_url()

    def _start_enclosure(self, attrs_d: dict[str, str]) -> None:
        super()._start_enclosure(attrs_d)
        if not attrs_d.get("href"):
            self.push("enclosure", 0)

    def _end_enclosure(self) -> None:
        text = self.pop("enclosure")
        if _is_address(text):
            self._get_context()["links"][-1]["href"] = text

    def _open_picture(self, attrs_d: dict[str, str]) -> None:
        self.in_picture = bool(self.inentry and not self.insource)
        self._keep_picture(next((attrs_d[name] for name in ("href", "url", "src") if attrs_d.get(name)), ""))

    def _close_picture(self, text: object) -> None:
        self._keep_picture(text)
        self.in_picture = False

    def _keep_picture(self, address: object) -> None:
        """The first counts."""
        if self.in_picture and _is_address(address) and not self.entries[-1].get("image"):
            self.entries[-1]["image"] = {"href": address}


def _is_address(text: object) -> bool:
    """Whether it is one, and no caption."""
    return isinstance(text, str) and ("/" in text or "." in text) and not any(map(str.isspace, text))
