"""One pass over hostile markup: keeps allowed elements, attributes and addresses, and writes them well-nested.

The output is not trusted to be safe: nh3 checks it afterwards (`sanitize`).
"""

import re
from collections.abc import Iterator

from aggregator.html.allowlist import (
    DROPPED,
    ELEMENTS,
    EVERYWHERE,
    FORCED,
    FRAMES,
    KNOWN,
    PHRASES,
    RAW,
    RENAMED,
    attribute,
)
from aggregator.html.embeds import page_url
from aggregator.html.lazy_pictures import CANDIDATES, SOURCES, copy_in_noscript, is_stand_in
from aggregator.html.tokenizer import End, Start, Tokens
from aggregator.html.trackers import is_invisible, is_tracker
from aggregator.html.writer import BLOCKS, TABLE_PARTS, VOID, Writer
from aggregator.text import data_pictures
from aggregator.text.local_pictures import local_picture
from aggregator.text.normalize import decode, one_line
from aggregator.text.urls import READING, WEB, ContentSettings, absolute, is_placeholder, unwrap, without_user

_CANDIDATE = re.compile(r"[\s,]*([^\s,]\S*)")
_DESCRIPTOR = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3})?[wx]")
_IMAGE_ATTRIBUTES = ("sizes", "alt", "title", "width", "height", "loading", "lang", "dir")
_PLAYERS = frozenset({"audio", "picture", "video"})
_GAPS = BLOCKS | TABLE_PARTS | {"br"}
# Allowed elements with those of their attributes that are taken from the markup.
_ELEMENTS, _PHRASES = (
    {name: (allowed | EVERYWHERE).difference(FORCED.get(name, ())) for name, allowed in elements.items()}
    for elements in (ELEMENTS, PHRASES)
)
# Allowed elements that may be dropped or become others, or are more than a start tag with its attributes.
_SPECIAL = DROPPED | FRAMES | VOID | {"ins", "math", "picture", *RENAMED}
_NO_NAME = re.compile(r"(?:youtube |vimeo )?(?:video )?(?:player|iframe|embed)", re.IGNORECASE)


def escaped(characters: str) -> str:
    """Text escaped as by HTML's serializer (HTML 13.3, "escaping a string")."""
    return characters.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\xa0", "&nbsp;")


