"""import of what other programs subscribed to: names, categories and settings that are taken, and what is listed.

The lists in subscription_lists/ are ours. Those of Planet Venus, Planet 2.0, Pluto, newsboat, FreshRSS and Miniflux
have the shape of what public planets and these programs write, with all names replaced. Those of Feedly and Inoreader,
whose services are closed, and of NetNewsWire have the shape that is documented for their exports.
"""

import gzip
import io
import shutil
from datetime import timedelta
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from aggregator.config import load_config
from aggregator.fetch import FetchSettings
from tests.commands.test_cli import aggregator, report
from tests.support.planet import Upstream, rss

LISTS = Path(__file__).parent / "subscription_lists"
CONFIG = "site: {title: Planet, url: https://planet.test.net/, since: 2026-11-23}\n"
SPONSORED = {"exclude": [{field: r"(?i)\[sponsored\]"} for field in ("title", "content", "category", "author")]}
NONE: dict[str, Any] = {}

# Title, address, categories and settings of every source, in the order of the file; how many are left out.
WANTED: dict[str, tuple[list[tuple[str, str, list[str], dict[str, Any]]], int]] = {
    "venus.ini": (
        [
            ("Ada Brenner", "https://ada.example/index.rss", [], SPONSORED),
            ("Gusztáv Ölvedi", "http://blog.gusztav.example/?flav=rss", [], SPONSORED),
            (
                "林美",
                "https://mei.example/tag/quince/feed/",
                [],
                {"include": [{field: "(?i)quince|榅桲"} for field in ("title", "content", "category", "author")]}
                | SPONSORED,
            ),
            (
                "100% Quince",
                "https://team.quince.example/atom.xml?page=1&tag=all",
                [],
                {
                    "exclude": [
                        {field: expression}
                        for expression in ("^Weekly digest", "^Meetup notes")
                        for field in ("title", "content", "category", "author")
                    ]
                },
            ),
            ("", "https://old.example/rdf", [], SPONSORED),
            ("Looks ahead", "https://lookahead.example/feed", [], SPONSORED),
            ("Friends", "https://lists.example/friends.opml", [], NONE),
        ],
        5,
    ),
    "planet2.ini": (
        [
            ("Jo Halloran", "http://jo.example/blog/atom.xml", [], NONE),
            ("Ray Ochieng", "http://www.example.net/~ray/rss", [], NONE),
        ],
        2,
    ),
    "pluto.ini": (
        [
            ("Badger Language News", "https://www.badger.example/en/feeds/news.rss", [], NONE),
            ("Setts & Burrows (Blog)", "https://setts.example/feed/atom.xml", [], NONE),
            (
                "Tunnels",
                "https://tunnels.example/rss",
                [],
                {"include": [{"title": "(?i)badger|open source"}, {"content": "(?i)badger|open source"}]},
            ),
            ("Diggers", "https://diggers.example/rss", [], NONE),
        ],
        1,
    ),
    "newsboat.urls": (
        [
            ("", "https://news.example/rss.xml?html", ["interesting", "cool stuff", "news", "later"], NONE),
            ('ORF "News"', "https://orf.example/news.xml", ["news"], NONE),
            ("", "https://world.example/rss.xml", ["news"], {"publish": "false"}),
            ("Quiet", "https://hidden.example/feed", ["A／B"], {"publish": "false"}),
        ],
        5,
    ),
    "addresses.txt": (
        [
            ("", "https://a.example/feed.xml", [], NONE),
            ("", "https://b.example/atom.xml", [], NONE),
            ("", "https://c.example/rss", [], NONE),
            ("", "https://d.example/index.rdf", [], NONE),
        ],
        1,
    ),
    "miniflux.json": (
        [
            (
                "Heron — a journal",
                "https://heron.example/feed.atom",
                ["Birds／Water", "Paid"],
                {"exclude": [{field: "(?i)sponsored"} for field in ("title", "link", "author", "category")]},
            ),
            (
                "Wren",
                "https://wren.example/rss",
                [],
                {"paused": "true", "include": [{"title": "(?i)nest"}, {"link": "/field-notes/"}]},
            ),
        ],
        3,
    ),
    "miniflux.opml": (
        [
            (
                "Heron",
                "https://heron.example/feed.atom",
                ["Birds"],
                {"exclude": [{field: "(?i)sponsored"} for field in ("title", "link", "author", "category")]},
            ),
            ("Wren", "https://wren.example/rss", ["Birds"], {"paused": "true"}),
        ],
        0,
    ),
    "freshrss.opml": (
        [
            ("Tide Tables", "https://tide.example/feed", ["Science"], {"every": "2h"}),
            ("Lab Notes", "https://lab.example/feed.json", ["Science"], {"ids": "link"}),
            ("Muted", "https://muted.example/rss", ["Science"], {"paused": "true", "publish": "false"}),
            ("From afar", "https://lists.example/afar.opml", ["From afar"], NONE),
            ("Far", "https://far.example/feed", ["From afar"], NONE),
        ],
        1,
    ),
    "feedly.opml": (
        [
            ("Grid & Type", "https://grid.example/feed", ["Design"], NONE),
            ("Kern", "https://kern.example/rss.xml", ["Design", "Must read"], NONE),
        ],
        1,
    ),
    "netnewswire.opml": (
        [
            ("Harbor Log", "https://harbor.example/feed.json", [], NONE),
            ("Left Shift", "https://shift.example/atom", ["Code"], NONE),
        ],
        1,
    ),
    "inoreader.opml": (
        [
            ("Tram Lines", "https://tram.example/feed/", ["Cities", "Night"], NONE),
            ("Night Bus", "https://nightbus.example/rss", ["Night"], NONE),
            ("Alone", "https://alone.example/rss", [], NONE),
        ],
        1,
    ),
}
READING_LISTS = {"https://lists.example/friends.opml", "https://lists.example/afar.opml"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


def written(folder: Path, text: str | bytes, name: str = "list") -> str:
    """The name of a file with this text."""
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return name


def imported(folder: Path, text: str | bytes) -> dict[str, Any]:
    return report(aggregator(folder, "import", written(folder, text), "--json"))


def said(folder: Path, text: str | bytes) -> list[str]:
    """What is left out or not taken, without the name of the file."""
    lines = aggregator(folder, "import", written(folder, text), "--dry-run").stdout.splitlines()
    return [line.removeprefix("list:") for line in lines if "left out: " in line or "not taken: " in line]


def sources(folder: Path) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = yaml.safe_load((folder / "config.yaml").read_text(encoding="utf-8")).get(
        "sources", []
    )
    return listed


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("name", WANTED)
def test_names_categories_and_settings_are_taken(folder: Path, name: str) -> None:
    wanted, left_out = WANTED[name]
    done = report(aggregator(folder, "import", str(LISTS / name), "--json"))
    assert [(one["title"], one["url"], one["categories"], one.get("settings", {})) for one in done["added"]] == wanted
    assert len(done["left_out"]) == left_out
    assert {one.get("opml") for one in sources(folder)} & READING_LISTS == READING_LISTS & {one[1] for one in wanted}


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("name", WANTED)
def test_check_praises_the_config_and_the_second_time_nothing_is_new(folder: Path, name: str) -> None:
    aggregator(folder, "import", str(LISTS / name))
    before = (folder / "config.yaml").read_text(encoding="utf-8")
    checked = aggregator(folder, "check")
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "config.yaml: no problems\n")
    done = report(aggregator(folder, "import", str(LISTS / name), "--json"))
    assert (done["added"], done["copy"]) == ([], None)
    assert (folder / "config.yaml").read_text(encoding="utf-8") == before


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("name", WANTED)
def test_every_line_that_is_left_out_or_not_taken_says_why(folder: Path, name: str) -> None:
    done = report(aggregator(folder, "import", str(LISTS / name), "--json"))
    lines = (LISTS / name).read_text(encoding="utf-8").splitlines()
    assert all(lines[one["line"] - 1].strip() and one["reason"] for one in done["left_out"] + done["unused"])


