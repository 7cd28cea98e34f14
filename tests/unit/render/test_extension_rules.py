"""Elements of other vocabularies in Atom and RSS are such as these have; JSON says all that came."""

import json

import pytest
from lxml import etree

from aggregator.model.entry import Extra
from aggregator.render import Renderer
from aggregator.render.extension_rules import conforming
from tests.support.samples import SITE, entry, feed
from tests.unit.render.test_extensions import only

CONTENT = Extra("media:content", (("url", "https://x.example/1.mp3"),))


def written(*extras: Extra) -> list[Extra]:
    return list(conforming(entry(extras=extras)).clean.extras)


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (Extra("itunes:explicit", (), "yes"), "true"), (Extra("itunes:explicit", (), "No"), "false"),
        (Extra("itunes:explicit", (), "clean"), "false"), (Extra("itunes:explicit", (), "True"), "true"),
        (Extra("itunes:block", (), "Yes"), "yes"), (Extra("itunes:block", (), "true"), "no"),
        (Extra("itunes:duration", (), "1:02:03"), "1:02:03"), (Extra("itunes:season", (), "2"), "2"),
        (Extra("itunes:subtitle", (), "s" * 300), "s" * 254 + "…"), (Extra("itunes:episodeType", (), "Full"), "full"),
        (Extra("geo:lat", (), "-41.5"), "-41.5"), (Extra("georss:point", (), "45.2 -71.9 12"), "45.2 -71.9"),
        (Extra("georss:point", (), "45.2,-71.9"), "45.2 -71.9"), (Extra("georss:elev", (), "313"), "313"),
        (Extra("media:rating", (("scheme", "urn:mpaa"),), "PG"), "pg"), (Extra("media:rating", (), "adult"), "adult"),
        (Extra("media:rating", (("scheme", "urn:x-own"),), "Mild"), "Mild"),
        (Extra("media:hash", (("algo", "sha-1"),), "a" * 40), "a" * 40), (Extra("slash:hit_parade", (), "5,4"), "5,4"),
        (Extra("media:restriction", (("relationship", "deny"), ("type", "country")), "au us"), "au us"),
        (Extra("dcterms:created", (), "2024-02-29"), "2024-02-29"), (Extra("thr:total", (), "0"), "0"),
        (Extra("podcast:season", (("name", "x"),), "any words"), "any words"),
    ],
)  # fmt: skip
def test_a_value_is_of_its_kind(extra: Extra, expected: str) -> None:
    assert [one.text for one in written(extra)] == [expected]


@pytest.mark.parametrize(
    "extra",
    [
        Extra("itunes:explicit", (), "very"), Extra("itunes:duration", (), "long"), Extra("itunes:season", (), "0"),
        Extra("itunes:episodeType", (), "half"), Extra("itunes:image"), Extra("itunes:isClosedCaptioned", (), "yes"),
        Extra("itunes:image", (("href", "https://localhost/1.png"),)), Extra("geo:lat", (), "91"),
        Extra("geo:long", (), "-180.5"), Extra("georss:point", (), "here"), Extra("georss:line", (), "1 2"),
        Extra("geo:Point", (), "", (Extra("geo:lat", (), "1"),)), Extra("media:rating", (), "x"),
        Extra("media:restriction", (), "all"), Extra("media:price", (("price", "1"),)),
        Extra("media:restriction", (("relationship", "deny"), ("type", "sharing")), ""),
        Extra("media:hash", (), "abc"), Extra("media:thumbnail", (("width", "9"),)),
        Extra("slash:comments", (), "many"),
        Extra("dcterms:extent", (), "2500 words"), Extra("dcterms:medium", (), "paper"), Extra("dc:author", (), "Ann"),
        Extra("thr:in-reply-to", (("href", "https://x.example/"),)), Extra("wfw:comment", (), "nowhere"),
    ],
)  # fmt: skip
def test_what_is_none_is_left_out(extra: Extra) -> None:
    assert written(extra) == []


