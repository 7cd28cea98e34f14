"""config.yaml: every key with its default, and every kind of mistake with its line."""

import time
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.config import Config, SourceConfig, load_config
from aggregator.config.alias_conflicts import alias_conflicts
from aggregator.config.source_ids import source_id
from aggregator.errors import ConfigError

SITE = "site: {title: Example Planet, url: https://planet.example, since: 2026-11-23}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def load(folder: Path, text: str | bytes, **environment: str) -> Config:
    file = folder / "config.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return load_config(file, environment)


def refused(folder: Path, text: str | bytes, **environment: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder, text, **environment)
    assert caught.value.findings
    return [str(finding) for finding in caught.value.findings]


# defaults

DEFAULTS: dict[str, Any] = {
    "site": {
        "title": "Example Planet",
        "url": "https://planet.example/",
        "since": date(2026, 11, 23),
        "language": "en",
        "timezone": "UTC",
        "author": {"name": "", "email": "", "uri": ""},
        "logo": "",
        "rights": "",
        "templates": "",
        "front": "river",
    },
    "output": "feeds",
    "state": ".aggregator/state.db",
    "posts": (),
    "sources": (),
    "categories": {
        "aliases": {},
        "drop": ("uncategorized", "未分类"),
        "generic": ("首页", "分类", "资讯"),
        "unmapped": "keep",
        "most_new": 200,
        "most": 20,
    },
    "feeds": {
        "limit": 50,
        "window": timedelta(hours=24),
        "formats": ("atom", "rss", "json"),
        "archive_formats": ("atom", "html"),
        "pages": "all",
        "per_source": False,
        "source_cap": 0,
        "min_entries": 5,
        "titles": "{title}",
        "byline": False,
        "depth": 3,
        "backlog": 10,
        "archive": 100,
        "about": {},
        "extra": (),
        "hub": "",
    },
    "duplicates": {
        "across_sources": "near",
        "threshold": 0.85,
        "window": timedelta(days=14),
        "prefer": "first",
        "footer": True,
    },
    "content": {
        "unwrap": ("https://cors.zfour.workers.dev/?",),
        "placeholders": ("https://picsum.photos/*",),
        "tracking": (),
    },
    "fetch": {
        "concurrency": 64,
        "per_host": 2,
        "gap": timedelta(seconds=1),
        "min_interval": timedelta(minutes=10),
        "connect_timeout": timedelta(seconds=5),
        "timeout": timedelta(seconds=30),
        "max_bytes": 8 * 2**20,
        "allow_networks": (),
        "user_agent": "",
    },
    "server": {"host": "127.0.0.1", "port": 8080, "public_url": "", "token": "", "hub": False},
    "takedown": {"tombstones": True, "stubs": True},
    "retention": None,
}
POSTS = {
    "path": "posts",
    "id": "posts",
    "title": "",
    "category_style": "path",
    "category_separator": "",
    "categories": (),
    "timezone": "UTC",
    "date_offset": timedelta(0),
    "link": "",
    "pages": True,
    "gone": "remove",
    "publish": True,
    "approve": False,
}
SOURCE: dict[str, Any] = {
    "url": "https://blog.python.org/feeds/posts/default",
    "opml": "",
    "id": "blog-python-org-feeds-posts-default",
    "title": "",
    "category_style": "flat",
    "category_separator": "",
    "categories": (),
    "aliases": {},
    "every": None,
    "ids": "auto",
    "republish": "full",
    "include": (),
    "exclude": (),
    "auth": "",
    "headers": {},
    "publish": None,
    "approve": False,
    "max_age": None,
    "paused": False,
}


def test_every_key_has_its_default(folder: Path) -> None:
    assert load(folder, SITE).model_dump() == DEFAULTS


@pytest.mark.parametrize(
    "section", ["categories", "feeds", "duplicates", "content", "fetch", "server", "takedown", "retention"]
)
def test_a_key_without_a_value_means_its_default(folder: Path, section: str) -> None:
    assert load(folder, f"{SITE}{section}:\n").model_dump() == DEFAULTS


def test_a_nested_key_without_a_value_means_its_default(folder: Path) -> None:
    text = f"{SITE}sources:\nposts:\nfeeds:\n  limit:\n  extra: ~\nfetch: {{user_agent: null}}\n"
    assert load(folder, text).model_dump() == DEFAULTS


def test_defaults_of_a_folder_and_of_a_source(folder: Path) -> None:
    config = load(folder, SITE + "posts: [path: posts]\nsources:\n- url: https://blog.python.org/feeds/posts/default\n")
    assert config.posts[0].model_dump() == POSTS
    assert config.sources[0].model_dump() == SOURCE
    assert config.sources[0].is_published


def test_the_default_posts_folder_is_used_if_it_exists(folder: Path) -> None:
    (folder / "posts").mkdir()
    assert [one.model_dump() for one in load(folder, SITE).posts] == [POSTS]
    assert load(folder, SITE + "posts: []\n").posts == ()


# valid values


