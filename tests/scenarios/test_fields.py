"""Each field is republished from every format that has it into every format that has it.

The results are docs/reference/fields.md. After an intended change: `UPDATE_GOLDEN=1 python -m pytest` with this file.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from aggregator.model.document import Extension
from aggregator.model.entry import CleanEntry
from tests.support import paths
from tests.support.planet import NOON, Planet, Upstream
from tests.support.republishing import cleaned, republished

TABLE = paths.PROJECT / "docs" / "reference" / "fields.md"

IN = {"RSS 2.0": "rss", "RSS 1.0": "rdf", "Atom 1.0": "atom", "JSON Feed 1.1": "json"}
OUT = {"atom": "Atom", "rss": "RSS", "json": "JSON"}
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/",
        "dcterms": "http://purl.org/dc/terms/",
        "atom": "http://www.w3.org/2005/Atom",
        "cc": "http://backend.userland.com/creativeCommonsRssModule",
        "m": "http://search.yahoo.com/mrss/",
        "it": "http://www.itunes.com/DTDs/Podcast-1.0.dtd",
        "pod": "https://podcastindex.org/namespace/1.0",
        "psc": "http://podlove.org/simple-chapters",
        "georss": "http://www.georss.org/georss",
        "gml": "http://www.opengis.net/gml",
        "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "thr": "http://purl.org/syndication/thread/1.0",
        "wfw": "http://wellformedweb.org/CommentAPI/",
    }.items()
)
# A feed around the one entry: `{}` is the field.
FRAMES = {
    "rss": f'<rss version="2.0" {NAMESPACES}><channel><title>T</title><item>{{}}</item></channel></rss>',
    "rdf": '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    f" {NAMESPACES}><channel><title>T</title></channel><item>{{}}</item></rdf:RDF>",
    "atom": f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><title>T</title><entry>{{}}</entry></feed>',
}
A = "https://a.example/"


@dataclass(frozen=True)
class Field:
    """`look` is what a clean draft says of it. A format without an example has no way to say it; RDF's is RSS's."""

    name: str
    look: Callable[[CleanEntry], object]
    rss: str = ""
    atom: str = ""
    json: dict[str, Any] = field(default_factory=dict)
    rdf: str | None = None

    def document(self, form: str) -> bytes:
        """Empty where the format cannot say it."""
        if form == "json":
            head = {"version": "https://jsonfeed.org/version/1.1", "title": "T"}
            return json.dumps({**head, "items": [{"id": "1", **self.json}]}).encode() if self.json else b""
        inner = {"rss": self.rss, "rdf": self.rss if self.rdf is None else self.rdf, "atom": self.atom}[form]
        return FRAMES[form].format(inner).encode() if inner else b""


def links(rel: str, draft: CleanEntry) -> list[tuple[object, ...]]:
    return [(link.href, link.type, link.hreflang, link.title, link.length) for link in draft.links if link.rel == rel]


def names(draft: CleanEntry) -> list[str]:
    return [person.name for person in draft.authors]


def enclosures(*parts: str) -> Callable[[CleanEntry], object]:
    return lambda draft: [[getattr(link, part) for part in parts] for link in draft.enclosures]


def comments(draft: CleanEntry) -> list[object]:
    return [draft.comments] if draft.comments else [href for href, *_ in links("replies", draft)]


def extra(name: str, xml: str) -> Field:
    """The same elements in every XML format; those of ours that stand for a picture or a duration are others."""
    spaces = [part.split(":")[0] for part in name.split() if ":" in part]
    return Field(name, lambda draft: [of_space(draft, space) for space in spaces if of_space(draft, space)], xml, xml)


def of_space(draft: CleanEntry, space: str) -> list[Extension]:
    return [extra for extra in draft.extras if extra.name.startswith(f"{space}:")]


ENCLOSURE = f'<enclosure url="{A}1.mp3" type="audio/mpeg" length="9"/>'
ENCLOSURES = f'<link rel="enclosure" href="{A}1.mp3" type="audio/mpeg" length="9"/>'
ATTACHMENT = {"url": f"{A}1.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}
FIELDS = (
    Field("title", lambda d: d.title, "<title>A &amp;amp; B</title>", "<title>A &amp; B</title>", {"title": "A & B"}),
    Field("title with markup", lambda d: d.title_html, atom='<title type="html">&lt;em&gt;A&lt;/em&gt; B</title>'),
    Field("title as XHTML", lambda d: d.title_html,
          atom='<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><em>A</em> B</div></title>'),
    Field("id, where it is a URI", lambda d: d.id, "<guid isPermaLink='false'>tag:a.example,2020:1</guid>",
          "<id>tag:a.example,2020:1</id>", {"id": "tag:a.example,2020:1"}, rdf=""),
    Field("id that is the link", lambda d: d.link and d.id_is_permalink, f"<guid>{A}1</guid>", rdf=""),
    Field("link", lambda d: d.link, f"<link>{A}1</link>", f'<link href="{A}1"/>', {"url": f"{A}1"}),
    Field("type, language and title of the link", lambda d: d.page,
          atom=f'<link href="{A}1" type="text/html" hreflang="de" title="Eins"/>'),
    Field("other links, with type, language, title and length", partial(links, "via"),
          f'<atom:link rel="via" href="{A}2" type="text/html" hreflang="de" title="Zwei" length="7"/>',
          f'<link rel="via" href="{A}2" type="text/html" hreflang="de" title="Zwei" length="7"/>'),
    Field("related link", partial(links, "related"), f'<atom:link rel="related" href="{A}2"/>',
          f'<link rel="related" href="{A}2"/>', {"url": f"{A}1", "external_url": f"{A}2"}),
    Field("summary", lambda d: d.summary or d.content, "<description>&lt;p&gt;S&lt;/p&gt;</description>",
          '<summary type="html">&lt;p&gt;S&lt;/p&gt;</summary>', {"summary": "S"}),
    Field("content", lambda d: d.content or d.summary,
          "<content:encoded>&lt;p&gt;C&lt;/p&gt;</content:encoded>",
          '<content type="html">&lt;p&gt;C&lt;/p&gt;</content>', {"content_html": "<p>C</p>"}),
    Field("content as XHTML", lambda d: d.content or d.summary,
          atom='<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>C</p></div></content>'),
    Field("that the content is plain text", lambda d: d.texts,
          atom="<content>1 &lt; 2</content>", json={"content_text": "1 < 2"}),
    Field("summary and content both", lambda d: d.content and d.summary and (d.content, d.summary),
          "<description>S</description><content:encoded>&lt;p&gt;C&lt;/p&gt;</content:encoded>",
          '<summary>S</summary><content type="html">&lt;p&gt;C&lt;/p&gt;</content>',
          {"summary": "S", "content_html": "<p>C</p>"}),
    Field("published", lambda d: d.published or d.updated, "<pubDate>Thu, 01 Feb 2024 03:04:05 GMT</pubDate>",
          "<published>2024-02-01T03:04:05Z</published>", {"date_published": "2024-02-01T03:04:05Z"},
          rdf="<dc:date>2024-02-01T03:04:05Z</dc:date>"),
    Field("published and updated", lambda d: d.published and d.updated and (d.published, d.updated),
          "<pubDate>Thu, 01 Feb 2024 03:04:05 GMT</pubDate><atom:updated>2024-02-02T03:04:05Z</atom:updated>",
          "<published>2024-02-01T03:04:05Z</published><updated>2024-02-02T03:04:05Z</updated>",
          {"date_published": "2024-02-01T03:04:05Z", "date_modified": "2024-02-02T03:04:05Z"},
          rdf="<dcterms:issued>2024-02-01T03:04:05Z</dcterms:issued>"
          "<dcterms:modified>2024-02-02T03:04:05Z</dcterms:modified>"),
    Field("authors", names, "<dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>",
          "<author><name>Ann</name></author><author><name>Bo</name></author>",
          {"authors": [{"name": "Ann"}, {"name": "Bo"}]}),
    Field("their e-mail", lambda d: [(one.name, one.email) for one in d.authors if one.email],
          "<author>ann@a.example (Ann)</author>", "<author><name>Ann</name><email>ann@a.example</email></author>",
          {"authors": [{"name": "Ann", "url": "mailto:ann@a.example"}]}),
    Field("their e-mail and address both",
          lambda d: [(one.name, one.email, one.uri) for one in d.authors if one.email and one.uri],
          f"<atom:author><atom:name>Ann</atom:name><atom:email>ann@a.example</atom:email><atom:uri>{A}</atom:uri>"
          "</atom:author>",
          f"<author><name>Ann</name><email>ann@a.example</email><uri>{A}</uri></author>"),
    Field("contributors", lambda d: d.contributors, "<dc:contributor>Cy</dc:contributor>",
          "<contributor><name>Cy</name></contributor>"),
    Field("their address", lambda d: [one for one in d.contributors if one.uri],
          f"<atom:contributor><atom:name>Cy</atom:name><atom:uri>{A}cy</atom:uri></atom:contributor>",
          f"<contributor><name>Cy</name><uri>{A}cy</uri></contributor>"),
    Field("categories", lambda d: [term.term for term in d.terms],
          "<category>a</category><category>b</category>", '<category term="a"/><category term="b"/>',
          {"tags": ["a", "b"]}, rdf="<dc:subject>a</dc:subject><dc:subject>b</dc:subject>"),
    Field("their scheme", lambda d: [term.scheme for term in d.terms if term.scheme],
          f'<category domain="{A}terms">a</category>', f'<category term="a" scheme="{A}terms"/>', rdf=""),
    Field("their label beside the term", lambda d: [one for one in d.terms if one.label not in ("", one.term)],
          atom='<category term="a" label="Letter A"/>'),
    Field("enclosure, with type and length", enclosures("href", "type", "length"), ENCLOSURE, ENCLOSURES,
          {"attachments": [ATTACHMENT]}, rdf=""),
    Field("every enclosure", lambda d: d.enclosures[1:] and [link.href for link in d.enclosures],
          f'{ENCLOSURE}<enclosure url="{A}2.ogg" type="audio/ogg" length="8"/>',
          f'{ENCLOSURES}<link rel="enclosure" href="{A}2.ogg"/>',
          {"attachments": [ATTACHMENT, {"url": f"{A}2.ogg", "mime_type": "audio/ogg"}]}, rdf=""),
    Field("how long it plays", lambda d: [link.duration for link in d.enclosures if link.duration],
          f"{ENCLOSURE}<it:duration>1:05</it:duration>", f"{ENCLOSURES}<it:duration>65</it:duration>",
          {"attachments": [{**ATTACHMENT, "duration_in_seconds": 65}]}, rdf=""),
    Field("title of an enclosure", lambda d: [link.title for link in d.enclosures if link.title],
          atom=f'<link rel="enclosure" href="{A}1.mp3" title="One"/>',
          json={"attachments": [{**ATTACHMENT, "title": "One"}]}),
    Field("picture", lambda d: d.image, f'<m:thumbnail url="{A}1.png"/>', f'<m:thumbnail url="{A}1.png"/>',
          {"image": f"{A}1.png"}),
    Field("page of comments", comments, f"<comments>{A}1#c</comments>",
          f'<link rel="replies" href="{A}1#c" type="text/html"/>'),
    Field("rights", lambda d: d.rights, "<dc:rights>© A</dc:rights>", "<rights>© A</rights>"),
    Field("license", lambda d: [link.href for link in d.links if link.rel == "license"],
          f"<cc:license>{A}cc</cc:license>", f'<link rel="license" href="{A}cc"/>'),
    Field("language", lambda d: d.language, "<dc:language>de</dc:language>",
          '<content xml:lang="de">Eins</content>', {"language": "de"}),
    Field("source: title, links", lambda d: d.source and (d.source.title, d.source.self_link),
          f'<source url="{A}s.xml">S</source>',
          f'<source><id>{A}s</id><title>S</title><link href="{A}"/><link rel="self" href="{A}s.xml"/></source>',
          rdf=""),
    Field("source, all of it", lambda d: d.source and d.source.rights and d.source,
          atom=f'<source xml:lang="de"><id>{A}s</id><title>S</title><subtitle>Sub</subtitle>'
          "<updated>2024-02-01T03:04:05Z</updated><author><name>Ann</name></author>"
          "<contributor><name>Cy</name></contributor>"
          f'<category term="a" scheme="{A}terms" label="A"/><generator uri="{A}g" version="2">G</generator>'
          f"<icon>{A}i.png</icon><logo>{A}l.png</logo><rights>© S</rights>"
          f'<link rel="alternate" href="{A}" type="text/html" hreflang="de" title="S"/>'
          f'<link rel="via" href="{A}v" length="7"/></source>'),
    extra("media:group, with content, thumbnail, credit and description",
          f'<m:group><m:content url="{A}1.mp4" fileSize="7" isDefault="true" medium="video"><m:credit role="author">Ann'
          f'</m:credit></m:content><m:content url="{A}2.mp4"/><m:thumbnail url="{A}1.jpg" width="9"/></m:group>'
          "<m:description>Other words</m:description>"),
    extra("itunes:* of an episode",
          "<it:episode>3</it:episode><it:season>2</it:season><it:episodeType>full</it:episodeType>"
          f'<it:explicit>false</it:explicit><it:image href="{A}1.jpg"/><it:title>Three</it:title>'),
    extra("podcast:* of an episode, repeated ones",
          f'<pod:transcript url="{A}1.vtt" type="text/vtt"/><pod:transcript url="{A}1.srt" type="text/srt"/>'
          f'<pod:person role="host" img="{A}a.jpg">Ann</pod:person><pod:person role="guest">Bo</pod:person>'
          f'<pod:chapters url="{A}1.json" type="application/json+chapters"/>'
          '<pod:soundbite startTime="1.5" duration="9">Listen</pod:soundbite>'),
    extra("psc:chapters", '<psc:chapters version="1.2"><psc:chapter start="0" title="Hi"/></psc:chapters>'),
    extra("dc:*, dcterms:*", "<dc:publisher>P</dc:publisher><dc:identifier>doi:10.1/2</dc:identifier>"
          "<dcterms:valid>start=2024-02-01</dcterms:valid>"),
    extra("georss:*, gml:*, geo:*", "<georss:point>45.2 -71.9</georss:point><geo:lat>45.2</geo:lat>"
          "<geo:long>-71.9</geo:long><georss:where><gml:Point srsName='EPSG:4326'><gml:pos>45.2 -71.9</gml:pos>"
          "</gml:Point></georss:where>"),
    extra("slash:comments, slash:section", "<slash:comments>5</slash:comments><slash:section>a</slash:section>"),
    extra("thr:total, thr:in-reply-to", "<thr:total>5</thr:total>"
          f'<thr:in-reply-to ref="tag:a.example,2020:0" href="{A}0" type="text/html"/>'),
    Field("number of replies on a link (thr:count)", lambda d: of_space(d, "thr"),
          atom=f'<link rel="replies" href="{A}1#c" thr:count="5"/>'),
    extra("media:community", '<m:community><m:starRating average="3.5" count="20" min="1" max="10"/>'
          '<m:statistics views="5" favorites="4"/><m:tags>news: 5, abc: 3</m:tags></m:community>'),
    extra("wfw:commentRss", f"<wfw:commentRss>{A}1/feed</wfw:commentRss>"),
)  # fmt: skip


def seen(field: Field, source: str) -> dict[str, bool] | None:
    """By format, whether what was said comes through; None where the source's format cannot say it."""
    body = field.document(source)
    if not body:
        return None
    (before,) = cleaned(body)
    assert field.look(before), f"{field.name} of {source} is not read"
    return {form: comes_through(field, before, republished(body, form)) for form in OUT}


