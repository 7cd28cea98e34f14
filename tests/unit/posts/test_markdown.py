"""Markdown beyond CommonMark, as GitHub, Hugo and Hexo read it."""

import pytest

from aggregator.posts.markdown import markdown_html


def link(address: str) -> str:
    return f'<a href="{address}">{address}</a>'


A = "https://a.example/x"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (A, link(A)),
        (f"see {A}.", f"see {link(A)}."),
        (f"see {A}, or {A}!", f"see {link(A)}, or {link(A)}!"),
        (f"({A})", f"({link(A)})"),
        (f"({A}(y))", f"({link(A + '(y)')})"),
        (f"{A}_b_c?q=1#f", link(f"{A}_b_c?q=1#f")),
        (f"{A}?a=1&b=2", f'<a href="{A}?a=1&amp;b=2">{A}?a=1&amp;b=2</a>'),
        (f"**{A}**", f"<strong>{link(A)}</strong>"),
        (f"见{A}，然后", f"见{link(A)}，然后"),
        (f"见{A}然后", f"见{link(A)}然后"),
        (
            "https://a.example/wiki/路径。",
            '<a href="https://a.example/wiki/%E8%B7%AF%E5%BE%84">https://a.example/wiki/路径</a>。',
        ),
        ("http://localhost:80/", link("http://localhost:80/")),
        (f"`{A}`", f"<code>{A}</code>"),
        (f"[t]({A})", f'<a href="{A}">t</a>'),
        (f"[{A}](https://b.example)", f'<a href="https://b.example">{A}</a>'),
        (f"<{A}>", link(A)),
        (f'<a href="{A}">{A}</a>', f'<a href="{A}">{A}</a>'),
        (f"![{A}](x.png)", f'<img src="x.png" alt="{A}" />'),
        ("https:// a.example www.a.example", "https:// a.example www.a.example"),
        ("README.md a@b.example ftp://a.example", "README.md a@b.example ftp://a.example"),
        ("xhttps://a.example javascript:alert(1)", "xhttps://a.example javascript:alert(1)"),
        ("~~gone~~", "<s>gone</s>"),
    ],
)
def test_lines(text: str, html: str) -> None:
    assert markdown_html(text, untitled=False)[0] == f"<p>{html}</p>"


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("- [ ] a\n- [x] b\n- [X] *c*", ["☐ a", "☑ b", "☑ <em>c</em>"]),
        ("- [y] a\n- [ ]\n- [x]b", ["[y] a", "[ ]", "[x]b"]),
        ("1. [ ] a", ["☐ a"]),
        ("- a [ ] b", ["a [ ] b"]),
    ],
)
def test_task_lists_show_their_boxes_as_characters(text: str, items: list[str]) -> None:
    html = markdown_html(text, untitled=False)[0]
    assert [line[4:-5] for line in html.split("\n")[1:-1]] == items


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a[^1]\n\n[^1]: note", "<p>a<sup>[1]</sup></p>\n{<li><p>note</p>\n</li>\n}"),
        (
            "a[^b] c[^b] d[^e]\n\n[^e]: E\n[^b]: B",
            "<p>a<sup>[1]</sup> c<sup>[1]</sup> d<sup>[2]</sup></p>\n{<li><p>B</p>\n</li>\n<li><p>E</p>\n</li>\n}",
        ),
        (f"a[^1]\n\n[^1]: {A}", f"<p>a<sup>[1]</sup></p>\n{{<li><p>{link(A)}</p>\n</li>\n}}"),
        ("a[^1]\n\n[^1]: B\n\n    C", "<p>a<sup>[1]</sup></p>\n{<li><p>B</p>\n<p>C</p>\n</li>\n}"),
        ("a[^none]", "<p>a[^none]</p>"),
        ("a ^[b]", "<p>a ^[b]</p>"),
        ("[^1]: note", ""),
    ],
)
def test_footnotes_have_numbers(text: str, html: str) -> None:
    expected = html.replace("{", "<hr>\n<section>\n<ol>\n").replace("}", "</ol>\n</section>")
    assert markdown_html(text, untitled=False)[0] == expected


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a\n: b", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n</dl>"),
        ("a\n: b\n: *c*", "<dl>\n<dt>a</dt>\n<dd>b</dd>\n<dd><em>c</em></dd>\n</dl>"),
        ("a: b", "<p>a: b</p>"),
        (": b", "<p>: b</p>"),
    ],
)
def test_definition_lists(text: str, html: str) -> None:
    assert markdown_html(text, untitled=False)[0] == html


def test_a_heading_without_its_footnote_is_the_title() -> None:
    html, heading = markdown_html(f"# A {A}[^1]\n\nb\n\n[^1]: c", untitled=True)
    assert heading == f"A {A}"
    assert html.startswith("<p>b</p>\n<hr>")


@pytest.mark.torture
@pytest.mark.parametrize(
    "piece",
    [
        "[^1]",
        "[^1]: a\n",
        "[^1]: a\n\n[^1]\n\n",
        "a\n: b\n",
        ": ",
        "https://",
        "https://a/" + ")" * 60,
        "- [ ] ",
        "https://a/路",
    ],
)
def test_huge_odd_markdown_is_read_in_linear_time(piece: str) -> None:
    """A quadratic scan of these would take minutes."""
    markdown_html("[^1]: x\n\nx" + piece * (50_000 // len(piece)), untitled=False)