EVERYTHING = r"""
site:
  title: "Example\n Planet"
  url: https://bücher.example/planet
  since: 2026-11-23
  language: ZH_hant
  timezone: Asia/Shanghai
  author: {name: Example, email: me@example.org, uri: https://example.org/}
output: public
state: /var/lib/state.db
posts:
  - {path: a, date_offset: -8h, link: "https://blog.example/{path}/", gone: keep, categories: [A/B]}
  - path: b
sources:
  - url: https://blog.example/feed.xml?a=1
    every: 1h30m
    auth: basic ${USER}:${PASSWORD}
    headers: {X-Version: 2}
    include: [{title: "(?i)release", link: x}]
    aliases: {A/B: [python, "py-*", "re:^python", [图片, 1X, "*Photos"]]}
  - url: feeds/local.xml
    every: "cron: 0 * * * mon"
    publish: no
  - {url: "HTTPS://Blog.Example/feed.xml?a=2", publish: yes}
feeds:
  formats: [json, atom]
  window: 0
  about: {A/B: {title: x}, all: {description: y}}
  extra: [{id: ai, any: [AI], all: [A/B], none: [Jobs], sources: [blog-example-feed-xml]}]
duplicates: {across_sources: off, prefer: [posts-2, blog-example-feed-xml]}
fetch: {max_bytes: 10MB, allow_networks: [127.0.0.0/8, "::1"], gap: 0.5s}
takedown: {stubs: false}
retention: 365d
"""


def test_every_kind_of_value(folder: Path) -> None:
    config = load(folder, EVERYTHING, USER="me", PASSWORD="se:cret")
    assert config.site.title == "Example Planet"
    assert config.site.url == "https://xn--bcher-kva.example/planet/"
    assert config.site.language == "zh-Hant"
    assert [one.id for one in config.posts] == ["posts", "posts-2"]
    assert config.posts[0].date_offset == -timedelta(hours=8)
    assert config.posts[0].categories == (("A", "B"),)
    first, second, third = config.sources
    assert [one.id for one in config.sources] == [
        "blog-example-feed-xml",
        "local-xml",
        "blog-example-feed-xml-2",
    ]
    assert first.auth == "basic me:se:cret"
    assert first.headers == {"X-Version": "2"}
    assert first.every == timedelta(minutes=90)
    assert first.aliases == {"A/B": ("python", "py-*", "re:^python", ("图片", "1X", "*Photos"))}
    assert second.every == "0 * * * mon"
    assert [one.is_published for one in config.sources] == [False, False, True]
    assert [one.is_remote for one in config.sources] == [True, False, True]
    assert third.url == "HTTPS://Blog.Example/feed.xml?a=2"
    assert config.feeds.window == timedelta(0)
    assert config.duplicates.across_sources == "off"
    assert config.duplicates.prefer == ("posts-2", "blog-example-feed-xml")
    assert config.fetch.max_bytes == 10**7
    assert config.fetch.gap == timedelta(seconds=0.5)
    assert config.fetch.allow_networks == (ip_network("127.0.0.0/8"), ip_network("::1"))
    assert (config.takedown.tombstones, config.takedown.stubs) == (True, False)
    assert config.retention == timedelta(days=365)
    assert config.root == folder
    assert config.output_path == folder / "public"


def test_yaml_numbers_booleans_and_dates_stay_text(folder: Path) -> None:
    names = "[no, off, 2021, 1.10, 010, 2022-07-09, 12:30, 0x1F, 1_000, .5, true, '~', =]"
    expected = ("no", "off", "2021", "1.10", "010", "2022-07-09", "12:30", "0x1F", "1_000", ".5", "true", "~", "=")
    config = load(
        folder,
        f"{SITE}categories: {{aliases: {{No: {names}, 2031: [x], 1.0: [y]}}, drop: {names}, generic: {names}}}\n"
        f"sources: [{{url: a.xml, id: 010, title: 1.10, categories: {names}}}, {{url: b.xml, id: no}}]\n",
    )
    assert config.categories.aliases == {"No": expected, "2031": ("x",), "1.0": ("y",)}
    assert config.categories.drop == config.categories.generic == expected
    assert config.sources[0].title == "1.10"
    assert config.sources[0].categories == tuple((name,) for name in expected)
    assert [source.id for source in config.sources] == ["010", "no"]
    assert load(folder, SITE.replace("{", "{language: no, ")).site.language == "no"


@pytest.mark.parametrize("written", ["true", "yes", "on", "True", "'true'"])
def test_booleans(folder: Path, written: str) -> None:
    assert load(folder, f"{SITE}feeds: {{per_source: {written}}}\n").feeds.per_source


def test_byte_order_mark_and_crlf_change_nothing(folder: Path) -> None:
    text = (SITE + "feeds:\n  limit: 5\n  sizes: 5\n").replace("\n", "\r\n")
    assert refused(folder, b"\xef\xbb\xbf" + text.encode())[0].startswith("config.yaml:4: feeds.sizes: unknown key")
    assert load(folder, b"\xef\xbb\xbf" + SITE.encode()).model_dump() == DEFAULTS


