"""Linear cost of the work on entries outside the worker processes: comparing, placing, rendering, checking."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from aggregator.categories import names
from aggregator.categories.rules import Rules
from aggregator.categories.variants import choose_name as choice
from aggregator.categories.variants import group as grouping
from aggregator.categories.variants.tokens import words_of
from aggregator.categories.variants.usage import Usage
from aggregator.clean import carry_over as steady
from aggregator.clean import filters
from aggregator.config import validators as values
from aggregator.config import yaml_lines as config_text
from aggregator.config.edit_aliases import scalar, with_aliases
from aggregator.config.edit_lists import Append, edited
from aggregator.dedup import minhash as near
from aggregator.dedup import similarity as likeness
from aggregator.dedup.copies import Copy, compare
from aggregator.explain import find_entry as referring
from aggregator.html import plain_text as plaintext
from aggregator.model.document import CategoryTerm, Extension, Link, Person
from aggregator.model.entry import Attribution, CleanEntry, Entry, Level
from aggregator.model.feed import Site
from aggregator.posts import write_post
from aggregator.render import attribution as credit
from aggregator.render import extension_rules as vocabulary
from aggregator.render import media_types as media
from aggregator.render import page_html as prose
from aggregator.render import plain_text as text
from aggregator.render import posts, rss
from aggregator.render.atom import AtomFormat
from aggregator.render.jsonfeed import JsonFormat
from aggregator.render.pages import PageFormat
from aggregator.render.rss import RssFormat
from aggregator.term_review.apply import literal
from aggregator.text import media_types
from aggregator.text import regex as expressions
from aggregator.validate import element_rules as elements
from aggregator.validate import html as markup
from aggregator.validate import values as gate
from aggregator.validate.checker import Checker, markup_faults
from aggregator.validate.strict_parse import json_value
from tests.laws.test_growth import SHAPES, Read, _quiet, _repeated, check_every_shape, check_growth

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
SITE = Site("Planet", "https://planet.example/")

SHAPES_OF_MARKUP: dict[str, Callable[[int], str]] = {
    "open paragraphs": _repeated("<p>"),
    "tags without end": _repeated("<a "),
    "breaks without end": _repeated("<br "),
    "an open value, then tags": _repeated("<b>", begin='<h2 "'),
    "tags with open values": _repeated('<a x="'),
    "tags in values": _repeated('<h2 x="<a>">'),
    "quotes behind tags": _repeated('<b>"'),
    "lists without items": _repeated("<ul> "),
    "pictures": _repeated('<img src="a">'),
    "pictures without end": _repeated('<img alt="'),
    "comments, whole": _repeated("<!--a-->"),
    "closing tags": _repeated("</li> "),
    "addresses of a set": _repeated("a 1w ", end="!"),
    "an address set": _repeated("https://x/a 1.5x, "),
    "template signs": _repeated("{{% "),
    "ends of CDATA": _repeated("]]>"),
    "initials": _repeated("a.b."),
    "numbers": _repeated("1.2/3:4"),
    "subtags": _repeated("-a-bcd-1234"),
    "hosts": _repeated("a.", begin="https://"),
    "tag URIs": _repeated("a", begin="tag:", end=",2020:"),
}
ALL = SHAPES | SHAPES_OF_MARKUP


def _entry(said: str) -> Entry:
    """One that says it wherever an entry of a stranger can. Sanitizing would have taken much of it away."""
    link = Link(said, type=said, hreflang=said, title=said)
    clean = CleanEntry(
        id=said,
        title=said,
        title_html=said,
        summary=said,
        content=said,
        link=said,
        links=(link,),
        enclosures=(link,),
        authors=(Person(said, said, said),),
        terms=(CategoryTerm(said, said, said),),
        rights=said,
        language=said,
        image=said,
        comments=said,
        page=link,
        extras=(Extension("dc:type", (), said), Extension("geo:lat", (), said)),
    )
    source = Attribution("blog", said, said, said, said, NOON, (Person(said),), said, said, said, said, said)
    levels = (Level(said, said, said),)
    return Entry(said, said, NOON, NOON, NOON, NOON, clean, levels, source, paths=((said,),))


def _rendered(made: Callable[[Entry], object]) -> Read:
    return _quiet(lambda said: made(_entry(text.legal(said))), ValueError)


def _checked(kind: str, before: str, after: str) -> Read:
    """By a checker that has seen nothing."""
    return lambda said: Checker().check((before + text.legal(said) + after).encode(errors="replace"), kind, "x")


def _checked_text(said: str) -> object:
    return markup_faults(text.legal(said))


def _checked_item(said: str) -> object:
    values = {"id": said, "url": said, "content_html": said, "date_published": said, "language": said, "tags": [said]}
    return Checker().check(json.dumps({"version": "", "items": [values]}).encode(), "json", "x")


def _index(folder: Path) -> Read:
    from aggregator.recover.index_json import read_index

    def read(said: str) -> object:
        formats = {"atom": {"sha256": said, "entries": 1}}
        row = {"id": said[:1000], "title": said, "category": [said], "updated": said, "entries": 1, "formats": formats}
        index = {"site": {"url": said}, "feeds": [row | {"id": "a", "updated": "2026-11-29T12:00:00Z"}, row]}
        (folder / "index.json").write_text(json.dumps(index))
        return read_index(folder / "index.json")

    return read


def _grouped(said: str) -> object:
    terms = [said[at : at + 100] for at in range(0, 4000, 100)]
    usages = [Usage(term.casefold(), (term,), frozenset({at})) for at, term in enumerate(terms)]
    return grouping.group_variants({one.key: one for one in usages if one.key}.values())


def _placed(said: str) -> object:
    return Rules(separator=",").place((CategoryTerm(said, said, said),))


def _spelled(said: str) -> object:
    return vocabulary.conforming(replace(_entry(""), clean=CleanEntry(extras=_extras(said))))


def _extras(said: str) -> tuple[Extension, ...]:
    kinds = "dc:type dcterms:created dcterms:extent geo:lat georss:point georss:line itunes:duration media:hash"
    made = [Extension(name, (), said) for name in f"{kinds} slash:hit_parade media:restriction georss:floor".split()]
    media_ = [Extension("media:content", (("url", said), ("type", said), ("lang", said), ("duration", said)))]
    return (*made, *media_, Extension("media:rating", (("scheme", "urn:icra"),), said))


READERS: dict[str, tuple[Read, str]] = {
    # comparing
    "spoken": (plaintext.plain_text, "breaks without end"),
    "addresses": (plaintext.addresses, "tags without end"),
    "says_enough": (plaintext.is_long_enough, "words"),
    "says_the_same": (
        lambda said: steady.is_same_content(CleanEntry(content=said), CleanEntry(content=said + " ")),
        "pictures",
    ),
    "refusal": (
        lambda said: filters.refusal(CleanEntry(content=said, title=said), (), ({"content": "(a+)+$"},)),
        "letters",
    ),
    "similarity": (lambda said: likeness.similarity(said, said + "!"), "words"),
    "like_titles": (lambda said: likeness.like_titles(said + "!", said, 0.8), "digits"),
    "contradict": (lambda said: likeness.contradict(said, said + " 1"), "numbers"),
    "copies": (lambda said: compare(Copy("a title", said), Copy("a title", f"{said} {said[::-1]}")), "words"),
    "bands": (partial(near.bands, threshold=0.85), "words"),
    "own_text": (partial(near.own_text, boilerplate=frozenset("a")), "line ends"),
    "one that is asked for": (_quiet(lambda said: referring._nearness(said, said + "a")), "letters"),
    "pieces of what is asked for": (referring._pieces, "words"),
    "a number": (referring._is_number, "digits"),
    # categories
    "split": (lambda said: names.split(CategoryTerm(said, said), ","), "commas"),
    "decoded": (names.decoded, "references"),
    "place": (_placed, "commas and blanks"),
    "expressions.matches": (partial(expressions.matches, "(?i)(a*)*b"), "letters"),
    "expressions.check": (_quiet(expressions.check), "parentheses"),
    "exactly": (expressions.literal, "dots"),
    "literal": (literal, "brackets"),
    "words_of": (words_of, "initials"),
    "group_variants": (_grouped, "initials"),
    "best_name": (lambda said: choice.best_name([Usage(said, (said,))]), "numbers"),
    # rendering
    "plain": (text.plain, "tags with open values"),
    "first_words": (text.first_words, "breaks without end"),
    "prose": (partial(prose.content_html, below=2), "tags without end"),
    "post_body": (_rendered(posts.post_body), "template signs"),
    "post_matter": (_rendered(posts.post_matter), "dots"),
    "post_name": (_rendered(posts.post_name), "Han"),
    "write_post": (_quiet(lambda said: write_post({"title": text.legal(said)}, text.legal(said))), "angles"),
    "absolute": (credit.absolute, "user information"),
    "public_url": (_quiet(credit._public, ValueError), "one address"),
    "stated_type": (lambda said: media.stated_type(Link("", type=said)), "media types"),
    "media_type": (lambda said: media.media_type(Link(said)), "hosts"),
    "is_enclosure": (lambda said: media.is_enclosure(Link(said)), "hosts"),
    "language_tag": (media.language_tag, "subtags"),
    "titles of RSS": (lambda said: rss._readable_titles(said.encode(errors="replace")), "tags"),
    "other vocabularies": (_spelled, "noughts"),
    "Atom": (_rendered(AtomFormat(SITE).build), "tags with open values"),
    "RSS": (_rendered(RssFormat(SITE).build), "ends of CDATA"),
    "JSON": (_rendered(JsonFormat(SITE).build), "halves of characters"),
    "page": (_rendered(PageFormat(SITE, ["atom"], None).build), "tags with open values"),
    # checking what was rendered
    "is_rfc3339": (gate.is_rfc3339, "digits"),
    "is_rfc822": (gate.is_rfc822, "dates"),
    "is_iri": (gate.is_iri, "one address of every sign"),
    "is_iri, IPv6": (gate.is_iri, "an IPv6 host"),
    "is_link": (gate.is_link, "user information"),
    "is_language": (gate.is_language, "words with dashes"),
    "is_media_type": (media_types.is_media_type, "media types"),
    "is_email": (gate.is_email, "user information"),
    "is_rss_person": (gate.is_rss_person, "parentheses"),
    "is_count": (gate.is_count, "digits"),
    "control characters": (elements.control_faults, "zero bytes"),
    "an address set": (lambda said: list(markup.faults_of(f'<img srcset="{said}">')), "blanks, then a sign"),
    "a page": (lambda said: list(markup.page_faults(said.encode(errors="replace"))), "tags with open values"),
    "markup": (_checked_text, "open paragraphs"),
    "check, Atom": (_checked("atom", "<feed>", "</feed>"), "open paragraphs"),
    "check, RSS": (_checked("rss", "<rss><channel><item><title>", "</title></item></channel></rss>"), "words"),
    "check, JSON": (_checked_item, "one address"),
    "json_value": (_quiet(lambda said: json_value(said.encode(errors="replace"))), "brackets"),
    # the config, to which others' addresses and names are added
    "scalar": (scalar, "apostrophes"),
    "an alias": (lambda said: with_aliases("categories:\n  aliases: {A: [b]}\n", {"A": [_cut(said)]}), "words"),
    "a source": (lambda said: edited("sources:\n  - url: https://a/\n", [_append(said)]), "words with dashes"),
    "a duration": (_quiet(values.parse_duration, ValueError), "digits"),
    "a size": (_quiet(values.parse_size, ValueError), "blanks"),
    "YAML": (_quiet(config_text.read_yaml), "words with dashes"),
}


def _cut(said: str) -> str:
    """What is added to a config is some name or address; the YAML of ten thousand of them takes seconds."""
    return text.legal(said)[:5000]


def _append(said: str) -> Append:
    return Append("sources", [{"url": _cut(said), "title": _cut(said)}])


@pytest.mark.variants(quick=35)
@pytest.mark.parametrize("name", READERS)
def test_the_time_for_hostile_text_grows_with_its_length(name: str) -> None:
    read, shape = READERS[name]
    check_growth(read, ALL[shape])


def test_the_time_for_a_hostile_index_grows_with_its_length(tmp_path: Path) -> None:
    check_growth(_quiet(_index(tmp_path)), ALL["names"])


@pytest.mark.torture
@pytest.mark.parametrize("name", READERS)
def test_whatever_the_shape_of_the_text(name: str) -> None:
    check_every_shape(READERS[name][0], ALL)
