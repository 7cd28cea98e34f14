"""A planet in each language: every word that a reader meets, dates, directions, and what others get as feeds."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from lxml import html

from aggregator.overrides.apply import keep
from tests.commands.test_recover import learn
from tests.scenarios.test_pages import dead_links
from tests.support.planet import NOON, Planet, Upstream, rss

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG = "字" * 60 + "。" + "文" * 60
# One title and one text at two sources.
SHARED = {"title": "共同的文章", "description": f"<p>{LONG}</p>", "pubDate": "Sun, 22 Nov 2026 10:00:00 GMT"}
NAMES = {"Atom", "RSS", "JSON", "Feed", "OPML", "UTC", "MB", "kB", "mpeg", "audio", "mp3"}
LATIN = re.compile(r"[A-Za-zÀ-ÿ]{2,}")

WORDS = {
    "en": "Subscribe|Categories|29 November 2026|Older entries|Continue reading at 甲|Also published by |From ",
    "zh-CN": "订阅|分类|2026年11月29日|较早的文章|在 甲 阅读全文|以下来源也发布了本文：|来源：",
    "zh-TW": "訂閱|分類|2026年11月29日|較早的文章|在 甲 閱讀全文|以下來源也刊登了本文：|來源：",
    "ja": "購読|カテゴリー|2026年11月29日|過去の記事|続きを甲で読む|この記事の他の配信元：|配信元：",
    "de-AT": "Abonnieren|Kategorien|29. November 2026|Ältere Beiträge|Weiterlesen bei 甲|Auch veröffentlicht von |Von ",
    "fr": "S’abonner|Catégories|29 novembre 2026|Articles plus anciens|Lire la suite sur 甲|Également publié par |Via ",
    "es": "Suscribirse|Categorías|29 de noviembre de 2026|Entradas más antiguas|Seguir leyendo en 甲"
    "|También publicado por |Vía ",
    "ar": "Subscribe|Categories|29 November 2026|Older entries|Continue reading at 甲|Also published by |From ",
}
HEADINGS = {"en": "Sunday, 29 November 2026", "zh-CN": "2026年11月29日星期日", "de-AT": "Sonntag, 29. November 2026"}
HEALTH = {
    "en": "丙 is broken",
    "zh-CN": "丙 出现故障",
    "zh-TW": "丙 發生故障",
    "ja": "丙に障害が発生",
    "de-AT": "丙 ist gestört",
    "fr": "丙 est en panne",
    "es": "丙 tiene fallos",
    "ar": "丙 is broken",
}
REMOVED = {
    "en": "Removed",
    "zh-CN": "已删除",
    "zh-TW": "已刪除",
    "ja": "削除されました",
    "de-AT": "Entfernt",
    "ar": "Removed",
}
PAGES = ("index.html", "404.html", "all/index.html", "all/archive/1/1/index.html", "tu-pian/index.html",
    "source/jia/index.html", "source/bing/index.html", "health/index.html", "entries/tie-zi.html")  # fmt: skip


def story(n: int, **more: str) -> dict[str, str]:
    link = f"https://jia.example/{n}"
    date = f"{22 + n % 7 if n else 29} Nov 2026 0{n % 9}:00:00 GMT"
    return {"title": f"第{n}", "link": link, "guid": link, "category": "图片", "pubDate": date} | more


def build(planet: Planet, upstream: Upstream, language: str, **feeds: Any) -> None:
    """Two weeks of a planet whose own names are Chinese: sources that are well and broken, entries of two sources, with
    excerpt and enclosure, edited and removed, an archive, a post."""
    first = upstream.serve("/jia", rss(story(0, summary=""), *map(story, range(1, 9)), shared("jia"), title="甲"))
    second = upstream.serve("/yi", rss(shared("yi"), title="乙", link="https://yi.example/"))
    third = upstream.serve("/bing", rss(story(30, guid="30", link="https://bing.example/30"), title="丙"))
    planet.post("1.md", "---\ntitle: 帖子\ndate: 2026-11-20\ncategories: [图片, 风景]\n---\n内容\n")
    planet.config["site"] |= {"title": "星球", "language": language, "timezone": "UTC"}
    ids = zip(("jia", "yi", "bing"), (first, second, third), strict=True)
    planet.config["sources"] = [{"url": url, "id": id_} for id_, url in ids]
    planet.config["feeds"] = {"per_source": True, "limit": 3, "archive": 3, "window": "0s", "byline": True} | feeds
    planet.run(NOON + 6 * DAY)
    upstream.serve("/bing", "", status=503)
    for hour in (1, 2, 3):
        planet.run(NOON + 6 * DAY + hour * HOUR, force=True)


def shared(id_: str) -> dict[str, str]:
    return SHARED | {"guid": f"{id_}-1", "link": f"https://{id_}.example/shared"}


def page(planet: Planet, path: str) -> html.HtmlElement:
    return html.document_fromstring((planet.root / "feeds" / path).read_bytes().decode())


def shown(planet: Planet, path: str) -> str:
    return " ".join(page(planet, path).text_content().split())


def feed_json(planet: Planet, feed: str) -> Any:
    return json.loads((planet.root / "feeds" / feed / "feed.json").read_bytes())


def lost_words(planet: Planet, path: str) -> set[str]:
    """Latin words on a page whose names are Chinese, in its text and in what is read aloud. Addresses are no words."""
    root = page(planet, path)
    for address in root.xpath("//code"):
        address.drop_tree()
    read_aloud = root.xpath("//@aria-label | //@title | //@alt")
    text = " ".join([root.text_content(), *map(str, read_aloud)])
    return set(LATIN.findall(re.sub(r"https?://[!-~]+", "", text))) - NAMES


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("language", WORDS)
def test_a_planet_speaks_the_language_of_its_site(planet: Planet, upstream: Upstream, language: str) -> None:
    build(planet, upstream, language)
    *of_front, read_on, also, by = WORDS[language].split("|")
    front = shown(planet, "index.html")
    assert [word for word in of_front if word not in front] == []
    assert HEADINGS.get(language, "") in front
    assert read_on in shown(planet, "all/index.html")
    feed = feed_json(planet, "source/yi")
    [entry] = feed["items"]
    assert feed["language"] == language
    assert f"<p><small>{by}" in entry["content_html"]
    assert f"<p><small>{also}" in entry["content_html"]
    assert HEALTH[language] in shown(planet, "health/index.html")
    assert [one.title for one in planet.atom("health").entries] == [HEALTH[language]]
    assert dead_links(planet) == []
    way = "rtl" if language == "ar" else "ltr"
    for path in set(PAGES) - {"health/index.html"}:
        root = page(planet, path)
        assert (root.get("lang"), root.get("dir")) == (language, way)
        assert all(time.get("datetime") for time in root.iter("time"))
    health = page(planet, "health/index.html")
    assert (health.get("lang"), health.get("dir")) == ("en" if language == "ar" else language, "ltr")


@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh-CN", "zh-TW", "ja"])
def test_no_english_word_is_left(planet: Planet, upstream: Upstream, language: str) -> None:
    build(planet, upstream, language)
    remove(planet, "https://jia.example/6")
    planet.config["site"]["front"] = "list"
    assert {path: lost_words(planet, path) for path in PAGES} == {path: set() for path in PAGES}
    planet.config["categories"] = {"aliases": {"照片": ["图片"]}, "unmapped": "drop"}
    planet.run(NOON + 7 * DAY)
    standing = [path for path in PAGES if "archive" not in path]
    assert {path: lost_words(planet, path) for path in standing} == {path: set() for path in standing}
    for path in ("all", "tu-pian", "health", "source/jia"):
        for entry in planet.atom(path).entries:
            assert not LATIN.findall(entry.title), entry.title
        assert not set(LATIN.findall(planet.atom(path).feed.get("subtitle", ""))), path
    for text in ("opml.xml", "sources.opml"):
        titles = re.findall('(?:text|title)="([^"]*)"|<title>([^<]*)<', (planet.root / "feeds" / text).read_text())
        assert not LATIN.findall(str(titles))


@pytest.mark.torture
@pytest.mark.parametrize("language", REMOVED)
def test_what_is_removed_says_so(planet: Planet, upstream: Upstream, language: str) -> None:
    build(planet, upstream, language)
    remove(planet, "https://jia.example/6")
    planet.run(NOON + 6 * DAY + 5 * HOUR)
    assert REMOVED[language] in [one.get("title") for one in feed_json(planet, "all")["items"]]


def remove(planet: Planet, id_: str) -> None:
    with planet.app(NOON + 6 * DAY + 4 * HOUR) as app:
        keep(app, "remove", [id_])


@pytest.mark.torture
def test_a_feed_has_a_language_of_its_own(planet: Planet, upstream: Upstream) -> None:
    """Its page, the words between its entries, and the entries on it; the entries of other pages stay in theirs."""
    about = {"图片": {"language": "de"}, "source/bing": {"language": "fr"}}
    build(planet, upstream, "zh-CN", about=about)
    assert page(planet, "tu-pian/index.html").get("lang") == "de"
    pictures = shown(planet, "tu-pian/index.html")
    assert "Weiterlesen bei 甲" in pictures
    assert "aktualisiert am 29. November 2026" in pictures
    assert lost_words(planet, "all/index.html") == lost_words(planet, "index.html") == set()
    broken = shown(planet, "source/bing/index.html")
    assert "en panne depuis le 29 novembre 2026" in broken
    assert "Le serveur a lui-même des difficultés. (Son serveur répond 503.)" in broken
    assert feed_json(planet, "tu-pian")["language"] == "de"
    tree = planet.tree()
    upstream.serve("/jia", rss(story(9, pubDate="Sun, 29 Nov 2026 15:30:00 GMT"), title="甲"))
    planet.run(NOON + 6 * DAY + 4 * HOUR, force=True)
    added = planet.tree()
    assert added["tu-pian/index.html"] != tree["tu-pian/index.html"]
    assert shown(planet, "tu-pian/index.html").count("Weiterlesen bei 甲") == pictures.count("Weiterlesen bei 甲")
    planet.regenerate(NOON + 6 * DAY + 4 * HOUR)
    assert planet.tree() == added


def test_words_in_an_entry_of_another_language_say_which_one_they_are_in(planet: Planet, upstream: Upstream) -> None:
    planet.post("1.md", "---\ntitle: Hello\ndate: 2026-11-20\nlang: en\ncomments: true\n---\nWords\n")
    planet.post("2.md", "---\ntitle: مرحبا\ndate: 2026-11-21\nlang: ar\n---\nكلمات\n")
    planet.config["site"] |= {"language": "zh-CN"}
    planet.run()
    times = page(planet, "all/index.html").xpath("//article//time")
    assert [(time.getparent().getparent().getparent().get("lang"), time.get("lang")) for time in times] == [
        ("ar", "zh-CN"),
        ("en", "zh-CN"),
    ]
    for path, language, way in (("hello", "en", "ltr"), ("mrhb", "ar", "rtl")):
        own = page(planet, f"entries/{path}.html")
        assert (own.get("lang"), own.get("dir")) == (language, way)
        [skip] = own.xpath("//a[@class='skip']/span")
        assert (skip.text, skip.get("lang"), skip.get("dir")) == ("跳到正文", "zh-CN", "ltr" if way == "rtl" else None)


@pytest.mark.torture
def test_english_words_in_a_page_that_has_none_of_its_own_are_marked(planet: Planet, upstream: Upstream) -> None:
    """Else a screen reader would read them as Arabic, and their punctuation would stand on the wrong side."""
    build(planet, upstream, "ar")
    for path in set(PAGES) - {"health/index.html", "entries/tie-zi.html"}:
        root = page(planet, path)
        for address in root.xpath("//code | //title"):
            address.drop_tree()
        for words in root.xpath("//body//text()[normalize-space()]"):
            marked = words.getparent().xpath("ancestor-or-self::*[@lang='en'][@dir='ltr']")
            assert marked or not set(LATIN.findall(words)) - NAMES, (path, words)


@pytest.mark.torture
@pytest.mark.parametrize("language", ["zh-CN", "ja", "fr"])
def test_a_planet_that_carries_a_planet_takes_its_lines_off(planet: Planet, upstream: Upstream, language: str) -> None:
    """Whatever the languages of both are."""
    build(planet, upstream, language)
    [entry] = feed_json(planet, "source/yi")["items"]
    outer = (planet.root / "feeds/source/yi/atom.xml").read_text()
    url = upstream.serve("/planet", outer)
    planet.config |= {"sources": [{"url": url, "id": "other"}], "state": "other.db", "output": "other"}
    planet.config["site"] |= {"language": "de", "url": "https://other.example/"}
    planet.config["feeds"] = {}
    planet.config["posts"] = []
    planet.run(NOON + 6 * DAY)
    [carried] = json.loads((planet.root / "other/all/feed.json").read_bytes())["items"]
    assert carried["content_html"] == f"<p>{LONG}</p>"
    assert carried["content_html"] in entry["content_html"]


@pytest.mark.torture
def test_a_lost_state_is_learned_from_a_tree_in_another_language(planet: Planet, upstream: Upstream) -> None:
    build(planet, upstream, "ja")
    remove(planet, "https://jia.example/6")
    planet.run(NOON + 6 * DAY + 5 * HOUR)
    ids = planet.ids()
    (planet.root / ".aggregator" / "state.db").unlink()
    learn(planet, NOON + 6 * DAY + 5 * HOUR)
    upstream.pages.clear()
    planet.run(NOON + 6 * DAY + 6 * HOUR)
    assert planet.ids() == ids
    assert "https://jia.example/6" not in ids
    [entry] = feed_json(planet, "source/yi")["items"]
    assert entry["content_html"].count("<small>") == entry["content_html"].count("<small>配信元：") == 1
    assert entry["content_html"].endswith(f"<p>{LONG}</p>")


@pytest.mark.torture
def test_another_language_of_the_site_changes_pages_and_seals_nothing_again(planet: Planet, upstream: Upstream) -> None:
    build(planet, upstream, "en")
    sealed = {path: digest for path, digest in planet.tree().items() if "/archive/" in path}
    ids = planet.ids()
    planet.config["site"]["language"] = "de"
    planet.run(NOON + 6 * DAY + 4 * HOUR)
    assert {path: planet.tree()[path] for path in sealed} == sealed
    assert planet.ids() == ids
    assert "Ältere Beiträge" in shown(planet, "index.html")
    assert HEALTH["de-AT"] in shown(planet, "health/index.html")


@pytest.mark.torture
def test_a_feed_that_is_opened_says_in_the_language_of_the_site_what_it_is(planet: Planet, upstream: Upstream) -> None:
    build(planet, upstream, "fr")
    style = (planet.root / "feeds/static/feed.css").read_text()
    assert 'content: "Ceci est un flux. Pour vous abonner, donnez l’adresse' in style
    assert "This is a feed" not in style
