"""The category tree of a mirror site, compared with a golden file.

After an intended change: run `UPDATE_GOLDEN=1 python -m pytest` with this file, and read the difference.
"""

import os
from pathlib import Path

import pytest

from tests.support import paths
from tests.support.planet import Planet

POSTS = paths.SHARED / "data" / "posts"
GOLDEN = Path(__file__).parent / "golden" / "mirror.txt"

# The oldest posts of the site have two levels, source and route in one.
OLD_FORMS = {
    "二次元/1draw 深夜の真剣お絵描き 60 分一本勝負/投稿一览": [
        ["二次元", "1draw 深夜の真剣お絵描き 60 分一本勝負 - 投稿一览"]
    ],
    "二次元/動畫瘋/最後更新": [["二次元", "動畫瘋 - 最後更新"]],
    "二次元/Webtoons/Naver": [["二次元", "Webtoons - Naver"]],
    "图片/1X/Photos": [["图片", "1X - Photos"]],
}


@pytest.mark.torture
@pytest.mark.skipif(not POSTS.is_dir(), reason="the posts of the mirror site are not here")
def test_every_top_and_every_source_has_a_feed_and_no_generic_leaf_has(planet: Planet) -> None:
    planet.config["posts"] = [{"path": str(POSTS), "id": "mirror"}, {"path": "posts", "id": "own"}]
    planet.config["categories"] = {"aliases": OLD_FORMS}
    for name, levels in (
        ("decorated", "图片, 1X, — Photos"),
        ("older", "图片, 1X - Photos"),
        ("bar", "图片, 1X, '| Photos'"),
    ):
        planet.post(f"{name}.md", f"---\ntitle: {name}\ndate: 2026-11-01\ncategories: [{levels}]\n---\n{name}\n")
    planet.run()
    rows = [row for row in planet.index().values() if row["category"]]
    assert not {"首页", "分类", "资讯"} & {row["category"][-1] for row in rows}
    tree = "".join(
        f"{'  ' * (len(row['category']) - 1)}{row['category'][-1]}  ({row['entries']})  {row['id']}/\n"
        for row in sorted(rows, key=lambda row: row["category"])
    )
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(tree, encoding="utf-8")
    assert tree == GOLDEN.read_text(encoding="utf-8")
