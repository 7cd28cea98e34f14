"""Extension elements in Atom and RSS follow their vocabularies; JSON Feed contains all of them."""

import json
from dataclasses import replace

import pytest
from lxml import etree

from aggregator.model.document import Extension
from aggregator.render import Renderer
from aggregator.render.extension_rules import conforming
from tests.support.samples import SITE, entry, feed
from tests.unit.render.test_extensions import only

CONTENT = Extension("media:content", (("url", "https://x.example/1.mp3"),))


def written(*extras: Extension) -> list[Extension]:
    return list(conforming(entry(extras=extras)).clean.extras)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (Extension("itunes:explicit", (), "yes"), "true"),
        (Extension("itunes:explicit", (), "No"), "false"),
        (Extension("itunes:explicit", (), "clean"), "false"),
        (Extension("itunes:explicit", (), "True"), "true"),
        (Extension("itunes:block", (), "Yes"), "yes"),
        (Extension("itunes:block", (), "true"), "no"),
        (Extension("itunes:duration", (), "1:02:03"), "1:02:03"),
        (Extension("itunes:season", (), "2"), "2"),
        (Extension("itunes:subtitle", (), "s" * 300), "s" * 254 + "…"),
        (Extension("itunes:episodeType", (), "Full"), "full"),
        (Extension("geo:lat", (), "-41.5"), "-41.5"),
        (Extension("georss:point", (), "45.2 -71.9 12"), "45.2 -71.9"),
        (Extension("georss:point", (), "45.2,-71.9"), "45.2 -71.9"),
        (Extension("georss:elev", (), "313"), "313"),
        (Extension("media:rating", (("scheme", "urn:mpaa"),), "PG"), "pg"),
        (Extension("media:rating", (), "adult"), "adult"),
        (Extension("media:rating", (("scheme", "urn:x-own"),), "Mild"), "Mild"),
        (Extension("media:hash", (("algo", "sha-1"),), "a" * 40), "a" * 40),
        (Extension("slash:hit_parade", (), "5,4"), "5,4"),
        (Extension("media:restriction", (("relationship", "deny"), ("type", "country")), "au us"), "au us"),
        (Extension("dcterms:created", (), "2024-02-29"), "2024-02-29"),
        (Extension("thr:total", (), "0"), "0"),
        (Extension("podcast:season", (("name", "x"),), "any words"), "any words"),
    ],
)
def test_a_value_is_normalized(extra: Extension, expected: str) -> None:
    assert [one.text for one in written(extra)] == [expected]


@pytest.mark.parametrize(
    "extra",
    [
        Extension("itunes:explicit", (), "very"),
        Extension("itunes:duration", (), "long"),
        Extension("itunes:season", (), "0"),
        Extension("itunes:episodeType", (), "half"),
        Extension("itunes:image"),
        Extension("itunes:isClosedCaptioned", (), "yes"),
        Extension("itunes:image", (("href", "https://localhost/1.png"),)),
        Extension("geo:lat", (), "91"),
        Extension("geo:long", (), "-180.5"),
        Extension("georss:point", (), "here"),
        Extension("georss:line", (), "1 2"),
        Extension("geo:Point", (), "", (Extension("geo:lat", (), "1"),)),
        Extension("media:rating", (), "x"),
        Extension("media:restriction", (), "all"),
        Extension("media:price", (("price", "1"),)),
        Extension("media:restriction", (("relationship", "deny"), ("type", "sharing")), ""),
        Extension("media:hash", (), "abc"),
        Extension("media:thumbnail", (("width", "9"),)),
        Extension("slash:comments", (), "many"),
        Extension("dcterms:extent", (), "2500 words"),
        Extension("dcterms:medium", (), "paper"),
        Extension("dc:author", (), "Ann"),
        Extension("thr:in-reply-to", (("href", "https://x.example/"),)),
        Extension("wfw:comment", (), "nowhere"),
    ],
)
def test_invalid_elements_are_left_out(extra: Extension) -> None:
    assert written(extra) == []


def test_an_invalid_attribute_is_left_out() -> None:
    given = Extension(
        "media:content",
        (
            *CONTENT.attributes,
            ("medium", "8-track"),
            ("height", "0"),
            ("lang", "klingon"),
            ("isDefault", "true"),
            ("own", "1"),
        ),
    )
    (found,) = written(given)
    assert dict(found.attributes) == dict(CONTENT.attributes) | {"isDefault": "true"}
    (credit,) = written(Extension("media:credit", (("role", "Sorcerer"),), "Ann"))
    assert credit == Extension("media:credit", (), "Ann")
    assert written(Extension("media:credit", (("role", "Producer"),), "A"))[0].attributes == (("role", "producer"),)


