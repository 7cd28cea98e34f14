"""Terms in a run: from a feed or a post, through the rules of a config, to a category."""

import time
from pathlib import Path

import pytest

from aggregator.app import App
from aggregator.categories import place_terms
from aggregator.config import load_config
from aggregator.model.document import CategoryTerm
from aggregator.settings import source_policy
from aggregator.store import Store
from tests.support.planet import NOON, Planet, Upstream, rss

ENTRY = {"title": "One", "link": "https://blog.example/1", "guid": "https://blog.example/1", "description": "Words."}


@pytest.mark.parametrize(
    ("style", "written", "feeds"),
    [
        ("flat", "Web, Python ,spam,,", {"web", "dev", "dev/python"}),
        ("path", "Web, Tools", {"web", "web/tools"}),
    ],
)
def test_a_source_says_what_parts_its_terms(
    planet: Planet, upstream: Upstream, style: str, written: str, feeds: set[str]
) -> None:
    url = upstream.serve("/feed", rss(ENTRY | {"category": written}))
    planet.config["categories"] = {"aliases": {"Dev/Python": ["python"]}, "drop": ["spam"]}
    planet.config["sources"] = [{"url": url, "id": "s", "category_style": style}]
    planet.run()
    assert len(planet.index()) == 2
    planet.config["sources"][0]["category_separator"] = ","
    planet.regenerate(NOON)
    assert planet.index().keys() == {"all", *feeds}


def test_a_folder_says_it_too(planet: Planet) -> None:
    planet.config["posts"] = [{"path": "posts", "category_separator": "/"}]
    planet.post("a.md", "---\ntitle: A\ncategories: [Dev/Python]\ntags: [x / y]\n---\nWords.\n")
    planet.run()
    assert planet.index().keys() == {"all", "dev", "dev/python", "x", "y"}


def test_what_arrives_is_read_as_it_was_meant(planet: Planet) -> None:
    categories = [
        "C",
        "C++",
        "Q&amp;amp;A",
        '"Webtoons - [Naver](https://comic.naver.com)"',
        "x" * 500,
        "2026",
        "null",
        "~",
    ]
    listed = "".join(f"- {one}\n" for one in categories)
    planet.config["posts"] = [{"path": "posts", "category_style": "flat"}]
    planet.post("a.md", f"---\ntitle: A\ncategories:\n{listed}---\nWords.\n")
    planet.run()
    found = {row["category"][0]: row["path"] for row in planet.index().values() if row["category"]}
    assert found["C"] == "c/"
    assert found["C++"] == "c-plus-plus/"
    assert found["Q&A"] == "q-and-a/"
    assert found["Webtoons - Naver"] == "webtoons-naver/"
    assert found["2026"] == "2026/"
    assert not any("xxx" in name for name in found)


@pytest.mark.torture
def test_ten_thousand_sources_are_treated_each_in_its_way_in_no_time(tmp_path: Path) -> None:
    """Their rules are looked up, not searched for, and what they share is made once."""
    aliases = "".join(f"    Topic {n}: [t{n}, 't{n}-*']\n" for n in range(1000))
    sources = "".join(f"- {{url: a{n}, id: s{n}, categories: [S{n}]}}\n" for n in range(10_000))
    file = tmp_path / "config.yaml"
    file.write_text(
        "site: {title: P, url: https://planet.example, since: 2026-11-23}\n"
        f"categories:\n  aliases:\n{aliases}sources:\n{sources}"
    )
    app = App(load_config(file, {}), Store(tmp_path / "state.db"), lambda: NOON)
    began = time.process_time()
    for n in range(10_000):
        policy = source_policy(app.rules, f"s{n}")
        found = place_terms([CategoryTerm("T7")], (), policy.style, policy.rules)
        assert [one.path[0].shown for one in found] == ["Topic 7", f"S{n}"]
    assert time.process_time() - began < 4
    assert source_policy(app.rules, "nobody").rules.added == ()