def test_no_secret_of_a_list_is_shown_or_written(folder: Path) -> None:
    for file in sorted(LISTS.iterdir()):
        done = aggregator(folder, "import", str(file), "--dry-run", "-v")
        shown = done.stdout + done.stderr + aggregator(folder, "import", str(file), "--json").stdout
        config = (folder / "config.yaml").read_text(encoding="utf-8")
        assert not [secret for secret in ("hunter2", "s3cret") if secret in shown + config]


def test_addresses_in_remarks_hold_no_password(folder: Path) -> None:
    text = "[Planet]\nname = P\nlink = http://me:hunter2@p.example/\nfilters = http://me:hunter2@p.example/cut.py\n"
    name = written(folder, f"{text}[https://a.example/f]\nfilters = //me:hunter2@p.example/cut.py\n")
    for words in (["import", name, "--dry-run"], ["init", "new", "--from", name]):
        done = aggregator(folder, *words)
        assert "cut.py is a program, which is not run here" in done.stdout + done.stderr
        assert "hunter2" not in done.stdout + done.stderr


def test_what_is_not_taken_is_shown_and_counted(folder: Path) -> None:
    shutil.copy(LISTS / "planet2.ini", folder)
    done = aggregator(folder, "import", "planet2.ini")
    own = "name, link, owner_name, owner_email, items_per_page, new_feed_items"
    others = "cache_directory, log_level, template_files, output_dir, days_per_page, date_format, encoding"
    assert done.stderr.splitlines()[:6] == [
        "planet2.ini:16: left out: examples/fancy/index.html.tmpl: settings of a template or a filter",
        "planet2.ini:24: left out: Jo again: the same feed as in line 19",
        f"planet2.ini:1: not taken: Planet Otter: {own}: said of the planet; this config keeps its own",
        f"planet2.ini:1: not taken: Planet: {others}: no counterpart here",
        "planet2.ini:19: not taken: Jo Halloran: face: no counterpart here",
        "2 added, 0 known already, 2 left out; settings of 3 lines not taken",
    ]


