"""The posts of a real mirror: all are read, and none is mistaken for another."""

from datetime import UTC, datetime

import pytest

from aggregator.posts import Post, PostSettings, list_posts, read_file, read_post
from tests.support import paths

FOLDER = paths.SHARED / "data" / "posts"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the posts are not here")


@pytest.fixture(scope="module")
def posts() -> dict[str, Post]:
    return {
        file.path: read_post(read_file(FOLDER, file.name), file.path, PostSettings()) for file in list_posts(FOLDER)
    }


def test_every_file_is_read(posts: dict[str, Post]) -> None:
    assert len(posts) == len(list(FOLDER.glob("*.md")))
    assert all(post.draft.title and post.draft.content and len(post.draft.terms) in (2, 3) for post in posts.values())
    assert not any(post.hidden or post.draft.links for post in posts.values())


def test_piled_up_quotes_are_the_only_thing_repaired(posts: dict[str, Post]) -> None:
    assert {path: post.repaired for path, post in posts.items() if post.repaired} == {
        "002.md": ("title: quotes peeled",)
    }
    assert posts["002.md"].draft.title == posts["003.md"].draft.title


def test_the_first_of_them(posts: dict[str, Post]) -> None:
    (draft,) = (post.draft for path, post in posts.items() if path.startswith("000_"))
    assert draft.published == datetime(2021, 10, 22, 13, 15, 1, tzinfo=UTC)
    assert [term.term for term in draft.terms] == ["新媒体", "趣头条", "分类"]


def test_only_invalid_date_is_no_date(posts: dict[str, Post]) -> None:
    undated = {path for path, post in posts.items() if post.draft.published is None}
    assert undated == {path for path, post in posts.items() if post.problems} == {"035.md", "061.md", "c03.md"}


def test_plain_text_keeps_its_lines(posts: dict[str, Post]) -> None:
    content = posts["012.md"].draft.content
    assert content
    assert content.value.count("<br>\n") == 4


def test_markup_is_left_as_it_is(posts: dict[str, Post]) -> None:
    for path in ("007.md", "021.md", "053.md", "042.md"):
        content, raw = posts[path].draft.content, (FOLDER / path).read_text(encoding="utf-8")
        assert content
        assert raw.rstrip().endswith(content.value)
