"""Pictures beside posts, in the texts of an entry and on the disk."""

from pathlib import Path

import pytest

from aggregator.model.entry import CleanEntry, Picture
from aggregator.publish.post_pictures import pictures_by_page, read_pictures, with_pictures
from aggregator.text.local_pictures import LOCAL

PAGE = "https://planet.example/entries/walk/"


def image(path: str, at: str = LOCAL) -> str:
    return f'<img src="{at}{path}" alt="A &gt; B" referrerpolicy="no-referrer">'


@pytest.mark.parametrize(
    ("content", "shown", "pictures"),
    [
        ("<p>No picture</p>", "<p>No picture</p>", []),
        (f"a{image('m.png')}b", f"a{image('m.png', PAGE)}b", ["m.png"]),
        (
            image("a/m%20n.png"),
            image("m%20n.png", PAGE),
            ["a/m n.png"],
        ),
        (image("a&amp;b.png"), image("a%26b.png", PAGE), ["a&b.png"]),
        (image("m.png") * 2, image("m.png", PAGE) * 2, ["m.png"]),
        (f'<a href="{LOCAL}x">x</a>', f'<a href="{LOCAL}x">x</a>', []),
    ],
)
def test_a_picture_gets_an_address_below_the_page(content: str, shown: str, pictures: list[str]) -> None:
    clean, found = with_pictures(CleanEntry(content=content), "posts", PAGE)
    assert (clean.content, [one.path for one in found]) == (shown, pictures)
    bare, none = with_pictures(CleanEntry(content=content), "posts", "")
    assert (f'<img src="{LOCAL}' in bare.content, none) == (False, ())


def test_names_are_told_apart() -> None:
    content = image("a/m.png") + image("b/m.png") + image("c/M.png") + image(".m.png") + image("a%2Fm.png")
    _, found = with_pictures(CleanEntry(content=content, image=f"{LOCAL}b/m.png"), "posts", PAGE)
    names = [one.name for one in found]
    assert names[0] == "m.png"
    assert len({name.lower() for name in names}) == len(names) == 5
    assert not [name for name in names if name.startswith(".") or "/" in name]


@pytest.mark.parametrize("path", ["../secret.png", "a/../../secret.png", "\0.png", "x" * 300 + ".png", "/etc/hostname"])
def test_no_path_leads_outside(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    found, problems = read_pictures([Picture("posts", path, "x.png")], {"posts": folder})
    assert (found, len(problems)) == ({}, 1)


def test_copied_pictures_are_known_by_their_page() -> None:
    paths = [
        "entries/a.html",
        "entries/a/1.png",
        "entries/a/2.png",
        "entries/b/1.png",
        "all/atom.xml",
        "all/archive/1/x",
    ]
    assert pictures_by_page(paths) == {"a": {"entries/a/1.png", "entries/a/2.png"}, "b": {"entries/b/1.png"}}