def test_of_many_remarks_some_are_shown(folder: Path) -> None:
    feeds = "".join(f"[https://a.example/{n}]\nface = a.png\n" for n in range(30))
    done = aggregator(folder, "import", written(folder, f"[Planet]\n{feeds}"))
    assert "… and 10 more not taken; -v or --json shows all\n" in done.stderr


# ini


def test_a_section_that_comes_again_and_a_continued_line(folder: Path) -> None:
    twice = "[https://a.example/f]\nname = One\n two\n[https://b.example/f]\n[https://a.example/f]\nname: Three\n"
    done = imported(folder, f"[Planet]\n{twice}")
    assert [(one["title"], one["line"]) for one in done["added"]] == [("Three", 2), ("", 5)]


def test_indented_options_are_no_continued_lines(folder: Path) -> None:
    done = imported(folder, "title = P\n[a]\n title = A\n   feed = https://a.example/f\n\tlink = https://a.example/\n")
    assert [(one["title"], one["url"]) for one in done["added"]] == [("A", "https://a.example/f")]


def test_nothing_is_dropped_silently(folder: Path) -> None:
    text = (
        "before = 1\n[Planet]\nname = %(x)s\nlink =\n[https://a.example/feed.py]\nname =\nsize = 1\n"
        "[broken\n[x.py]\n[]\nlost = 1\n"
    )
    assert said(folder, text) == [
        "1: not taken: before the first section: before, lost: no counterpart here",
        "2: not taken: Planet: name: no counterpart here",
        "5: not taken: https://a.example/feed.py: size: no counterpart here",
        "8: left out: [broken: it is neither a section nor `name = value`",
        "9: left out: x.py: settings of a template or a filter",
    ]