def test_variables_are_replaced_in_any_string(folder: Path) -> None:
    text = SITE + "content: {tracking: [a, '${NAME}', 'x-${NAME}-${OTHER}']}\nfeeds: {limit: '${LIMIT}'}\n"
    config = load(folder, text, NAME="n", OTHER="${NAME}", LIMIT="7")
    assert config.content.tracking == ("a", "n", "x-n-${NAME}")
    assert config.feeds.limit == 7


def test_where_gives_the_line_of_a_rule(folder: Path) -> None:
    text = SITE + "categories:\n  drop: [c,\n    d]\n  aliases:\n    A/B:\n    - x\n    - [y, z]\n    2021: [w]\n"
    config = load(folder, text)
    assert config.where("categories", "drop", 1) == "config.yaml:4"
    assert config.where("categories", "aliases", "A/B", 1) == "config.yaml:8"
    assert config.where("categories", "aliases", "2021", 0) == "config.yaml:9"
    assert config.where("categories", "unmapped") == "config.yaml:2"
    assert config.where("fetch") == "config.yaml"


def test_anchors_and_merge_keys(folder: Path) -> None:
    text = (
        SITE
        + "sources:\n"
        + "  - &base\n    url: a.xml\n    every: 2h\n    categories: &c [A]\n"
        + "  - {<<: *base, url: b.xml}\n"
        + "  - {url: c.xml, <<: [{every: 3h}, *base], categories: *c}\n"
    )
    config = load(folder, text)
    assert [(one.url, one.every, one.categories) for one in config.sources] == [
        ("a.xml", timedelta(hours=2), (("A",),)),
        ("b.xml", timedelta(hours=2), (("A",),)),
        ("c.xml", timedelta(hours=3), (("A",),)),
    ]
    wrong = refused(folder, text.replace("every: 2h", "every: soon"))
    assert wrong[0].startswith("config.yaml:5: sources.0.every: `soon`: write adaptive")


# mistakes


