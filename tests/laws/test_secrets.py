"""Secrets of a source appear only in the request."""

import base64
import html
import json
import random
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus, unquote

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aggregator.config import load_config
from tests.commands.test_cli import Done, aggregator
from tests.support.planet import Planet, Upstream
from tests.support.serving import Client
from tests.support.serving_daemon import served_daemon

LATER = {"AGGREGATOR_NOW": "2026-11-23T15:00:00Z"}
SITE = {
    "site": {"title": "Planet", "url": "https://planet.example/", "since": "2026-11-23"},
    "fetch": {"gap": "0s", "per_host": 8, "allow_networks": ["127.0.0.0/8"]},
    "feeds": {"formats": ["atom", "rss", "json", "posts"], "per_source": True, "archive": 2, "limit": 2},
}


# what publishers make of the address that they were asked at


def rss(url: str, base: str, word: str) -> str:
    return f"""<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>RSS of {word}</title>
<link>https://blog.example/</link><description>d</description><atom:link rel="self" href="{url}"/>
<image><url>{base}logo.png</url><title>x</title><link>{base}</link></image>
<item><title>one</title><link>posts/1</link><comments>{base}1#c</comments><guid>{base}guid/1</guid>
<description>&lt;p&gt;At &lt;a href="deep/link"&gt;a place&lt;/a&gt;, &lt;img src="{base}i.png"&gt;
with {word}&lt;/p&gt;</description>
<enclosure url="{base}a.mp3" length="1" type="audio/mpeg"/></item>
<item><title>two {word}</title><link>{base}posts/2</link><category>{word}</category>
<author>{word}@x.example (An)</author>
<content:encoded><![CDATA[<p>See <a href="{url}">the feed</a>, <a href="/top">top</a>
and {quote(word)}</p>]]></content:encoded></item><item>
<guid isPermaLink="false">{word}-3</guid><title>three</title></item></channel></rss>"""


def atom(url: str, base: str, word: str, own_id: str = "") -> str:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>Atom</title><id>{own_id or url}</id>
<updated>2026-11-20T00:00:00Z</updated><link rel="self" href="{url}"/><link rel="next" href="{base}?page=2"/>
<icon>{base}icon.png</icon><generator uri="{base}">{word}</generator>
<entry><title>four</title><id>{own_id or base}4</id><updated>2026-11-20T00:00:00Z</updated>
<link href="posts/4"/><link rel="related" href="{base}r"/>
<content type="html">&lt;a href="deep/4"&gt;x&lt;/a&gt;</content></entry>
<entry><title>five</title><id>{own_id or url}</id><updated>2026-11-19T00:00:00Z</updated><link href="{base}5"/>
<source><id>{url}</id><title>Kept {word}</title><link rel="self" href="{url}"/></source>
<summary>{word}</summary></entry></feed>"""


def without_ids(url: str, base: str, word: str) -> str:
    return f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>No ids</title><updated>2026-11-20T00:00:00Z</updated>
<entry><title>six</title><link href="posts/6"/><content type="xhtml" xml:base="{base}"><div
 xmlns="http://www.w3.org/1999/xhtml"><a href="deep/6">x</a></div></content></entry>
<entry><title>seven</title><link href="{base}7"/></entry></feed>"""


def json_feed(url: str, base: str, word: str) -> str:
    items = [
        {
            "id": f"{base}8",
            "url": f"{base}8",
            "title": "eight",
            "content_html": f'<a href="deep/8">x</a> <a href="{url}">',
        },
        {"id": "9", "url": "posts/9", "external_url": f"{base}9", "title": "nine", "content_text": f"{word}"},
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "JSON", "feed_url": url, "items": items}
    return json.dumps(
        feed | {"home_page_url": "https://blog.example/", "next_url": f"{base}?page=2", "icon": f"{base}i"}
    )


FORMATS = {
    "rss": rss,
    "atom": atom,
    "own-ids": lambda url, base, word: atom(url, base, word, "https://ids.example/"),
    "no-ids": without_ids,
    "json": json_feed,
}
# where a secret stands: of an address its path and query, of a source its headers
PLACES = {
    "path": "/{}/feed",
    "segment": "/u-{}-x/feed",
    "key": "/feed?page=1&key={}",
    "plain": "/feed?q={}",
    "literal": "/feed?access_token={}",
    "auth": "/feed",
    "header": "/feed",
}