def test_a_default_of_all_feeds_and_a_sifter_in_an_address(folder: Path) -> None:
    text = (
        "[Planet]\nname = P\n[DEFAULT]\nfilter = both\n"
        "[https://a.example/f]\nfilters = regexp_sifter.py?exclude=a%%2Bb&exclude=c\n"
        "[https://b.example/f]\nfilters = regexp_sifter.py?require=other\n"
    )
    done = imported(folder, text)
    first, second = (one["settings"] for one in done["added"])
    assert [one["title"] for one in first["include"] if "title" in one] == ["both"]
    assert [one["title"] for one in first["exclude"] if "title" in one] == ["a+b", "c"]
    assert [one["title"] for one in second["include"] if "title" in one] == ["other"]
    assert "an entry must match several expressions" in done["unused"][-1]["reason"]


@pytest.mark.parametrize(
    ("filter_", "reason"),
    [
        ("a\n b", "an entry must match several expressions, which has no counterpart here"),
        ("${HOME}", "it holds ${…}, which would be a variable of the environment"),
        ("%(name)s", "it has a %(…)s, which is not replaced"),
        ("(", "not a regular expression: missing ): ("),
        ("x" * 2001, "longer than 2000 characters; write several expressions"),
    ],
)
def test_a_filter_that_has_no_counterpart_is_listed(folder: Path, filter_: str, reason: str) -> None:
    [line] = said(folder, f"[Planet]\n[https://a.example/f]\nname = A\nfilter = {filter_}\n")
    assert line == f"2: not taken: A: filter: {reason}"


def test_an_interpolation_bomb_stays_text(folder: Path) -> None:
    bomb = "".join(f"x{n} = {f'%(x{n - 1})s' * 10}\n" for n in range(1, 50))
    done = imported(
        folder, f"[DEFAULT]\nx0 = ha\n{bomb}name = %(x49)s\n[Planet]\n[https://a.example/f]\nname = %(x49)s\n"
    )
    assert [one["title"] for one in done["added"]] == [""]


# newsboat and plain lists


def test_words_of_newsboat(folder: Path) -> None:
    text = (
        'https://a.example/f "~A \\"b\\" \\\\ c" "two words" tag#1 # a comment "not a tag"\n'
        '"https://b.example/f?x=1 2" "open\n'
        "   # another comment\n"
        'https://c.example/f "" ~\n'
    )
    done = imported(folder, text)
    assert [(one["title"], one["url"], one["categories"]) for one in done["added"]] == [
        ('A "b" \\ c', "https://a.example/f", ["two words", "tag#1"]),
        ("", "https://b.example/f?x=1%202", ["open"]),
        ("", "https://c.example/f", []),
    ]


# Miniflux


def test_one_feed_and_a_list_that_is_cut_off(folder: Path) -> None:
    assert len(imported(folder, '{"feed_url": "https://a.example/f"}')["added"]) == 1
    done = imported(folder, '[{"feed_url": "https://b.example/f"},\n {"feed_url": "https')
    assert len(done["added"]) == 1
    assert done["left_out"] == [{"title": "", "reason": "it is not JSON; what is from here on is not read", "line": 2}]


def test_a_json_feed_is_no_list(folder: Path) -> None:
    feed = '{"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://a.example/f", "items": []}'
    done = aggregator(folder, "import", written(folder, feed))
    assert (done.returncode, "is no list of subscriptions" in done.stderr) == (2, True)


# FreshRSS


@pytest.mark.parametrize(
    ("attributes", "settings"),
    [
        ('frss:ttl="900"', {"every": "15m"}),
        ('frss:ttl="90"', {"every": "90s"}),
        ('frss:ttl="172800"', {"every": "2d"}),
        ('frss:ttl="0" frss:priority="important" frss:unicityCriteria="id"', {}),
        ('frss:ttl="-1"', {"paused": "true"}),
        ('FRSS:Priority="hidden"', {"publish": "false"}),
    ],
)
def test_attributes_of_freshrss(folder: Path, attributes: str, settings: dict[str, str]) -> None:
    done = imported(folder, f'<opml><outline text="A" xmlUrl="https://a.example/f" {attributes}/></opml>')
    assert (done["added"][0].get("settings", {}), done["unused"]) == (settings, [])
    assert load_config(folder / "config.yaml").sources[0].title == "A"


