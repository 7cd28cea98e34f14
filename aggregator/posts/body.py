"""The body of a post as HTML: HTML unchanged, Markdown rendered, plain text with its line ends. A text that consists of
blocks of HTML is HTML, whatever the name of its file.

Nothing is sanitized here.
"""

import html
import re
from dataclasses import dataclass

from aggregator.posts.markdown import markdown_html

_COMMENT = re.compile(r"<!--(?:[^<]|<(?!!--))*?-->")
_TAG_OPENS = re.compile(r"<(?:([A-Za-z][A-Za-z0-9-]*)(?=[\s/>])|!(?i:doctype)\b)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)[^<>]*>")
_TAG_OR_LINE_END = re.compile(r"<[^<>]*>|(?<![ \t])[ \t]*+\n")
_PHRASING = frozenset(
    "a abbr b bdi bdo cite code del dfn em font i ins kbd mark q s samp small span strong sub sup time u var".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_WRAPPER = re.compile(r"(<div\b[^<>]*>)(.*)(</div>)", re.DOTALL | re.IGNORECASE)
_LINES_DO_NOT_COUNT = re.compile(
    r"<(?:address|article|aside|audio|blockquote|br|center|details|div|dl|fieldset|figure|footer|form|h[1-6]|header"
    r"|hr|iframe|li|main|math|nav|object|ol|p|picture|pre|script|section|select|style|svg|table|tbody|td|textarea"
    r"|th|tr|ul|video)\b",
    re.IGNORECASE,
)
# A text that begins so is HTML, whatever its file is called; another tag may be a word between angle brackets.
_BLOCK_OPENS = re.compile(
    r"\s*<(?:!doctype|article|blockquote|body|div|figure|h[1-6]|html|img|main|ol|p|section|table|ul)\b", re.IGNORECASE
)
_HEADING_OPENS = re.compile(r"<(title|h1)\b[^<>]*>", re.IGNORECASE)
_DOCUMENT_BODY = re.compile(r"<body\b[^<>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Body:
    """`heading`: the text of the first heading, or ""; `html`: "" for an empty body."""

    html: str
    heading: str = ""


def to_html(text: str, suffix: str, *, untitled: bool = False) -> Body:
    """`suffix`: the file's, as `.md`, in lower case. `untitled`: a heading that opens a Markdown body is not in `html`,
    because it becomes the title.
    """
    text = text.strip("\n").rstrip()
    if not text.strip():
        return Body("")
    if suffix == ".html":
        return Body(_fragment(text), _heading(text))
    if is_html(text) and (suffix != ".txt" or _BLOCK_OPENS.match(text)):
        return Body(_wrapped_lines(_fragment(text)), _heading(text))
    if suffix == ".txt":
        return Body(_plain(braces(text)))
    return Body(*markdown_html(braces(text), untitled=untitled))


def braces(text: str) -> str:
    """The text with `{` and `}` for their references, which generators write to hide braces from template engines.

    Otherwise they would be escaped twice, and readers would see `&#123;`.
    """
    return text.replace("&#123;", "{").replace("&#125;", "}") if "&#12" in text else text


# ── HTML ────────────────────────────────────────────────────────────────────────────────────────────────────


def is_html(text: str) -> bool:
    """Whether the text begins with the tag of a block or a picture, and every part after a blank line is inside an
    element, indented, or begins with `<`.

    Only such text is read differently: Markdown would turn indented lines inside elements into code; HTML would join
    paragraphs beside elements.
    """
    text = _COMMENT.sub("", text).lstrip()
    opens = _TAG_OPENS.match(text)
    if not opens or (opens[1] or "").lower() in _PHRASING:
        return False
    depth, start = 0, 0
    for blank in _BLANK_LINES.finditer(text):
        depth = _depth(text[start : blank.start()], depth)
        start = blank.end()
        if not depth and text[start : start + 1] != "<" and not _is_indented(text, start):
            return False
    return True


def _is_indented(text: str, start: int) -> bool:
    return text[start - 1] == "\t" or text[max(0, start - 4) : start] == "    "


def _depth(chunk: str, depth: int) -> int:
    """The number of open elements after this chunk. Angle brackets inside attributes are miscounted."""
    for tag in _TAG.finditer(chunk):
        if tag[1]:
            depth = max(0, depth - 1)
        elif tag[2].lower() not in _VOID and not tag[0].endswith("/>"):
            depth += 1
    return depth


def _wrapped_lines(text: str) -> str:
    """Adds `<br>` at line ends if the whole text is a `<div>` with plain text, which only line ends divide."""
    wrapper = _WRAPPER.fullmatch(text.strip())
    if not wrapper or "\n" not in wrapper[2].strip() or _LINES_DO_NOT_COUNT.search(wrapper[2]):
        return text
    inner = _BLANK_LINES.sub("\n\n", wrapper[2].strip())
    lines = _TAG_OR_LINE_END.sub(lambda found: found[0] if found[0][0] == "<" else "<br>\n", inner)
    return f"{wrapper[1]}\n{lines}\n{wrapper[3]}"


def _fragment(document: str) -> str:
    """The content of the `<body>` of an HTML document; a fragment unchanged."""
    opens = _DOCUMENT_BODY.search(document)
    if not opens:
        return document
    end = document.lower().rfind("</body")
    return document[opens.end() : end if end > opens.end() else len(document)].strip()


def _heading(text: str) -> str:
    opens = _HEADING_OPENS.search(text)
    end = text.lower().find(f"</{opens[1].lower()}", opens.end()) if opens else -1
    if not opens or end < 0:
        return ""
    return " ".join(html.unescape(_TAG.sub("", text[opens.end() : end])).split())


# ── plain text ──────────────────────────────────────────────────────────────────────────────────────────────


def _plain(text: str) -> str:
    paragraphs = (html.escape(part, quote=False).replace("\n", "<br>\n") for part in _BLANK_LINES.split(text))
    return "\n".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