def test_an_attribute_that_is_none_costs_itself() -> None:
    given = Extra("media:content", (*CONTENT.attributes, ("medium", "8-track"), ("height", "0"), ("lang", "klingon"),
                                    ("isDefault", "true"), ("own", "1")))  # fmt: skip
    (found,) = written(given)
    assert dict(found.attributes) == dict(CONTENT.attributes) | {"isDefault": "true"}
    (credit,) = written(Extra("media:credit", (("role", "Sorcerer"),), "Ann"))
    assert credit == Extra("media:credit", (), "Ann")
    assert written(Extra("media:credit", (("role", "Producer"),), "A"))[0].attributes == (("role", "producer"),)


def test_the_same_is_said_in_words_that_more_readers_know() -> None:
    where = Extra("georss:where", (), "", (Extra("gml:Point", (), "", (Extra("gml:pos", (), "1 2"),)),))
    assert written(Extra("gml:Point", (("srsDimension", "2"),), "", (Extra("gml:pos", (), "1 2"),))) == [where]
    (box,) = written(Extra("georss:box", (), "42.9 -71.0 43.0 -69.8"))
    assert [(one.name, one.text) for one in box.children[0].children] == [
        ("gml:lowerCorner", "42.9 -71.0"), ("gml:upperCorner", "43.0 -69.8"),
    ]  # fmt: skip
    assert written(Extra("dcterms:publisher", (), "A")) == [Extra("dc:publisher", (), "A")]
    assert written(Extra("georss:featurename", (), "A")) == [Extra("georss:featureName", (), "A")]
    image = Extra("itunes:image", (("url", "https://x.example/1.png"),))
    assert written(image) == [Extra("itunes:image", (("href", "https://x.example/1.png"),))]


def test_of_what_stands_once_the_first_stays() -> None:
    first, second = (Extra("itunes:explicit", (), word) for word in ("yes", "no"))
    credits_ = [Extra("media:credit", (), name) for name in ("Ann", "Bo")]
    assert written(first, second, *credits_) == [Extra("itunes:explicit", (), "true"), *credits_]


def test_a_group_of_one_medium_is_that_medium() -> None:
    """Media RSS: a group is of the same content in several forms."""
    title, said = Extra("media:title", (), "A"), Extra("media:title", (), "B")
    assert written(title, Extra("media:group", (), "", (CONTENT, said))) == [title, CONTENT]
    group = Extra("media:group", (), "", (CONTENT, CONTENT, said))
    assert written(title, group) == [title, group]


def test_json_says_all_that_came() -> None:
    explicit = Extra("itunes:explicit", (), "very")
    (item,) = json.loads(Renderer(SITE).feed(feed(entry(extras=(explicit,))), "json").data)["items"]
    assert item["_extensions"] == {"itunes": [{"name": "itunes:explicit", "text": "very"}]}


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_what_validators_do_not_know_is_declared_where_it_is_used(form: str) -> None:
    chapters = Extra("psc:chapters", (("version", "1.2"),), "", (Extra("psc:chapter", (("start", "0"),)),))
    data = Renderer(SITE).feed(feed(entry(extras=(chapters,)), entry()), form).data
    assert data.count(b"xmlns:psc=") == 1
    assert (
        b'<psc:chapters xmlns:psc="http://podlove.org/simple-chapters" version="1.2"><psc:chapter start="0"/>' in data
    )
    found = only(entry(extras=(chapters,)), form).find("{http://podlove.org/simple-chapters}chapters")
    assert found is not None
    assert len(found) == 1


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_characters_of_windows_that_were_taken_for_latin_1_are_what_they_were(form: str) -> None:
    found = only(entry(title="It\x92s a \x93test\x94\x85\x81\x7f\ufdd0", content="<p>\x80 5, Â£ Ã</p>"), form)
    texts = [text for text in found.itertext() if text]
    assert "It’s a “test”…" in texts
    assert "<p>€ 5, Â£ Ã</p>" in texts
    etree.tostring(found)