@pytest.mark.parametrize(
    "attribute", ['frss:ttl="soon"', 'frss:priority="feed"', 'x:sort="1"', 'frss:ttl="99999999999"']
)
def test_attributes_without_a_counterpart_are_named(folder: Path, attribute: str) -> None:
    [line] = said(folder, f'<opml><outline text="A" xmlUrl="https://a.example/f" {attribute}/></opml>')
    assert line == f"1: not taken: A: {attribute.partition('=')[0].removeprefix('frss:')}: no counterpart here"


@pytest.mark.parametrize("kind", ["HTML+XPath", "XML+XPath", "JSON+DotNotation", "HTML+XPath+JSON+DotNotation"])
def test_a_page_that_freshrss_reads_by_rules_is_no_feed(folder: Path, kind: str) -> None:
    [line] = said(folder, f'<opml><outline text="A" type="{kind}" xmlUrl="https://a.example/"/></opml>')
    assert line == f"1: left out: A: its type {kind} is a page that another program reads by rules, not a feed"


# whatever it is


def test_the_name_of_a_file_says_nothing(folder: Path) -> None:
    for file in LISTS.iterdir():
        shutil.copy(file, folder / "list.bin")
        assert report(aggregator(folder, "import", "list.bin", "--json"))["added"]
        (folder / "config.yaml").write_text(CONFIG)


@pytest.mark.variants(quick=4)
@pytest.mark.parametrize("name", ["venus.ini", "newsboat.urls", "miniflux.json"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gzip"])
def test_in_whatever_encoding(folder: Path, name: str, encoding: str) -> None:
    body = (LISTS / name).read_bytes()
    odd = gzip.compress(body) if encoding == "gzip" else body.decode().replace("\n", "\r\n").encode(encoding)
    done = imported(folder, odd)
    assert [(one["title"], one["url"]) for one in done["added"]] == [one[:2] for one in WANTED[name][0]]


def test_on_stdin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO((LISTS / "newsboat.urls").read_bytes())))
    assert "4 added" in aggregator(folder, "import", "-").stderr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "some words\nand more of them\nhttps://a.example/\nbut no list\n",
        "<html><a href='https://a.example/'>\nhttps://a.example/",
        "[section]\nkey = value\n",
        '[{"name": "x"}]',
        '{"error_message": "Access Unauthorized"}',
        "\x00\x01\x02",
    ],
)
def test_what_is_no_list_is_refused(folder: Path, text: str) -> None:
    done = aggregator(folder, "import", written(folder, text))
    assert done.returncode == 2
    assert done.stderr.startswith("list is no list of subscriptions; known are OPML, ")


# init --from


def begun(folder: Path, *words: str) -> dict[str, Any]:
    done = aggregator(folder, "init", "new", *words, "--json")
    assert done.returncode == 0, done.stderr
    return report(done)


@pytest.mark.variants(quick=3)
@pytest.mark.parametrize("name", WANTED)
def test_init_begins_with_a_list_and_check_praises_it(tmp_path: Path, name: str) -> None:
    done = begun(tmp_path, "--from", str(LISTS / name))
    assert done["written"] == ["new/config.yaml", "new/posts/hello-planet.md", "new/.gitignore"]
    assert [(one["title"], one["url"]) for one in done["added"]] == [one[:2] for one in WANTED[name][0]]
    checked = aggregator(tmp_path / "new", "check")
    assert (checked.returncode, checked.stderr) == (0, "config.yaml: no problems\n")
    assert [line for line in checked.stdout.splitlines() if "is an example's host" not in line] == []
    config = (tmp_path / "new/config.yaml").read_text(encoding="utf-8")
    assert "python-insider" not in config
    assert "  #   approve: true              # new entries wait" in config
    again = report(aggregator(tmp_path / "new", "import", str(LISTS / name), "--json"))
    assert (again["added"], again["copy"]) == ([], None)