def comes_through(field: Field, before: CleanEntry, data: bytes) -> bool:
    (after,) = cleaned(data)
    return field.look(after) == field.look(before)


def table() -> Iterator[str]:
    yield "# What comes through"
    yield ""
    yield (
        "Each row is something that a publisher can say of an entry; each column a format that it may arrive in. A cell"
        " names the formats that say it again to those who read what we publish; · where the format that it arrives in"
        " has no word for it. `make test` holds this table against what is seen."
    )
    yield ""
    yield f"| of an entry | {' | '.join(f'in {name}' for name in IN)} |"
    yield "|---" * (len(IN) + 1) + "|"
    for row in FIELDS:
        yield f"| {row.name} | {' | '.join(cell(seen(row, form)) for form in IN.values())} |"
    yield ""
    yield (
        "Elements of other vocabularies (from `media:*` on) are written as they came, in their order, as text and"
        " addresses without markup: in Atom and RSS under their namespaces, in JSON Feed under `_extensions`, by"
        " prefix. In Atom and RSS, `media:community` stands at its place inside the element `statistics` of our"
        " namespace (`urn:uuid:c103863f-7e2f-477e-8e93-769d7d9f504f`), because"
        " [validators](../explanation/validators.md) call it undefined elsewhere. What JSON Feed has no key for is"
        " under `_aggregator`. Said of a whole feed and not carried into another one: `podcast:guid`,"
        " `podcast:locked`, `podcast:funding`, `itunes:owner`, links to `self`, `edit`, `hub` and the pages of an"
        " archive. The source that an entry was first in is named by Atom; RSS and JSON Feed name the one that it"
        " was taken from."
    )


