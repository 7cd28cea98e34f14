"""What the path of a post's file says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.post_names import PostName, post_name


@pytest.mark.parametrize(
    ("path", "day", "stem", "name"),
    [
        ("name.md", "", "name", "name"),
        ("notes/name.html", "", "name", "name"),
        ("2021-10-22-name.md", "2021-10-22", "2021-10-22-name", "name"),
        ("_posts/2021-10-22-my_name.md", "2021-10-22", "2021-10-22-my_name", "my_name"),
        ("2021-10-22.md", "2021-10-22", "2021-10-22", ""),
        ("2021-10-22 name.md", "2021-10-22", "2021-10-22 name", "name"),
        ("2021-10-22_name.md", "2021-10-22", "2021-10-22_name", "name"),
        ("2021-10-22name.md", "2021-10-22", "2021-10-22name", "name"),
        ("2026-3-13-name.md", "2026-03-13", "2026-3-13-name", "name"),
        ("2026-3-1-name.md", "2026-03-01", "2026-3-1-name", "name"),
        ("2026-12-1.md", "2026-12-01", "2026-12-1", ""),
        ("2026-3-135-name.md", "", "2026-3-135-name", "2026-3-135-name"),
        ("2026-13-1-name.md", "", "2026-13-1-name", "2026-13-1-name"),
        ("2026-2-30-name.md", "", "2026-2-30-name", "2026-2-30-name"),
        ("2026-3-name.md", "", "2026-3-name", "2026-3-name"),
        ("26-3-13-name.md", "", "26-3-13-name", "26-3-13-name"),
        ("20260314-x.md", "2026-03-14", "20260314-x", "x"),
        ("20260314.md", "2026-03-14", "20260314", ""),
        ("20260314_x y.txt", "2026-03-14", "20260314_x y", "x y"),
        ("20260314x.md", "", "20260314x", "20260314x"),
        ("202603145-x.md", "", "202603145-x", "202603145-x"),
        ("20261314-x.md", "", "20261314-x", "20261314-x"),
        ("12340101-x.md", "", "12340101-x", "12340101-x"),
        ("2026/03/15/x.md", "2026-03-15", "x", "x"),
        ("blog/2026/3/5/x.md", "2026-03-05", "x", "x"),
        ("2026/03/15/2026-03-16-x.md", "2026-03-16", "2026-03-16-x", "x"),
        ("2026/03/x.md", "", "x", "x"),
        ("2026/15/03/x.md", "", "x", "x"),
        ("2026/03/15/sub/x.md", "", "x", "x"),
        ("2026-03-16-bundle/index.md", "2026-03-16", "2026-03-16-bundle", "bundle"),
        ("20260316-bundle/INDEX.html", "2026-03-16", "20260316-bundle", "bundle"),
        ("2026/03/16/bundle/index.md", "2026-03-16", "bundle", "bundle"),
        ("2026-03-16-bundle/part.md", "", "part", "part"),
        ("index.md", "", "index", "index"),
        ("２０２６-03-13-x.md", "", "２０２６-03-13-x", "２０２６-03-13-x"),
    ],
)
def test_a_path_tells_date_and_name(path: str, day: str, stem: str, name: str) -> None:
    assert post_name(path) == PostName(day, stem, name)


@given(st.text("0123456789-_./ a", max_size=30))
def test_any_path_has_a_stem(path: str) -> None:
    found = post_name(path)
    assert found.stem.endswith(found.name)