@dataclass(frozen=True)
class Kept:
    """One source and its secret."""

    place: str
    format: str
    secret: str

    @property
    def id(self) -> str:
        return f"{self.place}-{self.format}"

    @property
    def variable(self) -> str:
        return f"S_{self.place}_{self.format}".replace("-", "_")

    def path(self, secret: str) -> str:
        return f"/{self.id}{PLACES[self.place].format(secret)}"

    def config(self, upstream: Upstream) -> dict[str, object]:
        """Without an id: it is made of the address."""
        held = f"${{{self.variable}}}"
        source: dict[str, object] = {"url": upstream.url(self.path(self.secret if self.place == "literal" else held))}
        if self.place == "auth":
            source["auth"] = f"basic user:{held}"
        if self.place == "header":
            source["headers"] = {"X-Api-Key": held}
        return source | {"publish": True}

    def serve(self, upstream: Upstream) -> None:
        path = self.path(self.secret)
        url = html.escape(upstream.url(path)) if self.format != "json" else upstream.url(path)
        in_address = self.place not in {"auth", "header"}
        base = (
            url.rpartition("/")[0] + "/"
            if self.place in {"path", "segment"}
            else f"{url}&amp;id="
            if in_address
            else url
        )
        word = html.escape(self.secret) if self.format != "json" else self.secret
        content = FORMATS[self.format](url, base.replace("&amp;", "&") if self.format == "json" else base, word)
        kind = "application/feed+json" if self.format == "json" else "application/xml"
        upstream.serve(path, content, headers={"Content-Type": kind})


def spellings(secret: str) -> set[str]:
    every = {secret, html.escape(secret), quote(secret), quote(secret, safe=""), quote_plus(secret)}
    every |= {quote(secret, safe="").lower(), json.dumps(secret)[1:-1], secret.lower()}
    return every | {base64.b64encode(f"user:{secret}".encode()).decode()}


def found_in(text: str, secret: str) -> bool:
    views = {text, html.unescape(text), unquote(text), unquote(html.unescape(text)), unquote(unquote(text))}
    return any(one in view for view in views for one in spellings(secret))


def leaks(texts: Mapping[str, str], secrets: Sequence[str]) -> list[tuple[str, str]]:
    joined = "\n".join(texts.values())
    bad = [secret for secret in secrets if found_in(joined, secret)]
    return [(name, secret) for name, text in texts.items() for secret in bad if found_in(text, secret)]


def tree(root: Path) -> Iterator[tuple[str, str]]:
    """Names and bytes: a file's name may tell as well."""
    for file in sorted((root / "feeds").rglob("*")):
        name = str(file.relative_to(root))
        yield name, name + "\n" + (file.read_bytes().decode("utf-8", "replace") if file.is_file() else "")


def outputs(name: str, done: Done) -> Iterator[tuple[str, str]]:
    yield f"stdout of {name}", done.stdout
    yield f"stderr of {name}", done.stderr