def test_init_takes_what_a_planet_says_of_itself(tmp_path: Path) -> None:
    done = aggregator(tmp_path, "init", "--from", str(LISTS / "venus.ini"))
    assert (
        f"7 sources from {LISTS / 'venus.ini'}, 5 left out\nnext: look over title and url in config.yaml" in done.stderr
    )
    assert "said of the planet" not in done.stderr
    config = load_config(tmp_path / "config.yaml")
    site, feeds = config.site, config.feeds
    assert (site.title, site.url) == ("Planet Quince", "https://planet.quince.example/")
    assert (site.author.name, site.author.email) == ("Ada Brenner", "planet@quince.example")
    assert (feeds.limit, feeds.source_cap) == (60, 4)


def test_what_a_planet_says_wrongly_is_listed(tmp_path: Path) -> None:
    planet = "[Planet]\nname = ${HOME}\nlink = planet.example\nitems_per_page = many\nnew_feed_items = 0\n"
    name = written(tmp_path, f"{planet}[https://a.example/f]\n")
    done = aggregator(tmp_path, "init", "new", "--from", name)
    said = [line for line in done.stderr.splitlines() if "not taken" in line]
    assert said == [
        "list:1: not taken: ${HOME}: many: not a number of entries",
        "list:1: not taken: ${HOME}: 0: not a number of entries",
        "list:1: not taken: ${HOME}: planet.example: must be an absolute address that begins with https:// or http://",
    ]
    site = load_config(tmp_path / "new/config.yaml").site
    assert (site.title, site.url) == ("$ {HOME}", "https://planet.example/")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nothing.opml", "nothing.opml is no file here; an address begins with https://"),
        ("empty", "empty is no list of subscriptions; known are OPML"),
        ("https://127.0.0.1:9/feeds.opml", "gave no usable answer"),
    ],
)
def test_what_cannot_be_read_writes_nothing(tmp_path: Path, given: str, said: str) -> None:
    (tmp_path / "empty").write_text("")
    done = aggregator(tmp_path, "init", "new", "--from", given)
    assert done.returncode in {1, 2}
    assert said in done.stderr
    assert not (tmp_path / "new").exists()


def test_init_never_overwrites_and_asks_nobody_first(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("mine")
    done = aggregator(tmp_path, "init", "--from", "https://127.0.0.1:9/feeds.opml")
    assert (done.returncode, "config.yaml exists already" in done.stderr) == (2, True)


NAMES_TWO = """<html><head>
<link rel="alternate" type="application/atom+xml" href="/atom.xml" title="News">
<link rel="alternate" type="application/rss+xml" href="/comments.xml">
</head></html>"""
SERVED = {
    "a list": (
        (LISTS / "feedly.opml").read_text(encoding="utf-8"),
        ["https://grid.example/feed", "https://kern.example/rss.xml"],
    ),
    "a feed": (rss({"title": "Entry"}, title="The blog"), ["/here"]),
    "a page": (NAMES_TWO, ["/atom.xml"]),
}


@pytest.mark.parametrize("what", SERVED)
def test_what_an_address_gives(upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    body, wanted = SERVED[what]
    url = upstream.serve("/here", body)
    settings = partial(FetchSettings, gap=timedelta(0), allow_networks=(ip_network("127.0.0.0/8"),))
    monkeypatch.setattr("aggregator.fetch.FetchSettings", settings)
    done = begun(tmp_path, "--from", url)
    assert [one["url"].removeprefix(upstream.url("")) for one in done["added"]] == wanted
    assert len(done["left_out"]) == (what != "a feed")
    assert aggregator(tmp_path / "new", "check").returncode == 0