def cell(found: dict[str, bool] | None) -> str:
    return "·" if found is None else ", ".join(name for form, name in OUT.items() if found[form]) or "none"


def test_the_table_of_fields_is_true() -> None:
    text = "\n".join(table()) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        TABLE.parent.mkdir(exist_ok=True)
        TABLE.write_text(text, encoding="utf-8")
    assert text == TABLE.read_text(encoding="utf-8")


@pytest.mark.variants(quick=5)
# RSS and JSON name the source that we took an entry from, Atom the first.
@pytest.mark.parametrize("field", [row for row in FIELDS if "source" not in row.name], ids=lambda field: field.name)
def test_a_format_says_again_what_it_can_say(field: Field) -> None:
    for source, form in {"rss": "rss", "rdf": "rss", "atom": "atom", "json": "json"}.items():
        found = seen(field, source)
        assert found is None or found[form], f"{source}: {found}"


@pytest.mark.torture
def test_what_was_published_once_says_the_same_when_it_is_published_again() -> None:
    for row in FIELDS:
        body = row.document("atom") or row.document("rss")
        for form in OUT:
            once = republished(body, form)
            assert cleaned(republished(once, form))[0].extras == cleaned(once)[0].extras


def test_extras_are_found_by_prefix_in_json() -> None:
    body = FRAMES["rss"].format(f'<guid>{A}1</guid><pod:person role="host">Ann</pod:person>').encode()
    (item,) = json.loads(republished(body, "json"))["items"]
    assert item["_extensions"] == {
        "podcast": [{"name": "podcast:person", "attributes": {"role": "host"}, "text": "Ann"}]
    }
    assert cleaned(republished(body, "json"))[0].extras == (Extension("podcast:person", (("role", "host"),), "Ann"),)