MISTAKES = [
    ("sorces: []", 2, "sorces", "unknown key; did you mean `sources`?"),
    ("sorces:", 2, "sorces", "unknown key; did you mean `sources`?"),
    ("feeds:\n  limt: 5", 3, "feeds.limt", "unknown key; did you mean `limit`?"),
    ("sources:\n- url: a\n  evry: 1h", 4, "sources.0.evry", "unknown key; did you mean `every`?"),
    ("server: {zzz: 1}", 2, "server.zzz", "known keys: host, port"),
    ("feeds: {about: {x: {titel: y}}}", 2, "feeds.about.x.titel", "did you mean `title`?"),
    ("feeds: 5", 2, "feeds", "must be a mapping"),
    ("feeds: [limit]", 2, "feeds", "must be a mapping"),
    ("sources: {url: a}", 2, "sources", "must be a list"),
    ("sources: a.xml", 2, "sources", "`a.xml`: must be a list"),
    ("sources:\n- url: a\n-", 4, "sources.1", "must be a mapping"),
    ("sources:\n- id: a", 3, "sources.0.url", "is missing; write `url: …`"),
    ("sources:\n- url:", 3, "sources.0.url", "is missing; write `url: …`"),
    ("sources:\n- url: [a]", 3, "sources.0.url", "must be text"),
    ("sources:\n- {url: a, id: A}", 3, "sources.0.id", "`A`: use only a-z, 0-9 and -"),
    ("sources:\n- {url: a, id: [x]}", 3, "sources.0.id", "must be text"),
    ("sources:\n- {url: a, id: {x: y}}", 3, "sources.0.id", "must be text"),
    ("sources:\n- {url: a, id: " + "x" * 101 + "}", 3, "sources.0.id", "at most 100 of them"),
    ("sources:\n- {url: a, id: x}\n- {url: b, id: x}", 4, "sources.1.id", "`x` is the id of two sources"),
    ("posts: [{path: a, id: x}]\nsources: [{url: b, id: x}]", 3, "sources.0.id", "is the id of two sources"),
    ("sources: [url: ftp://a.example/x]", 2, "sources.0.url", "cannot fetch ftp: addresses"),
    ("sources: [url: https://u:p@a.example/x]", 2, "sources.0.url", "a password in an address"),
    ("sources: [url: 'https://']", 2, "sources.0.url", "must be an absolute address"),
    ("sources: [url: 'https://a.example:99999/']", 2, "sources.0.url", "must be an absolute address"),
    ("sources: [url: 'https://[::1/']", 2, "sources.0.url", "must be an absolute address"),
    ("sources:\n- opml: ftp://a.example/x.opml", 3, "sources.0.opml", "cannot fetch ftp: addresses"),
    ("sources:\n- opml: [x]", 3, "sources.0.opml", "must be text"),
    ("sources:\n- opml: x\n  url: y", 3, "sources.0", "either url (a feed) or opml (a list of feeds)"),
    ("sources: [{url: a, every: 1}]", 2, "sources.0.every", "`1`: write adaptive, an interval such as 1h"),
    ("sources: [{url: a, every: -1h}]", 2, "sources.0.every", "write adaptive"),
    ("sources: [{url: a, every: 'cron: 0 0 30 2 *'}]", 2, "sources.0.every", "comes never; write five fields"),
    ("sources: [{url: a, every: 'cron: * *'}]", 2, "sources.0.every", "2 fields are no cron line"),
    ("sources: [{url: a, ids: url}]", 2, "sources.0.ids", "`url`: must be auto, guid or link"),
    ("sources: [{url: a, include: [{titel: x}]}]", 2, "sources.0.include.0.titel", "must be title, content, author"),
    ("sources: [{url: a, exclude: [{title: '('}]}]", 2, "sources.0.exclude.0.title", "not a regular expression"),
    ("sources: [{url: a, auth: digest x}]", 2, "sources.0.auth", 'write "basic ${USER}:${PASSWORD}"'),
    ("sources: [{url: a, headers: {Host: x}}]", 2, "sources.0.headers.Host", "this program sets the header itself"),
    ("sources: [{url: a, headers: {'a b': x}}]", 2, "sources.0.headers.a b", "not a header name"),
    ('sources: [{url: a, headers: {A: "x\\ny"}}]', 2, "sources.0.headers.A", "only ASCII characters on one line"),
    ("sources: [{url: a, publish: maybe}]", 2, "sources.0.publish", "`maybe`: must be true or false"),
    ("sources: [{url: a, categories: [A//B]}]", 2, "sources.0.categories.0", "a level is empty"),
    ("sources: [{url: a, categories: [[A, B]]}]", 2, "sources.0.categories.0", "must be text"),
    ("sources: [{url: a, categories: [null]}]", 2, "sources.0.categories.0", "must be text; put it in quotes"),
    ("posts: [path: '']", 2, "posts.0.path", "must not be empty"),
    ("posts: [{path: p, link: 'https://a.example/'}]", 2, "posts.0.link", "must contain {path} once"),
    ("posts: [{path: p, link: 'https://a.example/{path}/{name}'}]", 2, "posts.0.link", "another placeholder than"),
    ("posts: [{path: p, link: 'https://a.example/{year}/'}]", 2, "posts.0.link", "must contain {path} once, or {slug}"),
    ("posts: [{path: p, link: '/{path}/'}]", 2, "posts.0.link", "must be an absolute address"),
    ("posts: [{path: p, timezone: Mars}]", 2, "posts.0.timezone", "`Mars`: no such time zone"),
    ("posts: [{path: p, timezone: ../../etc/passwd}]", 2, "posts.0.timezone", "no such time zone"),
    ("posts: [{path: p, date_offset: 9d}]", 2, "posts.0.date_offset", "too large"),
    ("posts: [path: .]", 2, "posts.0.path", "contains the output folder feeds"),
    ("output: .", 2, "output", "this folder contains the config"),
    ("output: ''", 2, "output", "must not be empty"),
    ("output: .aggregator\nstate: state.db", 2, "output", "copies of the config go to .aggregator/backups"),
    ("state: feeds/state.db", 2, "state", "lies in the output folder feeds"),
    ("state: mysql://u:p@h/x", 2, "state", "no such kind of database; write the path of a file (SQLite), or postgresql://"),
    ("categories: {aliases: {A: x}}", 2, "categories.aliases.A", "`x`: must be a list"),
    ("categories: {aliases: {A//B: [x]}}", 2, "categories.aliases.A//B", "a level is empty"),
    ("categories:\n  aliases:\n    A:\n    - x\n    - []", 6, "categories.aliases.A.1", "an empty list"),
    ("categories: {aliases: {A: ['re:(']}}", 2, "categories.aliases.A.0", "not a regular expression"),
    ("categories: {aliases: {A: ['re:']}}", 2, "categories.aliases.A.0", "an empty pattern"),
    ("categories: {aliases: {A: ['re:(?=x)']}}", 2, "categories.aliases.A.0", "`re:(?=x)`: `(?=…)` looks around"),
    ("categories: {aliases: {A: [[b, 're:(c)\\1']]}}", 2, "categories.aliases.A.0", "`re:(c)\\1`: `\\1` refers back"),
    ("categories: {drop: ['re:\\w{900}']}", 2, "categories.drop.0", "needs too much memory; write smaller numbers"),
    ("categories: {generic: ['re:\\bновости']}", 2, "categories.generic.0", "knows only a-z, 0-9 and _; next to"),
    ("sources:\n- url: a\n  include:\n  - title: (?<!a)b", 5, "sources.0.include.0.title", "looks around, which"),
    ("sources: [{url: a, category_separator: [x]}]", 2, "sources.0.category_separator", "must be text"),
    ("categories: {drop: ['']}", 2, "categories.drop.0", "an empty pattern"),
    ("categories: {drop: [null]}", 2, "categories.drop.0", "must be text; put it in quotes"),
    ("categories: {unmapped: A//B}", 2, "categories.unmapped", "a level is empty"),
    ("categories: {most: 0}", 2, "categories.most", "`0`: must be at least 1"),
    ("feeds: {limit: many}", 2, "feeds.limit", "`many`: must be a whole number"),
    ("feeds: {limit: 5.5}", 2, "feeds.limit", "must be a whole number"),
    ("feeds: {limit: " + "9" * 30 + "}", 2, "feeds.limit", "must be at most 1000000000"),
    ("feeds: {limit: " + "9" * 6000 + "}", 2, "feeds.limit", "must be a smaller whole number"),
    ("feeds: {limit: [5]}", 2, "feeds.limit", "must be a whole number"),
    ("feeds: {window: 24}", 2, "feeds.window", "`24`: not a duration; write a number and a unit"),
    ("feeds: {window: -1h}", 2, "feeds.window", "must not be negative"),
    ("feeds: {window: 99999999999d}", 2, "feeds.window", "the longest duration is 36525d"),
    ("feeds: {backlog: -1}", 2, "feeds.backlog", "must be at least 0"),
    ("sources: [{url: a, max_age: 30}]", 2, "sources.0.max_age", "`30`: not a duration; write a number and a unit"),
    ("sources: [{url: a, max_age: 0d}]", 2, "sources.0.max_age", "must be more than 0"),
    ("posts: [{path: a, max_age: 30d}]", 2, "posts.0.max_age", "unknown key"),
    ("feeds: {formats: [html]}", 2, "feeds.formats.0", "`html`: must be atom, rss, json or posts"),
    ("feeds: {archive_formats: [posts]}", 2, "feeds.archive_formats.0", "`posts`: must be atom, rss, json or html"),
    (
        "feeds: {formats: [atom], archive_formats: [atom, rss]}",
        2,
        "feeds.archive_formats.1",
        "feeds.formats does not have rss; add it there, or leave it out here",
    ),
    ("feeds: {pages: some}", 2, "feeds.pages", "`some`: must be all, window or none"),
    ("feeds: {extra: [{title: x}]}", 2, "feeds.extra.0.id", "is missing; write `id: …`"),
    ("feeds: {extra: [{id: archive}]}", 2, "feeds.extra.0.id", "`archive`: this name is reserved"),
    ("feeds: {extra: [{id: con}]}", 2, "feeds.extra.0.id", "reserved"),
    ("feeds:\n  extra:\n  - id: x\n  - id: x", 5, "feeds.extra.1.id", "`x` is the id of two feeds"),
    ("sources: [{url: a, id: abc}]\nfeeds: {extra: [{id: x, sources: [abd]}]}", 3, "feeds.extra.0.sources.0", "`abc`"),
    ("duplicates: {prefer: nobody}", 2, "duplicates.prefer", "write first, longest, or a list of source ids"),
    ("duplicates: {prefer: [nobody]}", 2, "duplicates.prefer.0", "no source has the id `nobody`"),
    ("duplicates: {across_sources: no}", 2, "duplicates.across_sources", "`no`: must be off, link or near"),
    ("duplicates: {threshold: 1.5}", 2, "duplicates.threshold", "must be at most 1"),
    ("duplicates: {threshold: nan}", 2, "duplicates.threshold", "must be a number"),
    ("duplicates: {threshold: x}", 2, "duplicates.threshold", "must be a number"),
    ("fetch: {max_bytes: 8 megabytes}", 2, "fetch.max_bytes", "not a size"),
    ("fetch: {max_bytes: 0}", 2, "fetch.max_bytes", "must be between 1 and"),
    ("fetch: {max_bytes: 9999999GiB}", 2, "fetch.max_bytes", "must be between 1 and"),
    ("fetch: {timeout: 0s}", 2, "fetch.timeout", "must be more than 0"),
    ("fetch: {allow_networks: [localhost]}", 2, "fetch.allow_networks.0", "not a network"),
    ("fetch: {user_agent: Plänet}", 2, "fetch.user_agent", "only ASCII characters"),
    ("server: {port: 70000}", 2, "server.port", "must be at most 65535"),
    ("feeds: {hub: hub.example}", 2, "feeds.hub", "must be an absolute address that begins with https://"),
    ("feeds: {hub: 'https://a:b@hub.example/'}", 2, "feeds.hub", "must not hold a password"),
    ("feeds: {hub: 'https://hub.example/?token=x'}", 2, "feeds.hub", "it must hold no secret such as `token`"),
    ("server:\n  port: 80\n  hub: yes", 4, "server.hub", "subscribers must reach the hub: write server.public_url"),
    (
        "server: {hub: true, public_url: 'https://p.example/'}\nfeeds: {hub: 'https://hub.example/'}",
        3,
        "feeds.hub",
        "server.hub makes this server that one; leave this key out",
    ),
    ("categories: {most_new: -1}", 2, "categories.most_new", "must be at least 0"),
    ("categories: {most_now: 1}", 2, "categories.most_now", "did you mean `most_new`?"),
    ("retention: 5", 2, "retention", "`5`: write forever, or how long, such as 365d"),
    ('output: "a\\0b"', 2, "output", "contains a control character"),
    ('categories: {aliases: {"a\\x01": [x]}}', 2, "categories.aliases", "contains a control character"),
    ("feeds: {? [a]: b}", 2, "feeds", "a key must be text"),
    ("feeds: !x {limit: 5}", 2, "feeds", "the YAML tag !x is not allowed"),
    ("output: !!python/object/apply:os.system ['false']", 2, "output", "is not allowed; write plain text"),
    ("feeds: {<<: 5}", 2, "feeds", "<< must name a mapping"),
    ("output: a\nstate: b\noutput: c", 4, "output", "appears twice, first in line 2"),
    ("feeds:\n  limit: 5\n  depth: 2\n  limit: 6", 5, "feeds.limit", "appears twice, first in line 3"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line", "key", "message"), MISTAKES)
def test_every_mistake_has_its_line_and_a_correction(
    folder: Path, text: str, line: int, key: str, message: str
) -> None:
    found = [one for one in refused(folder, SITE + text) if one.startswith(f"config.yaml:{line}: {key}: ")]
    assert any(message in one for one in found)


@pytest.mark.parametrize(
    ("change", "key", "message"),
    [
        (("title: Example Planet, ", ""), "site.title", "is missing; write `title: …`"),
        (
            (", since: 2026-11-23", ""),
            "site.since",
            "is missing; write `since: YYYY-MM-DD`",
        ),
        (("title: Example Planet", "title: ' '"), "site.title", "must not be empty"),
        (("https://planet.example", "planet.example"), "site.url", "must be an absolute address"),
        (("https://planet.example", "https://planet.example/?x"), "site.url", "without ? or #"),
        (("https://planet.example", "https://u:p@planet.example/"), "site.url", "must not hold a password"),
        (("2026-11-23", "2026"), "site.since", "not a date; write one such as 2026-11-23"),
        (("2026-11-23", "2026-02-30"), "site.since", "not a date"),
        (("title:", "language: english-please!, title:"), "site.language", "not a language tag"),
    ],
)
def test_mistakes_in_the_site_section(folder: Path, change: tuple[str, str], key: str, message: str) -> None:
    (found,) = refused(folder, "\n" + SITE.replace(*change))
    assert found.startswith(f"config.yaml:2: {key}: ")
    assert message in found


def test_every_problem_is_reported_at_once_in_the_order_of_the_file(folder: Path) -> None:
    found = refused(folder, "output: ''\nfeeds:\n  limit: x\nsources:\n- url: '${NOPE}'\n- evry: 1\n")
    assert [one.split(": ")[0] for one in found] == [f"config.yaml:{line}" for line in (1, 1, 3, 5, 5, 6, 6)]
    assert "config.yaml:1: site: is missing; write `site: …`" in found


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"", 1, "must be a mapping of keys, beginning with `site:`"),
        (b"# nothing\n", 1, "must be a mapping"),
        (b"- a\n", 1, "must be a mapping"),
        (b"text\n", 1, "must be a mapping"),
        (b"a: 1\n\xff\n", 2, "is not UTF-8; save it as UTF-8"),
        ("site: {}\n".encode("utf-16"), 1, "is not UTF-8"),
        (b"a: 1\nb: \x07\n", 2, "a control character, U+0007"),
        (b"a: 1\nb: \x00\n", 2, "a control character, U+0000"),
        (b"a: b: c\n", 1, "not YAML"),
        (b"a: 1\n\tb: 2\n", 2, "not YAML"),
        (b'a: 1\nb: "x\nc: 3\n', 2, "not YAML: the quote that begins here never ends"),
        (b"a: 1\nb: @x\n", 2, 'quote it: "@x"'),
        (b"a: [1\nb: 2\n", 2, "not YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "not YAML: expected a single document"),
        (b"a: *x\n", 1, 'not YAML: a value that begins with * needs quotes; quote it: "*x"'),
    ],
)
def test_invalid_yaml_has_its_line(folder: Path, text: bytes, line: int, message: str) -> None:
    (found,) = refused(folder, text)
    assert found.startswith(f"config.yaml:{line}: ")
    assert message in found