def test_elements_are_translated_to_those_that_more_readers_know() -> None:
    where = Extension("georss:where", (), "", (Extension("gml:Point", (), "", (Extension("gml:pos", (), "1 2"),)),))
    assert written(Extension("gml:Point", (("srsDimension", "2"),), "", (Extension("gml:pos", (), "1 2"),))) == [where]
    (box,) = written(Extension("georss:box", (), "42.9 -71.0 43.0 -69.8"))
    assert [(one.name, one.text) for one in box.children[0].children] == [
        ("gml:lowerCorner", "42.9 -71.0"),
        ("gml:upperCorner", "43.0 -69.8"),
    ]
    assert written(Extension("dcterms:publisher", (), "A")) == [Extension("dc:publisher", (), "A")]
    assert written(Extension("georss:featurename", (), "A")) == [Extension("georss:featureName", (), "A")]
    image = Extension("itunes:image", (("url", "https://x.example/1.png"),))
    assert written(image) == [Extension("itunes:image", (("href", "https://x.example/1.png"),))]


def test_of_an_element_that_may_occur_once_the_first_stays() -> None:
    first, second = (Extension("itunes:explicit", (), word) for word in ("yes", "no"))
    credits_ = [Extension("media:credit", (), name) for name in ("Ann", "Bo")]
    assert written(first, second, *credits_) == [Extension("itunes:explicit", (), "true"), *credits_]


def test_a_group_of_one_medium_is_that_medium() -> None:
    """Media RSS: a group is of the same content in several forms."""
    title, title_b = Extension("media:title", (), "A"), Extension("media:title", (), "B")
    assert written(title, Extension("media:group", (), "", (CONTENT, title_b))) == [title, CONTENT]
    group = Extension("media:group", (), "", (CONTENT, CONTENT, title_b))
    assert written(title, group) == [title, group]


def test_json_contains_every_element() -> None:
    explicit = Extension("itunes:explicit", (), "very")
    (item,) = json.loads(Renderer(SITE).feed(feed(entry(extras=(explicit,))), "json").data)["items"]
    assert item["_extensions"] == {"itunes": [{"name": "itunes:explicit", "text": "very"}]}


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_namespaces_unknown_to_validators_are_declared_where_used(form: str) -> None:
    chapters = Extension("psc:chapters", (("version", "1.2"),), "", (Extension("psc:chapter", (("start", "0"),)),))
    data = Renderer(SITE).feed(feed(entry(extras=(chapters,)), entry()), form).data
    assert data.count(b"xmlns:psc=") == 1
    assert (
        b'<psc:chapters xmlns:psc="http://podlove.org/simple-chapters" version="1.2"><psc:chapter start="0"/>' in data
    )
    found = only(entry(extras=(chapters,)), form).find("{http://podlove.org/simple-chapters}chapters")
    assert found is not None
    assert len(found) == 1


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_windows_1252_characters_read_as_latin_1_are_restored(form: str) -> None:
    found = only(entry(title="It\x92s a \x93test\x94\x85\x81\x7f\ufdd0", content="<p>\x80 5, Â£ Ã</p>"), form)
    texts = [text for text in found.itertext() if text]
    assert "It’s a “test”…" in texts
    assert "<p>€ 5, Â£ Ã</p>" in texts
    etree.tostring(found)


def test_a_community_keeps_its_numbers_and_nothing_else() -> None:
    stars = Extension("media:starRating", (("average", "3.5"), ("count", "20"), ("max", "five"), ("stars", "1")))
    views = Extension("media:statistics", (("views", "5"), ("favorites", "-1")))
    inner = (stars, views, Extension("media:tags", (), "news: 5"), Extension("media:price"))
    assert written(Extension("media:community", (("x", "1"),), "text", inner)) == [
        Extension(
            "media:community",
            children=(
                replace(stars, attributes=(("average", "3.5"), ("count", "20"))),
                replace(views, attributes=(("views", "5"),)),
                Extension("media:tags", (), "news: 5"),
            ),
        )
    ]
    assert written(Extension("media:community")) == []


def test_a_group_of_a_community_alone_is_that_community() -> None:
    """Media RSS: a group is of at least two media. Of two communities, an entry has the first."""
    views, other = (
        Extension("media:community", children=(Extension("media:statistics", (("views", count),)),))
        for count in ("5", "6")
    )
    assert written(Extension("media:group", children=(views,)), other) == [views]
    group = Extension("media:group", children=(CONTENT, CONTENT, views))
    assert written(group, other) == [group, other]
