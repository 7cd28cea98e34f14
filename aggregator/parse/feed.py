"""RSS, Atom, RDF and CDF to a FeedDocument."""

import re
from dataclasses import replace
from urllib.parse import urljoin

from aggregator.errors import ParseError
from aggregator.model.document import NOTHING_READ, FeedDocument, RawEntry, ReadMarkup
from aggregator.model.problems import Problem
from aggregator.parse.bases import ATOM_ROOTS, home_of, with_page_base
from aggregator.parse.element_handlers import Frame
from aggregator.parse.entry import draft
from aggregator.parse.feed_dates import FeedDates
from aggregator.parse.feed_info import about, cloud
from aggregator.parse.feedparser_adapter import ParsedFeed, read
from aggregator.parse.known_entries import entry_markup
from aggregator.parse.poll_hints import poll_hints_of
from aggregator.parse.repair_xml import Page
from aggregator.parse.tombstones import withdrawn
from aggregator.parse.untrusted_dict import Raw, string
from aggregator.text.dates import DateContext

_ENTRY = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
# feedparser accepts it as a base, but nothing resolves against it: relative references stay unchanged.
_NO_BASE = "about:blank"
Read = tuple[RawEntry, tuple[str, ...]]  # an entry, and what is wrong with its dates


def parse_feed(
    page: Page, *, url: str, limit: int, context: DateContext, known: ReadMarkup = NOTHING_READ
) -> FeedDocument:
    """Entries that are `known` are not read again. Raises ParseError (kind `parse`) if neither an entry nor anything
    about the feed could be read."""
    markup = None if context.order else entry_markup(page, url, limit)
    if markup and (unchanged := markup.read_before(known)):
        rest, is_sound = _parse(markup.without(unchanged), url, limit, context)
        if is_sound and len(rest.drafts) + len(unchanged) == len(markup.spans):
            return replace(rest, unchanged=unchanged, markup=markup.digests, context=markup.context)
    document, is_sound = _parse(page, url, limit, context)
    if markup and is_sound and len(document.drafts) == len(markup.spans):
        return replace(document, markup=markup.digests, context=markup.context)
    return document


def _parse(page: Page, url: str, limit: int, context: DateContext) -> tuple[FeedDocument, bool]:
    """The document, and whether each of its entries means the same without the others."""
    base = urljoin(url, url) if url.lower().startswith(("http://", "https://")) else _NO_BASE
    parsed = read(page, base=base, limit=limit)
    pairs = _complete_entries(parsed)
    if parsed.fault and not pairs and not _has_feed_info(parsed.about):
        raise ParseError("parse", f"looks like a feed, but cannot be read: {parsed.fault}")
    problems = [Problem(url, "parse", message) for message in _faults(parsed, page.text, limit)]
    dates = FeedDates(parsed.about, [entry for entry, _ in pairs], context)
    problems += [Problem(url, "date", f"the feed: {fault}") for fault in dates.faults_of_feed()]
    info = about(parsed.about, dates)
    drafts = _drafts(pairs, base, dates, problems, url)
    if page.root not in ATOM_ROOTS:
        home = home_of(info.link, base)
        drafts = [(with_page_base(draft, home, base), faults) for draft, faults in drafts]
    drafts = _in_sequence(drafts, parsed.sequence)
    deleted = withdrawn(parsed.tombstones, parsed.entries, dates) if parsed.tombstones else ()
    if len(deleted) > limit:
        problems.append(Problem(url, "parse", f"{len(deleted)} deleted entries; only the first {limit} were read"))
    document = FeedDocument(
        about=info,
        drafts=tuple(draft for draft, _ in drafts),
        format=parsed.version or page.root,
        complete=not parsed.fault and not parsed.limited and len(drafts) == len(pairs),
        problems=tuple(problems),
        deleted=deleted[:limit],
        poll_hints=poll_hints_of(parsed.hint_texts),
        cut_off=parsed.cut_off,
        opt_out=parsed.opt_out,
        date_faults=tuple(faults for _, faults in drafts),
        date_order=dates.order,
        cloud=cloud(parsed.about),
    )
    return document, document.complete and dates.are_plain and not (problems or deleted or parsed.sequence)


def _complete_entries(parsed: ParsedFeed) -> list[tuple[Raw, Frame]]:
    """Entries without one that a cut off document ends in: half an entry would count as an edit."""
    pairs: list[tuple[Raw, Frame]] = list(zip(parsed.entries, parsed.frames, strict=False))
    if parsed.cut_off and pairs and not pairs[-1][1].closed:
        pairs.pop()
    return pairs


def _has_feed_info(feed: Raw) -> bool:
    return any(string(feed, key) for key in ("title", "id", "subtitle", "link", "updated", "published"))


def _faults(parsed: ParsedFeed, text: str, limit: int) -> list[str]:
    if parsed.limited:
        return [f"about {len(_ENTRY.findall(text))} entries; only the first {limit} were read"]
    if parsed.cut_off:
        return [f"the document is cut off: {parsed.fault}"]
    return [f"not well-formed: {parsed.fault}"] if parsed.fault else []


def _in_sequence(drafts: list[Read], sequence: list[str]) -> list[Read]:
    """RSS 1.0 items may stand in any order. `items` gives the intended one (5.3.5); it counts if it names them all."""
    places = {id_: place for place, id_ in enumerate(sequence)}
    whole = places and all(draft.id in places for draft, _ in drafts)
    return sorted(drafts, key=lambda read: places[read[0].id]) if whole else drafts


def _drafts(
    pairs: list[tuple[Raw, Frame]], base: str, dates: FeedDates, problems: list[Problem], url: str
) -> list[Read]:
    """Without entries that hold no element: one could not be told from another."""
    drafts: list[Read] = []
    empty: list[int] = []
    for place, (entry, frame) in enumerate(pairs, 1):
        if not entry and not frame.extras:
            empty.append(place)
            continue
        name = f"entry {place} ({(string(entry, 'id') or string(entry, 'title'))[:200]})"
        problems += [Problem(url, "parse", f"{name}: {fault}") for fault in frame.faults]
        try:
            drafts.append((draft(entry, frame, base, dates), dates.faults(entry)))
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
            problems.append(Problem(url, "parse", f"{name}: cannot be read ({type(error).__name__}: {error})"))
    if empty:
        more = f" and {len(empty) - 5} more" if len(empty) > 5 else ""
        places = ", ".join(map(str, empty[:5]))
        problems.append(Problem(url, "parse", f"entry {places}{more}: nothing is in it, so that it is left out"))
    return drafts