class Rewriter:
    """`inline` keeps only phrasing elements and turns unknown elements into text; `xml` reads `<p/>` as closed; `room`:
    bytes that pictures in `data:` addresses may have together; `post`: path of a post whose pictures lie beside it."""

    def __init__(
        self,
        markup: str,
        base: str,
        settings: ContentSettings,
        *,
        xml: bool = False,
        inline: bool = False,
        room: int = data_pictures.MOST,
        post: str = "",
    ) -> None:
        self._base, self._settings = base, settings
        self._xml, self._inline = xml, inline
        self._allowed = _PHRASES if inline else _ELEMENTS
        self._plain = self._allowed.keys() - _SPECIAL
        self._tokens = Tokens(markup)
        self._writer = Writer()
        self._fallback = ""  # address of the open <picture>, for an <img> without one
        self._embedded = ""
        self._room, self._post = room, post

    def run(self) -> str:
        writer, plain = self._writer, self._plain
        for token in self._tokens:
            if isinstance(token, str):
                writer.text(escaped(decode(token)))
            elif token.name not in plain:
                self._other(token)
            elif isinstance(token, End):
                writer.end(token.name)
            else:
                self._element(token.name, token)
            if writer.full:
                break
        return writer.finish().strip(" \n\t")

    def _other(self, token: Start | End) -> None:
        if isinstance(token, End):
            self._end(token.name)
        else:
            self._start(token)

    def _end(self, name: str) -> None:
        name = RENAMED.get(name, name)
        if name == "br":
            self._void_end()
        elif self._inline and name in _GAPS:
            self._writer.text(" ")
        else:
            self._writer.end(name)

    def _void_end(self) -> None:
        """In HTML `</br>` is a line break; in XML it closes one that is already written."""
        if not self._xml:
            self._writer.void("br")

    def _start(self, token: Start) -> None:
        name = RENAMED.get(token.name, token.name)
        if name in DROPPED:
            self._drop(name, token)
        elif name in FRAMES:
            self._frame(name, token)
        elif name == "math":
            self._formula(token)
        elif name == "ins" and "adsbygoogle" in token.get("class"):
            self._tokens.skip("ins")
        elif name not in self._allowed:
            self._unknown(name, token)
        elif name == "img":
            self._image(token)
        elif name in VOID:
            self._void(name, token)
        else:
            self._element(name, token)

    def _element(self, name: str, token: Start) -> None:
        if name == "picture":
            self._fallback = ""
        attributes = self._attributes(name, token) if token.written or name in FORCED else ""
        self._writer.start(name, attributes)
        if self._xml and token.closed:
            self._writer.end(name)

    def _void(self, name: str, token: Start) -> None:
        if name in {"source", "track"} and not (self._writer.open and self._writer.open[-1] in _PLAYERS):
            return
        if name == "source":
            first, srcset = self._best_candidates(token)
            token = token._replace(written=token.written | {"srcset": escaped_value(srcset)})
            self._fallback = self._fallback or first
        attributes = self._attributes(name, token)
        if name == "source" and not (" src=" in attributes or " srcset=" in attributes):
            return
        self._writer.void(name, attributes)

    def _drop(self, name: str, token: Start) -> None:
        if self._xml and token.closed:
            return
        if not self._tokens.skip(name) and name in RAW and not token.closed:
            self._tokens.stop()

    def _unknown(self, name: str, token: Start) -> None:
        if not self._inline:
            return
        if name in _GAPS:
            self._writer.text(" ")
        elif name not in KNOWN and not token.written:
            self._writer.text(escaped(token.raw))

    def _frame(self, name: str, token: Start) -> None:
        if name == "iframe" and not token.closed:
            self._tokens.skip("iframe")
        written = token.get("data" if name == "object" else "src") or token.get("data-src")
        address = self._address(written)
        if self._inline or not address or is_tracker(address):
            return
        page = page_url(address)
        if page != self._embedded:  # an <embed> is the fallback of its <object>
            self._link(page, one_line(token.get("title")))
        self._embedded = page

    def _link(self, page: str, name: str) -> None:
        self._writer.start("a", f' href="{escaped_value(page)}"')
        self._writer.text(escaped(page if not name or _NO_NAME.fullmatch(name) else name))
        self._writer.end("a")

    def _formula(self, token: Start) -> None:
        """Prefers the alternative text of a formula (mostly TeX), which is more readable than its bare characters."""
        wording = one_line(token.get("alttext"))
        if wording and self._tokens.skip("math"):
            self._writer.text(escaped(wording))

    # ── pictures ──

    def _image(self, token: Start) -> None:
        if is_invisible(token.get("width"), token.get("height"), token.get("style")) or self._is_copied(token):
            return
        source, srcset = self._source(token)
        if not source:
            return
        kept = {"src": source, "srcset": srcset or None}
        kept |= {name: attribute(name, token.get(name)) for name in _IMAGE_ATTRIBUTES if name in token.written}
        self._writer.void("img", _written(kept | {"referrerpolicy": "no-referrer"}))

    def _is_copied(self, token: Start) -> bool:
        """Whether a <noscript> shows the same picture next: one that stands for it, or has its address."""
        copy = copy_in_noscript(self._tokens)
        if copy is None or is_invisible(copy.get("width"), copy.get("height"), copy.get("style")):
            return False
        copied = self._picture(copy.get("src")) or self._candidates(copy.get("srcset"))[0]
        own = self._picture(token.get("src"))
        return bool(copied) and (is_stand_in(own) or copied in {own, *self._lazy(token)})

    def _source(self, token: Start) -> tuple[str, str]:
        """(address, srcset), also from the attributes of lazy pictures, where the address only stands in."""
        own = self._picture(token.get("src")) or local_picture(token.get("src"), self._post)
        real = next(self._lazy(token), "") if is_stand_in(own) else own
        first, srcset = self._best_candidates(token)
        if real and is_stand_in(first):
            return real, ""
        inside = self._fallback if self._writer.open[-1:] == ["picture"] else ""
        return real or first or inside or own or self._data(token.get("src")), srcset

    def _lazy(self, token: Start) -> Iterator[str]:
        written = (token.get(name) for name in SOURCES if name in token.written)
        return filter(None, (self._picture(one) for one in written if "/" in one or "." in one))

    def _best_candidates(self, token: Start) -> tuple[str, str]:
        """The first address and the whole srcset; that of a script replaces one that only stands in."""
        found = [self._candidates(token.get(name)) for name in ("srcset", *CANDIDATES) if name in token.written]
        if not found:
            return "", ""
        real = (one for one in found if not is_stand_in(one[0]))
        return next(real, next((one for one in found if one[0]), ("", "")))

    def _data(self, written: str) -> str:
        """A picture in the address itself, while there is room."""
        picture = data_pictures.data_picture(written) if data_pictures.is_data(written) else ""
        if not picture or data_pictures.size(picture) > self._room:
            return ""
        self._room -= data_pictures.size(picture)
        return picture

    def _picture(self, written: str) -> str:
        address = self._address(written)
        return "" if is_placeholder(address, self._settings.placeholders) or is_tracker(address) else address

    def _candidates(self, srcset: str) -> tuple[str, str]:
        """The first address of a srcset, and the whole srcset with allowed addresses (HTML 4.8.4.2.1)."""
        first, at = "", 0
        kept: list[str] = []
        while len(kept) < 50 and (found := _CANDIDATE.match(srcset, at)) is not None:
            written, at, descriptor = found[1], found.end(), ""
            if not written.endswith(","):
                end = srcset.find(",", at)
                end = len(srcset) if end < 0 else end
                descriptor, at = srcset[at:end].strip(), end
            if address := self._picture(written.rstrip(",")):
                first = first or address
                kept.append(f"{address} {descriptor}" if _DESCRIPTOR.fullmatch(descriptor) else address)
        return first, ", ".join(kept)

    # ── attributes ──

    def _attributes(self, name: str, token: Start) -> str:
        allowed, forced = self._allowed[name], FORCED.get(name, ())
        kept = {key: self._attribute(key, token.get(key)) for key in token.written if key in allowed}
        return _written(kept | dict.fromkeys(forced, "")) if kept or forced else ""

    def _attribute(self, name: str, value: str) -> str | None:
        if name == "href":
            # A link to an anchor has no target here, because ids are removed.
            return None if value.lstrip().startswith("#") else self._address(value, READING) or None
        if name in {"cite", "src"}:
            return self._address(value) or None
        if name == "poster":
            return self._picture(value) or None
        return self._candidates(value)[1] or None if name == "srcset" else attribute(name, value)

    def _address(self, written: str, schemes: frozenset[str] = WEB) -> str:
        return without_user(absolute(unwrap(written, self._settings.unwrap), self._base, schemes)) if written else ""


def _written(attributes: dict[str, str | None]) -> str:
    return "".join([f' {name}="{escaped_value(value)}"' for name, value in attributes.items() if value is not None])


def escaped_value(value: str) -> str:
    return escaped(value).replace('"', "&quot;")