def test_an_unreadable_file(folder: Path) -> None:
    for file, message in (
        (folder / "none.yaml", f"no such file; `aggregator init {folder}`"),
        (folder, "cannot be read: Is a dir"),
    ):
        with pytest.raises(ConfigError) as caught:
            load_config(file)
        assert str(caught.value).startswith(f"{file}: {message}")
        assert caught.value.exit_status == 2


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 15)
)


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize(
    "text",
    [
        BOMB,
        BOMB.replace("[", "{<<: [").replace("]", "]}").replace("[x, x, x, x, x, x, x, x, x]", "[{b: c}]"),
        "a: &a [*a]\n",
        "a: &a [*a, *a, *a]\n",
        "a: &a {<<: *a}\n",
        "a: &a {<<: [*a, *a, *a]}\n",
        "a: " + "[" * 100_000,
        "a: " + "{a: " * 100_000,
        "- " * 100_000,
        "".join(" " * i + "a:\n" for i in range(1000)),
    ],
    ids=["laughs", "merged laughs", "cycle", "cycles", "merge", "merges", "lists", "maps", "items", "blocks"],
)
def test_a_hostile_file_is_refused_quickly(folder: Path, text: str) -> None:
    started = time.process_time()
    (found,) = refused(folder, text)
    assert "too deep" in found or "too large" in found
    assert time.process_time() - started < 3