def pages(planet: Planet, environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr("tests.support.planet.load_config", lambda file, _: load_config(file))
        with served_daemon(planet) as (_, port), Client(port) as client:
            for path in ("/", "/status", "/metrics", "/healthz", "/sources.opml", "/index.json", "/health/atom.xml"):
                reply = client.ask(path, Accept="application/json" if path == "/status" else "*/*")
                yield path, f"{reply.headers}\n{reply.body.decode()}"
            yield "/status as a page", client.ask("/status", Accept="text/html").body.decode()


TOKEN = st.text("abcdefXYZ0189_-+.~=", min_size=8, max_size=20).filter(lambda text: any(map(str.isalpha, text)))


def secrets_of(seed: int, word: str, *, every: bool = False) -> list[Kept]:
    """Each place in one planet, with a secret and a format of its own (or with `every` one)."""
    chance = random.Random(seed)
    turn = chance.randrange(len(FORMATS))
    ids = [(place, format_, i + j + turn) for i, place in enumerate(PLACES) for j, format_ in enumerate(FORMATS)]
    some = [(place, format_) for place, format_, number in ids if every or number % len(FORMATS) == 0]
    return [Kept(*one, f"{word}{chance.randrange(16**6):06x}Z{i:02d}") for i, one in enumerate(some)]


def prepared(root: Path, upstream: Upstream, kept: Sequence[Kept], reading_list: str) -> dict[str, str]:
    """Writes the config; returns the environment."""
    for one in kept:
        one.serve(upstream)
    feed = upstream.serve("/listed", atom(upstream.url("/listed"), upstream.url("/"), "w", "https://listed.example/"))
    upstream.serve(f"/list/{reading_list}", f'<opml version="2.0"><body><outline xmlUrl="{feed}"/></body></opml>')
    lists = [{"opml": upstream.url("/list/${LIST_KEY}")}, {"opml": upstream.url("/none/${LIST_KEY}"), "id": "lost"}]
    lost = [{"url": upstream.url("/lost/${LOST}/feed")}, {"url": upstream.url("/loop/${LOST}"), "id": "loop"}]
    upstream.pages[f"/loop/{reading_list}"] = (301, {"Location": f"/loop/{reading_list}"}, b"")
    config = SITE | {"sources": [*(one.config(upstream) for one in kept), *lists, *lost]}
    (root / "posts").mkdir(exist_ok=True)
    (root / "config.yaml").write_text(yaml.safe_dump(config))
    return {one.variable: one.secret for one in kept} | {"LIST_KEY": reading_list, "LOST": reading_list}


def everything_said(planet: Planet, environment: Mapping[str, str]) -> dict[str, str]:
    root = planet.root
    texts: dict[str, str] = {}
    texts |= outputs("run", aggregator(root, "run", **environment))
    texts |= outputs("run again", aggregator(root, "-v", "run", "--force", "--json", **environment, **LATER))
    texts |= outputs("regenerate", aggregator(root, "regenerate", **environment, **LATER))
    for words in (
        ["status"],
        ["status", "--json"],
        ["check"],
        ["source", "list"],
        ["source", "list", "--json"],
        ["plan"],
    ):
        texts |= outputs(" ".join(words), aggregator(root, *words, **environment, **LATER))
    for title in ("one", "four", "seven", "eight"):
        texts |= outputs(f"explain {title}", aggregator(root, "explain", title, "--json", **environment, **LATER))
    planet.config = yaml.safe_load((root / "config.yaml").read_text())
    return texts | dict(tree(root)) | dict(pages(planet, environment))


def check(planet: Planet, upstream: Upstream, kept: Sequence[Kept], listed: str) -> None:
    shutil.rmtree(planet.root)
    planet.root.mkdir()
    environment = prepared(planet.root, upstream, kept, listed)
    texts = everything_said(planet, environment)
    secrets = [*(one.secret for one in kept), listed]
    assert leaks(texts, secrets) == []
    asked = "\n".join(f"{path} {headers}" for path, headers in upstream.asked)
    for one in kept:
        assert any(spelling in asked for spelling in spellings(one.secret)), "was not asked"
    feeds = [file.parent.name for file in (planet.root / "feeds/source").glob("*/atom.xml")]
    for name in (*(one.id for one in kept), "listed"):
        assert any(name in feed for feed in feeds), f"{name} is in no feed"
    exported = aggregator(planet.root, "export", **environment)
    assert all(one.secret in unquote(exported.stdout) for one in kept if one.place not in {"auth", "header"})
    assert "holds secrets" in exported.stderr


@given(st.integers(0, 2**32), TOKEN)
@settings(max_examples=1, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_a_secret_stands_nowhere_but_in_the_request(planet: Planet, upstream: Upstream, seed: int, word: str) -> None:
    check(planet, upstream, secrets_of(seed, word), f"{word}list0Key")


@pytest.mark.torture
@given(st.integers(0, 2**32), TOKEN)
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_no_secret_of_any_kind_stands_anywhere(planet: Planet, upstream: Upstream, seed: int, word: str) -> None:
    check(planet, upstream, secrets_of(seed, word, every=True), f"{word}list0Key")
