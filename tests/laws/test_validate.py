"""Every document that the renderers write is valid in every format, whatever came from upstream."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.clean.clean_entry import ContentSettings, clean
from aggregator.model.document import CategoryTerm, FeedInfo, Link, Person, RawEntry, Text
from aggregator.model.entry import Also, Attribution, Entry, Level
from aggregator.model.feed import Feed, Site
from aggregator.publish.documents import Design, DocumentMaker
from aggregator.render import FILES, Renderer
from aggregator.text.entry_ids import is_public_id
from aggregator.text.normalize import legal
from aggregator.text.uris import as_uri
from aggregator.validate import Checker, Finding
from tests.support import paths
from tests.support.samples import BARE, FEED, FULL, SITE

VECTORS = json.loads(paths.VECTORS.read_text())
ATTACKS = [*VECTORS["addresses"], *VECTORS["markup"]]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

words = (
    st.text(max_size=30)
    | st.text("<>&\"']=/ \x00\x0b\x85\ud800\ufffe趣\u202e%{}:#@", max_size=20)
    | st.sampled_from(ATTACKS)
)
BEGINNINGS = ["urn:", "urn:x:", "x:", "http:", "https://", "https://x.example/", "HTTP://x.example:1/", "https://u@[::1]/",
              "tag:", "tag:x,2024:", "mailto:", "magnet:?", "data:", "file:///"]  # fmt: skip
addresses = (
    st.sampled_from(["https://x.example/a?b=1&c=2", "/rel", "//x.example/", "tag:x,2024:1", "mailto:a@b"])
    | words
    | st.builds(str.__add__, st.sampled_from(BEGINNINGS), words | st.text('^`|{}<>[]%\\"é?#:/@ x1', max_size=6))
)
texts = st.builds(Text, words, st.sampled_from(["text", "html", "xhtml"]))
people = st.builds(Person, words, addresses, words | st.just("me@x.example"))
links = st.builds(
    Link,
    addresses,
    words | st.sampled_from(["alternate", "related", "enclosure", "self", "replies"]),
    words | st.just("text/html"),
    words | st.just("zh-Hant"),
    words,
    st.none() | st.integers(-5, 10**12),
    st.none() | st.integers(-5, 10**6),
)
categories = st.builds(CategoryTerm, words, words, words | addresses)
abouts = st.builds(
    FeedInfo, id=addresses, title=words, subtitle=words, link=addresses, updated=st.none() | st.just(NOON),
    authors=st.lists(people, max_size=2).map(tuple), contributors=st.lists(people, max_size=2).map(tuple),
    rights=words, language=words, icon=addresses, logo=addresses, generator=words, generator_uri=addresses,
    generator_version=words, self_link=addresses, links=st.lists(links, max_size=3).map(tuple),
    terms=st.lists(categories, max_size=2).map(tuple),
)  # fmt: skip
dates = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
drafts = st.builds(
    RawEntry, id=addresses, title=st.none() | texts, summary=st.none() | texts, content=st.none() | texts,
    links=st.lists(links, max_size=4).map(tuple), authors=st.lists(people, max_size=2).map(tuple),
    contributors=st.lists(people, max_size=1).map(tuple),
    terms=st.lists(categories).map(tuple),
    rights=words, language=words, image=addresses, comments=addresses, base=addresses, source=st.none() | abouts,
)  # fmt: skip


def entry_of(draft: RawEntry, date: datetime) -> Entry:
    """As settling and selecting would make one of it."""
    made = clean(draft, base="https://x.example/feed", settings=ContentSettings())
    link = made.link or "https://planet.example/entries/a.html"
    levels = tuple(Level(one.term, one.label, one.scheme) for one in made.terms)
    id_ = made.id if is_public_id(made.id) else "tag:planet.example,2024:s/1"
    source = Attribution("s", "Source", "https://x.example/feed", "https://x.example/feed", "https://x.example/", NOON)
    also = (Also("https://y.example/1", title="Y & Z"),)
    return Entry(id_, link, date, date, NOON, NOON, made, levels, source, also)


def maker() -> DocumentMaker:
    return DocumentMaker(Design(SITE, None, ("atom", "rss", "json")))


def errors(renderer: Renderer, feed: Feed, form: str) -> list[Finding]:
    rendered = renderer.feed(feed, form)
    assert rendered.entries == len(feed.entries), rendered.problems
    found = Checker().check(rendered.data, form, feed.home + FILES[form])
    return [fault for fault in found if fault.severity == "error"]


@pytest.mark.portions(4)
@settings(max_examples=20, deadline=None)
@given(draft=drafts, date=dates)
def test_what_is_made_of_any_draft_is_valid(draft: RawEntry, date: datetime) -> None:
    feed, renderer = replace(FEED, entries=(entry_of(draft, date), FULL)), Renderer(SITE)
    for form in FILES:
        assert errors(renderer, feed, form) == []


def addressed(address: str) -> Entry:
    """An entry with the address in each of its fields, as it would be if nothing had cleaned it."""
    text, people = legal(address), (Person("Ann", address),)
    terms = (CategoryTerm("t", "", text),)
    about = FeedInfo(
        text, "The first", link=address, icon=address, logo=address, generator="G", generator_uri=address,
        self_link=address, links=(Link(address),), authors=people, terms=terms,
    )  # fmt: skip
    clean = replace(
        FULL.clean, link=address, page=Link(address, title="Page"), links=(Link(address, "via"), Link(address)),
        enclosures=(Link(address, "enclosure"),), authors=people, contributors=people, image=address, comments=address,
        source=about,
    )  # fmt: skip
    source = Attribution("s", "Source", address, text, address, NOON, people, icon=address, logo=address)
    also = (Also(address, title="Y & Z"),)
    return replace(FULL, link=address, clean=clean, levels=(Level("a", "A", text),), attribution=source, also=also)


@pytest.mark.portions(3)
@settings(max_examples=20, deadline=None)
@given(address=addresses, url=addresses)
def test_no_address_costs_its_entry(address: str, url: str) -> None:
    """In whatever field it stands: every format shows the link as a URI, or the run names what it leaves out."""
    entry = addressed(address)
    source = None if entry.attribution is None else replace(entry.attribution, url=url)
    feed = replace(FEED, entries=(replace(entry, attribution=source), BARE))
    for form in FILES:
        passed = maker().document(feed, form)
        assert passed.data is not None
        assert passed.entries == 2, passed.problems
        if uri := as_uri(address):
            assert passed.problems == ()
            assert form == "html" or uri.encode() in passed.data or escape(uri, quote=False).encode() in passed.data
        elif address:
            assert "its link is left out" in passed.problems[0].message


@pytest.mark.portions(2)
@settings(max_examples=20, deadline=None)
@given(title=words, description=words, icon=addresses, name=words, address=words)
def test_what_a_feed_and_its_site_are_called_costs_nothing(
    title: str, description: str, icon: str, name: str, address: str
) -> None:
    """Categories are named by others, and a typing error in the config is to cost what is mistyped."""
    person, icon = Person(legal(name), "https://x.example/", legal(address)), legal(icon)
    site = Site(legal(title).strip() or "x", SITE.url, rights=name, logo=icon, language=name, author=person)
    feed = replace(FEED, title=title, description=description, icon=icon, category=(legal(title) or "x",))
    for form in FILES:
        assert errors(Renderer(site), feed, form) == []


@pytest.mark.parametrize("form", FILES)
def test_the_samples_pass_and_cost_less_the_second_time(form: str) -> None:
    renderer = Renderer(SITE)
    passed = maker().document(FEED, form)
    assert (passed.data, passed.entries, passed.problems) == (renderer.feed(FEED, form).data, 2, ())
    assert errors(renderer, replace(FEED, entries=()), form) == []


@pytest.mark.parametrize("form", FILES)
def test_what_was_never_cleaned_is_left_out_and_named(form: str) -> None:
    """Each time by the one who would suffer: the sanitizer is another's work, and this is the net below it."""
    bad = replace(BARE, id="tag:x.example,2024:bad", clean=replace(BARE.clean, content="<img src=x onerror=alert(1)>"))
    feed = replace(FEED, entries=(FULL, bad, BARE))
    gate = maker()
    passed = gate.document(feed, form)
    assert passed.data == Renderer(SITE).feed(FEED, form).data
    assert passed.entries == 2
    assert [(one.where, one.kind, one.message[:40]) for one in passed.problems] == [
        ("jobs", "render", f"tag:x.example,2024:bad: left out of {form}: "[:40])
    ]
    again = gate.document(replace(feed, id="all"), form)
    assert again.entries == 2
    assert again.problems == ()


def test_one_that_could_not_be_rendered_does_not_hide_which_one_is_invalid() -> None:
    naive = replace(BARE, id="tag:x.example,2024:naive", published=datetime(2024, 1, 1))  # noqa: DTZ001 - the fault
    bad = replace(BARE, id="tag:x.example,2024:bad", clean=replace(BARE.clean, content="<script>1</script>"))
    passed = maker().document(replace(FEED, entries=(naive, bad, FULL)), "json")
    assert passed.entries == 1
    assert [problem.message.partition(": ")[0] for problem in passed.problems] == [naive.id, bad.id]