# conflicting aliases

AGREEING = [
    ("", "AI: [ai, 'llm*']"),
    ("", "Biotech: [biotech]\n  Tech: ['*tech*']"),
    ("", "A: [x, X, '#x', ' x ']"),
    ("", "A: [x]\n  a: ['x']"),
    ("", "A: [x, [x], [x, y]]\n  B: ['x*', 're:x', [x, z]]"),
    ("", "A/B: [x]\n  A: [y]"),
    ("", "Dev/Python: [python]\n  Dev: [development]"),
    ("", "图片/图库: [[图片, 晨光图库, '*Photos']]"),
    ("", "首页/X: [x]\n  资讯: [y]\n  Uncategorized: [z]"),
    ("generic: [news]\n drop: [spam]", "Daily news: [headlines]\n  No spam: [z]"),
    ("unmapped: drop", "AI: [llm]"),
    ("unmapped: Other", "AI: [llm]\n  Other: [rest]"),
    ("", "Q&amp;A: [x]\n  '[A](#a)': [y]"),
]
CONFLICTS = [
    (
        "AI: [ml]\n  ML: [learning]",
        4,
        "AI.0",
        "`ml` also matches ML, the category of line 5, and sends it to AI; remove the pattern",
    ),
    ("A: [x]\n  B: [y, ' X ']", 5, "B.1", "` X ` already goes to A in line 4; remove one of the two"),
    ("A: [[x, y]]\n  B: [[X, 'y']]", 5, "B.0", "`[X, y]` already goes to A in line 4"),
    ("A: ['re:x']\n  B: ['re:x']", 5, "B.0", "`re:x` already goes to A"),
    ("A: ['x*']\n  B: ['#X*']", 5, "B.0", "`#X*` already goes to A"),
    ("Tech: ['*tech*']\n  Biotech: [biotech]", 4, "Tech.0", "`*tech*` also matches Biotech, the category of line 5"),
    ("A: ['re:^bio']\n  B/Biotech: [x]", 4, "A.0", "`re:^bio` also matches B/Biotech,"),
    ("Z: [a]\n  A/B: [x]", 4, "Z.0", "`a` also matches A/B, the category of line 5, and sends it to Z"),
    ("Z: [[A, B]]\n  A/B/C: [x]", 4, "Z.0", "`[A, B]` also matches A/B/C,"),
    ("A: [b]\n  B: [a]", 5, "B.0", "a cycle: A goes to B by `a`, and B goes to A by `b` in line 4; keep one"),
    (
        "A: [b]\n  B: [c]\n  C: [a]",
        6,
        "C.0",
        "A goes to C by `a`, and C goes to B by `c` in line 5, and B goes to A by",
    ),
]


