"""What a body is by its beginning and its end, without parsing it: XML, HTML or JSON, and whether it is whole.

Only ASCII signs are looked at, which stand for themselves in every encoding of feeds but UTF-16; its zero bytes are
left out.
"""

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_NAME_ENDS = b" \t\r\n\f/>"
_ASIDES = ((b"<!--", b"-->"), (b"<?", b"?>"))
_PEEK = 4096  # bytes
_LONGEST_NAME = 100  # bytes
_FEED_TYPES = (b"application/rss+xml", b"application/atom+xml", b"application/feed+json")


def is_document(body: bytes) -> bool:
    """Whether it begins as markup or JSON does."""
    begin = _plain(body[:_PEEK]).lstrip()
    return begin[:1] in {b"{", b"["} or (begin[:1] == b"<" and (begin[1:2].isalpha() or begin[1:2] in {b"!", b"?"}))


def is_whole(body: bytes) -> bool:
    """Whether a document, which may have been cut anywhere, was not: its root element or its outermost bracket is
    closed. What may follow a root element need not be whole.
    """
    plain = _plain(body)
    if plain.lstrip()[:1] in {b"{", b"["}:
        return _is_whole_json(plain)
    return _is_whole_markup(plain.lower())


def is_html_page(body: bytes) -> bool:
    """Whether it is a page of HTML that names no feed."""
    if b"html" not in body[:_PEEK].lower():
        return False
    begin = _plain(body[:_PEEK]).lstrip().lower()
    if not begin.startswith(b"<!doctype html") and _root(begin)[0] != b"html":
        return False
    page = _plain(body).lower()
    return not any(one in page for one in _FEED_TYPES)


def _plain(body: bytes) -> bytes:
    is_wide = body.startswith(_BYTE_ORDER_MARKS[1:]) or body[:2] in {b"<\0", b"\0<"}
    for mark in _BYTE_ORDER_MARKS:
        body = body.removeprefix(mark)
    return body.replace(b"\0", b"") if is_wide else body


def _is_whole_json(text: bytes) -> bool:
    parts = text.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    outside = b"".join(parts[::2])  # of strings
    is_closed = outside.count(b"{") == outside.count(b"}") and outside.count(b"[") == outside.count(b"]")
    return is_closed and len(parts) % 2 == 1 and outside.rstrip()[-1:] in {b"}", b"]"}


def _is_whole_markup(text: bytes) -> bool:
    name, begin = _root(text)
    if not name:
        return False
    end = text.rfind(b"</" + name)
    if end < begin:
        end = text.find(b">", begin)  # it may be empty: <feed/>
        return end > begin and text[end - 1 : end] == b"/" and _is_aside(text, end + 1)
    close = text.find(b">", end)
    return close >= 0 and not text[end + 2 + len(name) : close].strip() and _is_aside(text, close + 1)


def _root(text: bytes) -> tuple[bytes, int]:
    """The name of the root element, and where its tag begins; b"" if it is not found."""
    at = text.find(b"<")
    while at >= 0 and text[at + 1 : at + 2] in {b"!", b"?"}:
        end = _end_of_aside(text, at)
        at = text.find(b"<", end) if end >= 0 else -1
    if at < 0:
        return b"", 0
    begin = text[at + 1 : at + 1 + _LONGEST_NAME]
    size = next((size for size, sign in enumerate(begin) if sign in _NAME_ENDS), 0)
    return begin[:size], at


def _end_of_aside(text: bytes, at: int) -> int:
    """After a comment, an instruction or a document type that begins at `at`; -1 if its end is missing."""
    for begin, end in _ASIDES:
        if text.startswith(begin, at):
            found = text.find(end, at + len(begin))
            return found + len(end) if found >= 0 else -1
    close = text.find(b">", at)
    subset = text.find(b"[", at, close) if close >= 0 else -1
    if subset >= 0:  # <!DOCTYPE name [ … ]>
        end_of_subset = text.find(b"]", subset)
        close = text.find(b">", end_of_subset) if end_of_subset >= 0 else -1
    return close + 1 if close >= 0 else -1


def _is_aside(text: bytes, at: int) -> bool:
    """Whether only blanks, comments and instructions follow, the last of which may be cut."""
    while True:
        begin = text.find(b"<", at)
        if text[at : begin if begin >= 0 else len(text)].strip():
            return False
        if begin < 0:
            return True
        if not any(text.startswith(one, begin) or one.startswith(text[begin : begin + len(one)]) for one, _ in _ASIDES):
            return False
        at = _end_of_aside(text, begin)
        if at < 0:
            return True