def test_elements_of_other_vocabularies_are_taken_over_without_being_an_edit(
    planet: Planet, upstream: Upstream
) -> None:
    """But for counts, which every poll finds higher: they are told with the next thing that changes."""
    item = (
        f"<guid>{A}1</guid><title>One</title><slash:comments>{{}}</slash:comments><slash:section>{{}}</slash:section>"
    )
    text = FRAMES["rss"].format(item)
    planet.config["sources"] = [{"url": upstream.serve("/feed", text.format(5, "a")), "id": "blog"}]
    planet.run()
    before, tree = planet.atom(), planet.tree()
    upstream.serve("/feed", text.format(6, "a"))
    planet.run(NOON + timedelta(hours=3), force=True)
    assert planet.tree() == tree
    upstream.serve("/feed", text.format(7, "b"))
    planet.run(NOON + timedelta(hours=6), force=True)
    after = planet.atom()
    assert (before.entries[0].slash_comments, after.entries[0].slash_comments) == ("5", "7")
    assert (before.feed.updated, before.entries[0].updated) == (after.feed.updated, after.entries[0].updated)


def test_a_faulty_new_entry_is_no_edit_of_its_neighbours(planet: Planet, upstream: Upstream) -> None:
    item = (
        f"<item><guid>{A}{{0}}</guid><title>{{0}}</title><it:episode>7</it:episode><m:rating>g</m:rating>"
        '<pod:person role="host">Ann</pod:person></item>'
    )
    old, faulty = item.format(1) + item.format(2), item.format("3<b>").replace("</pod", "<snf:x>q</snf:x></pod")
    text = FRAMES["rss"].replace("<item>{}</item>", "{}")
    planet.config["sources"] = [{"url": upstream.serve("/feed", text.format(old)), "id": "blog"}]
    planet.run()
    before = {entry.id: entry for entry in planet.atom().entries}
    upstream.serve("/feed", text.format(faulty + old))
    planet.run(NOON + timedelta(hours=3), force=True)
    after = {entry.id: entry for entry in planet.atom().entries}
    assert len(after) == 3
    assert {id_: after[id_] for id_ in before} == before
    assert {entry.itunes_episode for entry in after.values()} == {"7"}