@pytest.mark.parametrize(("more", "aliases"), AGREEING)
def test_aliases_without_a_conflict(folder: Path, more: str, aliases: str) -> None:
    load(folder, f"{SITE}categories:\n {more}\n aliases:\n  {aliases}\n")


@pytest.mark.parametrize(("aliases", "line", "key", "message"), CONFLICTS)
def test_aliases_that_conflict(folder: Path, aliases: str, line: int, key: str, message: str) -> None:
    (found,) = refused(folder, f"{SITE}categories:\n aliases:\n  {aliases}\n")
    assert found.startswith(f"config.yaml:{line}: categories.aliases.{key}: ")
    assert message in found


def test_drop_and_generic_must_not_match_a_category(folder: Path) -> None:
    text = SITE + "categories:\n generic: [a,\n  news]\n drop: ['*spam*']\n aliases:\n  News: [x]\n  No spam: [y]\n"
    generic, drop = refused(folder, text)
    advice = "; remove the pattern or rename the category"
    assert generic == f"config.yaml:4: categories.generic.1: `news` removes News, the category of line 7{advice}"
    assert drop == f"config.yaml:5: categories.drop.0: `*spam*` removes No spam, the category of line 8{advice}"


def test_aliases_of_a_source_may_override_but_not_conflict_with_shared_ones(folder: Path) -> None:
    of_all = "categories:\n aliases:\n  AI: [ml, llm]\n"
    load(folder, f"{SITE}{of_all}sources:\n- url: a\n  aliases: {{ML2: [ml], AI: [x]}}\n")
    (found,) = refused(folder, f"{SITE}{of_all}sources:\n- url: a\n  aliases:\n   ML: [x]\n")
    assert found.startswith("config.yaml:4: categories.aliases.AI.0: `ml` also matches ML, the category of line 8,")
    found, other = refused(folder, f"{SITE}{of_all}sources:\n- url: a\n  aliases:\n   A: [x, b]\n   B: [x]\n")
    assert found.startswith("config.yaml:8: sources.0.aliases.A.1: `b` also matches B, the category of line 9")
    assert other.startswith("config.yaml:9: sources.0.aliases.B.0: `x` already goes to A in line 8")


@pytest.mark.torture
def test_thousands_of_aliases_are_compared_quickly(folder: Path) -> None:
    aliases = "".join(f"  T/Topic {n}: [t{n}, 'x{n}-*', '*-{n}-y', 're:^{n} y']\n" for n in range(500))
    sources = "".join(f"- {{url: a{n}, aliases: {{Own: [own{n}]}}}}\n" for n in range(2000))
    config = load(folder, f"{SITE}categories:\n aliases:\n{aliases}sources:\n{sources}")
    started = time.process_time()
    assert list(alias_conflicts(config)) == []
    assert time.process_time() - started < 1


