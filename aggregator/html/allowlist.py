"""Allowed HTML: elements, their attributes and the values of those."""

import re

from aggregator.html.writer import BLOCKS, TABLE_PARTS
from aggregator.text.normalize import one_line

EVERYWHERE = frozenset({"dir", "lang"})
PHRASES: dict[str, frozenset[str]] = {
    "abbr": frozenset({"title"}), "b": frozenset(), "bdi": frozenset(), "bdo": frozenset(), "cite": frozenset(),
    "code": frozenset({"class"}), "del": frozenset({"cite", "datetime"}), "dfn": frozenset({"title"}),
    "em": frozenset(), "i": frozenset(), "ins": frozenset({"cite", "datetime"}), "kbd": frozenset(),
    "mark": frozenset(), "q": frozenset({"cite"}), "rp": frozenset(), "rt": frozenset(), "ruby": frozenset(),
    "s": frozenset(), "samp": frozenset(), "small": frozenset(), "strong": frozenset(), "sub": frozenset(),
    "sup": frozenset(), "time": frozenset({"datetime"}), "u": frozenset(), "var": frozenset(),
}  # fmt: skip
_SIZE = frozenset({"height", "width"})
ELEMENTS: dict[str, frozenset[str]] = {
    **dict.fromkeys(BLOCKS | TABLE_PARTS | {"picture", "span", "br", "wbr"}, frozenset()),
    **PHRASES,
    "a": frozenset({"href", "hreflang", "rel", "title"}),
    "audio": frozenset({"controls", "src"}),
    "blockquote": frozenset({"cite"}),
    "col": frozenset({"span"}),
    "colgroup": frozenset({"span"}),
    "details": frozenset({"open"}),
    "img": _SIZE | {"alt", "loading", "referrerpolicy", "sizes", "src", "srcset", "title"},
    "li": frozenset({"value"}),
    "ol": frozenset({"reversed", "start", "type"}),
    "source": _SIZE | {"media", "sizes", "src", "srcset", "type"},
    "td": frozenset({"colspan", "rowspan"}),
    "th": frozenset({"abbr", "colspan", "rowspan", "scope"}),
    "track": frozenset({"default", "kind", "label", "src", "srclang"}),
    "video": _SIZE | {"controls", "poster", "src"},
}
# Obsolete elements → their replacements.
RENAMED = {
    "acronym": "abbr", "center": "div", "dir": "ul", "image": "img", "listing": "pre", "menu": "ul", "strike": "s",
    "tt": "code", "xmp": "pre",
}  # fmt: skip
# Elements that are removed with their content.
DROPPED = frozenset({
    "annotation", "annotation-xml", "applet", "button", "canvas", "datalist", "noembed", "noframes", "script",
    "select", "style", "svg", "template", "textarea", "title",
})  # fmt: skip
# … and if these are never closed, the rest of the markup is removed, too: it is no text.
RAW = frozenset({"script", "style"})
FRAMES = frozenset({"embed", "frame", "iframe", "object"})
KNOWN = (
    frozenset(ELEMENTS) | frozenset(RENAMED) | DROPPED | FRAMES
    | frozenset("""base basefont bgsound big blink body dialog fieldset font form frameset head hgroup html input
    keygen label legend link map area marquee math menuitem meta meter nobr noscript optgroup option output param
    plaintext progress rb rtc search slot spacer""".split())
)  # fmt: skip

_NUMBER = re.compile(r"[0-9]{1,5}")
_VALUES = {
    "colspan": _NUMBER, "rowspan": _NUMBER, "span": _NUMBER, "start": re.compile(r"-?[0-9]{1,9}"),
    "value": re.compile(r"-?[0-9]{1,9}"), "width": re.compile(r"[0-9]{1,5}%?"), "height": re.compile(r"[0-9]{1,5}%?"),
    "dir": re.compile(r"ltr|rtl|auto"), "loading": re.compile(r"lazy"), "scope": re.compile(r"(?:row|col)(?:group)?"),
    "lang": re.compile(r"[A-Za-z0-9-]{0,60}"), "hreflang": re.compile(r"[A-Za-z0-9-]{1,60}"),
    "srclang": re.compile(r"[A-Za-z0-9-]{1,60}"), "datetime": re.compile(r"[0-9A-Za-z :+.,/-]{1,60}"),
    "kind": re.compile(r"subtitles|captions|descriptions|chapters"), "type": re.compile(r"[\w!#$&^.+/;=\", -]{1,120}"),
}  # fmt: skip
FLAGS = frozenset({"controls", "default", "open", "reversed"})
FORCED = {"audio": ("controls",), "video": ("controls",)}
_LONGEST_VALUE = 2000
_LANGUAGE_CLASS = re.compile(r"(?:^|\s)(lang(?:uage)?-[A-Za-z0-9_+#.-]{1,40})(?=\s|$)")
_RELATIONS = frozenset({"license", "me", "nofollow", "sponsored", "tag", "ugc"})


def attribute(name: str, value: str) -> str | None:
    """The allowed value, None if the attribute must go. Addresses are not checked here."""
    if name in FLAGS:
        return ""
    if name == "class":
        found = _LANGUAGE_CLASS.search(value[:_LONGEST_VALUE])
        return found[1] if found else None
    if name == "rel":
        return " ".join(word for word in value[:200].lower().split() if word in _RELATIONS) or None
    value = one_line(value[:_LONGEST_VALUE])
    pattern = _VALUES.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None
