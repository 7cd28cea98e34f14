"""The fingerprint, by which sightings are compared, and the digest, which distinguishes an edit from noise.

Both read sanitized markup, where proxies are unwrapped and placeholders, counters and advertisements removed.
"""

import hashlib
import html
import json
import re
from collections.abc import Iterable, Iterator

from aggregator.html.plain_text import addresses_in, is_long_enough, passages, pieces, untagged
from aggregator.model.entry import CleanEntry, Fingerprint
from aggregator.text.comparable_address import comparable_address
from aggregator.text.local_pictures import LOCAL
from aggregator.text.normalize import fold, fold_line

LONGEST_TEXT = 20_000

_SCHEME = re.compile(r"https?://")
_PICTURE = re.compile(r'<img(?: [a-z]+="[^"]*")*? src="([^"]*)"')
# A piece of text that only counts comments.
_COMMENTS = re.compile(
    r"[\W_]*(?:(?:[0-9][0-9.,]*|no|one)\s*(?:条|條|則|件)?(?:の)?\s*)?"
    r"(?:comments?|responses?|repl(?:y|ies)|kommentare?|commentaires?|comentarios?|comentários?|commenti|reacties|"
    r"комментари(?:й|я|ев|и)|评论|評論|留言|回复|回覆|コメント|댓글)"
    r"[\W_]*(?:[0-9][0-9.,]*[\W_]*)?",
    re.IGNORECASE,
)


def fingerprint(title: str, markup: str, image: str = "") -> Fingerprint:
    """`markup`: the sanitized content, else summary; `image`: the entry's own picture."""
    folded, text = fold(title), _folded(markup)
    words = text.replace("\n", " ")  # line breaks are not content
    images = tuple(dict.fromkeys(_pictures(markup, image)))
    return Fingerprint(
        title=folded,
        text=text,
        images=images,
        whole=_sha256([folded, words, *images]) if text or images else "",
        body=_sha256([words]) if is_long_enough(words) else "",
    )


def _folded(markup: str) -> str:
    """Folded lines, at most `LONGEST_TEXT` characters. One character may fold to eighteen, so it cuts before, too."""
    spoken_lines = "\n".join(_passages(markup))[: 2 * LONGEST_TEXT]
    return "\n".join(line for raw in spoken_lines.split("\n") if (line := fold_line(raw)))[:LONGEST_TEXT].rstrip()


def _passages(markup: str) -> Iterator[str]:
    """Plain text between any two breaks."""
    for part in passages(markup):
        if words := _squeezed(html.unescape(untagged(part))):
            yield words


def digest(clean: CleanEntry, tracking: tuple[str, ...] = ()) -> str:
    """SHA-256 in hex of what an edit may change: title, text and structure, link, authors, terms, enclosures.

    It ignores white space, sizes, other resolutions of a picture, scheme, host and tracking parameters of addresses
    (`tracking`: beyond the built-in list), signed queries of files, the order of terms, and counts of comments.
    Sanitizing has removed tracking pixels, counters, advertisements, placeholders and prefixes of proxies. No Unicode
    table that differs between versions of Python is used.
    """
    return _sha256(
        [
            _squeezed(clean.title),
            *_structure(clean.content or clean.summary, tracking),
            _path(clean.link, tracking),
            *(
                f"author {_squeezed(person.name)} {_path(person.uri, tracking)} {person.email}"
                for person in clean.authors
            ),
            *sorted({f"term {_lower(_squeezed(term.term))}" for term in (*clean.terms, *clean.tags)}),
            *(f"enclosure {_path(enclosure.href, tracking)}" for enclosure in clean.enclosures),
        ]
    )


def _structure(markup: str, tracking: tuple[str, ...]) -> Iterator[str]:
    """Texts, and for each tag its name and its addresses."""
    for name, attributes, _, text in pieces(markup):
        if attributes:
            addresses = (_path(address, tracking) for address in addresses_in(attributes))
            yield " ".join(["<" + name, *addresses])
        elif name:
            yield "<" + name
        elif (words := _squeezed(text)) and not _COMMENTS.fullmatch(words):
            yield words


def _pictures(markup: str, image: str) -> Iterator[str]:
    written = map(html.unescape, _PICTURE.findall(markup))
    named = (address for address in (*written, image) if not address.startswith(LOCAL))  # many posts have a cover.png
    return (comparable_address(address) for address in named if address)


def _path(address: str, tracking: tuple[str, ...]) -> str:
    """A comparable address, that of a page or file without its host: publishers change between the hosts of a site."""
    comparable = comparable_address(address, tracking)
    scheme = _SCHEME.match(address)
    if scheme is None or address.startswith(LOCAL):
        return comparable
    return comparable.removeprefix(scheme[0]).partition("/")[2]


def _squeezed(text: str) -> str:
    return " ".join(text.split())


def _lower(text: str) -> str:
    """Lower case of ASCII letters only: Unicode tables differ between versions of Python."""
    return text.encode().lower().decode()


def _sha256(parts: Iterable[str]) -> str:
    return hashlib.sha256(json.dumps(list(parts), ensure_ascii=True).encode()).hexdigest()
