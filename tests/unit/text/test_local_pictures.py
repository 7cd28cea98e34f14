"""Which pictures lie beside a post."""

import pytest

from aggregator.text.local_pictures import LOCAL, local_picture, name_of, path_of


@pytest.mark.parametrize(
    ("href", "post", "path"),
    [
        ("map.png", "walk.md", "map.png"),
        ("map.png", "2026/walk/index.md", "2026/walk/map.png"),
        ("./map.png", "2026/walk/index.md", "2026/walk/map.png"),
        ("img/map one.JPG", "2026/walk.md", "2026/img/map one.JPG"),
        ("img/map%20one.jpeg", "2026/walk.md", "2026/img/map one.jpeg"),
        ("../map.gif", "2026/walk/index.md", "2026/map.gif"),
        ("../../../map.webp", "2026/walk/index.md", "map.webp"),
        ("map.png?v=2#x", "walk.md", "map.png"),
        ("地图.png", "随笔/散步.md", "随笔/地图.png"),
        ("map.svg", "walk.md", ""),
        ("map.html", "walk.md", ""),
        ("map", "walk.md", ""),
        ("/map.png", "walk.md", ""),
        ("//a.example/map.png", "walk.md", ""),
        ("https://a.example/map.png", "walk.md", ""),
        ("file:map.png", "walk.md", ""),
        ("..\\map.png", "walk.md", ""),
        ("", "walk.md", ""),
        ("map.png", "", ""),
    ],
)
def test_a_picture_is_named_relative_to_its_post(href: str, post: str, path: str) -> None:
    address = local_picture(href, post)
    assert (path_of(address), address.startswith(LOCAL)) == (path, bool(path))
    assert name_of(address) == path.rpartition("/")[2]
