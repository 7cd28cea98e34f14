"""Hugo, Jekyll and Hexo build a site of what feeds.formats: posts wrote: its posts are the items of feed.json, and
nothing in them was run. Each where it is installed; Hexo by `npm install --no-save hexo` here, or where $HEXO says."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.clean.clean_entry import ContentSettings
from aggregator.html.sanitize import sanitize
from tests.scenarios.test_posts_export import CONTENTS, NAMES, TITLES
from tests.support import paths
from tests.support.planet import Planet
from tests.torture.test_clients import ran

pytestmark = pytest.mark.torture

HEXO = Path(os.environ.get("HEXO") or paths.PROJECT / "node_modules" / "hexo")
ELSEWHERE = "Asia/Shanghai"  # where a time that lost its zone is another one


@dataclass(frozen=True)
class Shown:
    title: str
    date: datetime
    names: frozenset[str]
    content: str


def shown(title: str | None, date: str, names: list[str] | None, content: str) -> Shown:
    """White space around, comments and references say nothing."""
    cleaned = sanitize(content.strip(), base="https://a.example/", settings=ContentSettings()).strip()
    written = frozenset(name.replace("&#46;", ".") for name in names or ())
    return Shown(title or "", datetime.fromisoformat(date).astimezone(UTC).replace(microsecond=0), written, cleaned)


# each: an empty folder, and the folder of posts → link, title, date, names and content of each post of the site


def hugo(site: Path, posts: Path) -> list[dict[str, Any]]:
    (site / "config.toml").write_text(
        'title = "Site"\nbaseURL = "https://s.example/"\n[security]\nallowContent=[".*"]\n'
    )
    shutil.copytree(posts, site / "content" / "posts")
    layouts = site / "layouts" / "_default"
    layouts.mkdir(parents=True)
    (layouts / "single.html").write_text("{{ .Title }} {{ .Content }}")
    (layouts / "list.html").write_text("{{ .Title }} {{ range .Pages }}{{ .Title }} {{ .Summary }}{{ end }}")
    (site / "layouts" / "index.html").write_text(
        "{{ $all := slice }}{{ range site.RegularPages }}"
        '{{ $all = $all | append (dict "link" .Params.link "title" .Title'
        ' "date" (.Date.Format "2006-01-02T15:04:05Z07:00") "names" (.Params.categories | append .Params.tags)'
        ' "content" .Content) }}{{ end }}{{ $all | jsonify | safeHTML }}'
    )
    assert_no_warnings(ran(["hugo"], site, TZ=ELSEWHERE))
    return list(json.loads((site / "public" / "index.html").read_bytes()))


def jekyll(site: Path, posts: Path) -> list[dict[str, Any]]:
    (site / "_config.yml").write_text('permalink: /:year/:month/:day/:title:output_ext\nexcerpt_separator: ""\n')
    shutil.copytree(posts, site / "_posts")
    keys = {key: f"post.{key}" for key in ("link", "title", "content")} | {"date": "post.date | date_to_xmlschema"}
    keys["names"] = "post.categories | concat: post.tags"
    fields = ", ".join(f'"{key}": {{{{ {value} | jsonify }}}}' for key, value in keys.items())
    (site / "all.json").write_text(f"---\n---\n[{{% for post in site.posts %}}{{{fields}}},{{% endfor %}}null]")
    assert_no_warnings(ran(["jekyll", "build"], site, TZ=ELSEWHERE))
    return list(json.loads((site / "_site" / "all.json").read_bytes())[:-1])


def hexo(site: Path, posts: Path) -> list[dict[str, Any]]:
    (site / "_config.yml").write_text("title: Site\nurl: https://s.example/\ntheme:\n")
    (site / "package.json").write_text('{"name": "site", "hexo": {"version": ""}, "dependencies": {}}')
    (site / "node_modules").symlink_to(HEXO.parent)
    (site / "scripts").mkdir()
    (site / "scripts" / "all.js").write_text(
        "const names = (list) => list.toArray().map((one) => one.name);\n"
        "const row = (post) => ({link: post.link, title: post.title, date: post.date.toDate().toISOString(),\n"
        "  names: [...names(post.categories), ...names(post.tags)], content: post.content});\n"
        "hexo.extend.generator.register('all', (locals) =>\n"
        "  ({path: 'all.json', data: JSON.stringify(locals.posts.toArray().map(row))}));\n"
    )
    shutil.copytree(posts, site / "source" / "_posts")
    assert_no_warnings(ran(["node", str(HEXO / "bin" / "hexo"), "generate"], site, TZ=ELSEWHERE))
    return list(json.loads((site / "public" / "all.json").read_bytes()))


def assert_no_warnings(output: str) -> None:
    """Fails if the generator warned of anything."""
    assert not [line for line in output.splitlines() if any(word in line.lower() for word in ("warn", "error", "skip"))]


GENERATORS: dict[str, Callable[[Path, Path], list[dict[str, Any]]]] = {"hugo": hugo, "jekyll": jekyll, "hexo": hexo}


def is_there(generator: str) -> bool:
    if generator == "hexo":
        return bool(shutil.which("node")) and (HEXO / "bin" / "hexo").exists()
    return bool(shutil.which(generator))


def filled(planet: Planet) -> None:
    kinds = (
        [(title, "<p>x</p>", "x") for title in TITLES]
        + [("Body", content, "x") for content in CONTENTS]
        + [("Name", "<p>x</p>", name) for name, _ in NAMES]
    )
    for number, (title, content, name) in enumerate(kinds):
        matter = {"title": title, "link": f"https://a.example/{number}", "description": "{{ x }} {% x %} #}"}
        matter["date"] = f"2026-11-{number // 24 + 1:02}T{number % 24:02}:30:00Z"
        lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in matter.items()]
        terms = json.dumps([name, "c"], ensure_ascii=False)
        text = "\n".join(["---", *lines, f"categories: {terms}", f"tags: {terms}", "---", content, f"<p>{number}</p>"])
        planet.post(f"{number}.html", text)
    planet.config["feeds"] = {"limit": 1000, "archive": 1000, "formats": ["json", "posts"]}
    planet.config["duplicates"] = {"across_sources": "off"}


@pytest.mark.parametrize("generator", GENERATORS)
def test_a_site_of_what_was_exported_is_the_feed(planet: Planet, generator: str) -> None:
    if not is_there(generator):
        pytest.skip(f"{generator} is not installed")
    filled(planet)
    planet.run()
    tree = planet.root / "feeds" / "all"
    items = json.loads((tree / "feed.json").read_bytes())["items"]
    expected = {
        item["url"]: shown(item.get("title"), item["date_published"], item.get("tags"), item.get("content_html", ""))
        for item in items
    }
    assert len(expected) == len(TITLES) + len(CONTENTS) + len(NAMES)
    site = planet.root / generator
    site.mkdir()
    rows = GENERATORS[generator](site, tree / "posts")
    assert len(rows) == len(expected)
    assert {row.pop("link"): shown(**row) for row in rows} == expected
