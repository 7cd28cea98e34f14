"""RSS, Atom, RDF and CDF to a Document."""

import re
from urllib.parse import urljoin

from aggregator.errors import ParseError
from aggregator.model.document import FeedDocument, RawEntry
from aggregator.model.problems import Problem
from aggregator.parse.entry import draft
from aggregator.parse.feed_info import about
from aggregator.parse.feedparser_adapter import Frame, ParsedFeed, read
from aggregator.parse.poll_hints import pace_of
from aggregator.parse.repair_xml import Page
from aggregator.parse.tombstones import withdrawn
from aggregator.parse.untrusted_dict import Raw, string

_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
# Nothing resolves against it, and feedparser accepts it as a base: relative references stay as they are.
_NO_BASE = "about:blank"


def parse_feed(page: Page, *, url: str, limit: int) -> FeedDocument:
    """Raises ParseError(parse) where neither an entry nor anything of the feed itself could be read."""
    base = urljoin(url, url) if url.lower().startswith(("http://", "https://")) else _NO_BASE
    reading = read(page, base=base, limit=limit)
    pairs = _whole(reading)
    if reading.fault and not pairs and not _says_anything(reading.about):
        raise ParseError("parse", f"looks like a feed, but cannot be read: {reading.fault}")
    problems = [Problem(url, "parse", message) for message in _faults(reading, page.text, limit)]
    drafts = _in_sequence(_drafts(pairs, base, problems, url), reading.sequence)
    deleted = withdrawn(reading.tombstones, reading.entries) if reading.tombstones else ()
    if len(deleted) > limit:
        problems.append(Problem(url, "parse", f"{len(deleted)} deleted entries; only the first {limit} were read"))
    return FeedDocument(
        about=about(reading.about),
        drafts=tuple(drafts),
        format=reading.version or page.root,
        complete=not reading.fault and not reading.limited and len(drafts) == len(pairs),
        problems=tuple(problems),
        deleted=deleted[:limit],
        pace=pace_of(reading.paced),
        cut_off=reading.cut_off,
        opt_out=reading.opt_out,
    )


def _whole(reading: ParsedFeed) -> list[tuple[Raw, Frame]]:
    """The entry that the end of a cut off document falls into is left out: half an entry would be an edit."""
    pairs: list[tuple[Raw, Frame]] = list(zip(reading.entries, reading.frames, strict=False))
    if reading.cut_off and pairs and not pairs[-1][1].closed:
        pairs.pop()
    return pairs


def _says_anything(feed: Raw) -> bool:
    return any(string(feed, key) for key in ("title", "id", "subtitle", "link", "updated", "published"))


def _faults(reading: ParsedFeed, text: str, limit: int) -> list[str]:
    if reading.limited:
        return [f"about {len(_ENTRY.findall(text))} entries; only the first {limit} were read"]
    if reading.cut_off:
        return [f"the document is cut off: {reading.fault}"]
    return [f"not well-formed: {reading.fault}"] if reading.fault else []


def _in_sequence(drafts: list[RawEntry], sequence: list[str]) -> list[RawEntry]:
    """RSS 1.0 may write its items in any order: `items` has the one that is meant (5.3.5), where it names them all."""
    places = {id_: place for place, id_ in enumerate(sequence)}
    whole = places and all(draft.id in places for draft in drafts)
    return sorted(drafts, key=lambda draft: places[draft.id]) if whole else drafts


def _drafts(pairs: list[tuple[Raw, Frame]], base: str, problems: list[Problem], url: str) -> list[RawEntry]:
    drafts = []
    for place, (entry, frame) in enumerate(pairs, 1):
        name = f"entry {place} ({(string(entry, 'id') or string(entry, 'title'))[:200]})"
        problems += [Problem(url, "parse", f"{name}: {fault}") for fault in frame.faults]
        try:
            drafts.append(draft(entry, frame, base))
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            problems.append(Problem(url, "parse", f"{name}: cannot be read ({type(error).__name__}: {error})"))
    return drafts