# secrets


def test_an_unset_variable_is_named(folder: Path) -> None:
    text = SITE + "sources:\n- url: a\n  auth: bearer ${TOKEN}\ncontent: {tracking: [a, '${B}']}\n"
    found = refused(folder, text)
    assert "config.yaml:4: sources.0.auth: the environment variable TOKEN is not set" in found
    assert "config.yaml:5: content.tracking.1: the environment variable B is not set" in found


@pytest.mark.parametrize(
    "line",
    [
        "server: {token: '${TOKEN:-x}'}",
        "server: {token: $AGGREGATOR_TOKEN}",
        "server: {token: '${{ secrets.TOKEN }}'}",
        "state: postgresql://u:${PASS-WORD}@h/x",
        "sources: [{url: 'https://h/${ KEY }'}]",
        "sources: [{url: a, auth: 'bearer $TOKEN'}]",
        "sources: [{url: a, auth: 'basic ${TOKEN}:$PASSWORD'}]",
        "sources: [{url: a, headers: {X-Key: '${KEY'}}]",
    ],
)
def test_a_variable_as_other_programs_write_it_is_not_taken_for_the_secret_itself(line: str, folder: Path) -> None:
    [found] = refused(folder, f"{SITE}{line}\n", TOKEN="t")
    assert found.endswith(
        ": has a variable in the form of another program; write ${NAME}, with letters, digits and _ alone"
    )


@pytest.mark.parametrize("secret", ["pa$WORD", "$word", "a$", "$1", "x$Y z"])
def test_a_dollar_sign_in_a_secret_stays(secret: str, folder: Path) -> None:
    config = load(folder, f"{SITE}server: {{token: '{secret}'}}\nsources: [{{url: 'https://h/?$format=RSS'}}]\n")
    assert config.server.token == secret
    assert config.sources[0].url == "https://h/?$format=RSS"


def test_no_message_shows_a_secret(folder: Path) -> None:
    text = (
        "sources:\n- {url: 'ftp://${HOST}/', auth: 'basic ${SECRET}', headers: {'A': \"${SECRET}\\n\"}}\n"
        "- {url: x, auth: hunter2}\n- {url: '${SECRET}://x'}\nstate: mysql://hunter2@h/x\n"
        "server: {token: 'hunter2é', tokn: hunter2}\nfeeds: {limit: '${SECRET}'}\n"
    )
    found = refused(folder, SITE + text, HOST="h", SECRET="hunter2")
    assert len(found) == 9
    assert "hunter2" not in "".join(found).replace("cannot fetch hunter2", "")


# ids of sources


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.example.com/", "example-com"),
        ("https://example.com:8443/a/Feed.xml?x=1#y", "example-com-8443-a-feed-xml"),
        ("http://127.0.0.1:8000/feed", "127-0-0-1-8000-feed"),
        ("https://bücher.example/ä", "bucher-example-a"),
        ("https://example.com/%E6%96%B0%E5%AA%92%E4%BD%93", "example-com-xin-mei-ti"),
        ("https://github.com/a/c++/releases.atom", "github-com-a-c-plus-plus-releases-atom"),
        ("feeds/my.feed.xml", "my-feed-xml"),
        ("../x.json", "x-json"),
    ],
)
def test_an_id_is_made_from_host_and_path(url: str, expected: str) -> None:
    assert source_id(url) == expected


def test_ids_in_the_file_are_taken_wherever_they_stand(folder: Path) -> None:
    config = load(
        folder,
        SITE + "posts: [{path: a}]\nsources: [url: x.xml, {url: b, id: x-xml}, url: x.xml, {url: c, id: posts}]\n",
    )
    assert [one.id for one in config.posts] == ["posts-2"]
    assert [one.id for one in config.sources] == ["x-xml-2", "x-xml", "x-xml-3", "posts"]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text(), max_size=6))
def test_ids_of_any_addresses_are_different_and_legal(urls: list[str]) -> None:
    data = {
        "site": {"title": "x", "url": "https://a.example", "since": "2026-01-01"},
        "sources": [{"url": f"x{url}".replace("://", "")} for url in urls],
    }
    ids = [source.id for source in Config.model_validate(data).sources]
    assert len(set(ids)) == len(urls)


@pytest.mark.torture
def test_ten_thousand_sources_are_read_in_seconds(folder: Path) -> None:
    sources = "".join(f"- {{url: 'https://a.example/feed?{i}', categories: [A/B, C]}}\n" for i in range(10_000))
    started = time.process_time()
    config = load(folder, f"{SITE}sources:\n{sources}")
    assert config.sources[-1].id == "a-example-feed-10000"
    assert time.process_time() - started < 6


@pytest.mark.parametrize(
    ("url", "is_remote"),
    [
        ("https://a.example/", True),
        ("HTTP://a.example/", True),
        ("http", False),
        ("https/feed.xml", False),
        ("a.xml", False),
    ],
)
def test_a_source_is_remote_where_its_address_has_the_scheme_of_the_web(url: str, is_remote: bool) -> None:
    assert SourceConfig(url=url).is_remote is is_remote
