"""Bodies: HTML stays unchanged, Markdown is rendered, plain text keeps its line ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.posts.body import is_html, to_html


@pytest.mark.parametrize(
    "text",
    [
        "<div>   \n<p>a</p>\n</div>",
        "<p>one</p>\n\n      <p>indented, and no code</p>",
        "<div><p>a</p>\n\n    text after a blank line\n\n    - no list\n\n</div>",
        "<!-- note -->\n<p>one</p>\n\n<p>two</p>",
        "<img src='x'>\n\n<p>two</p>",
        "<figure><img src=x></figure>",
        "<p>open\n\ntwo",
        "<ul>\n\n<li>a\n\n# no heading</ul>",
        "<!DOCTYPE html>\n<p>x",
        "<DIV>*not emphasis*</DIV>",
    ],
)
def test_html_stays_unchanged(text: str) -> None:
    assert is_html(text)
    assert to_html(text, ".md").html == text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *b*\nc", "<p>a <em>b</em>\nc</p>"),
        ("<!-- note -->\n\n*b*", "<!-- note -->\n<p><em>b</em></p>"),
        ("<img src=x>\n\nA **b**", "<img src=x>\n<p>A <strong>b</strong></p>"),
        ("<div>x</div>\n\n# H", "<div>x</div>\n<h1>H</h1>"),
        ("<b>Note</b>: *b*", "<p><b>Note</b>: <em>b</em></p>"),
        ("<https://a.example/>", '<p><a href="https://a.example/">https://a.example/</a></p>'),
        ("a ~~b~~", "<p>a <s>b</s></p>"),
        ("    code &#123;", "<pre><code>code {\n</code></pre>"),
    ],
)
def test_markdown_is_rendered(text: str, html: str) -> None:
    assert to_html(text, ".markdown").html == html


def test_markdown_has_tables() -> None:
    assert "<td>1</td>" in to_html("|a|\n|-|\n|1|", ".md").html


def test_line_ends_in_a_lone_wrapper_are_shown() -> None:
    body = to_html("<div>   \nEvent 1\nPlace  \n\n\n <b>two\nlines</b>\n  \n</div>\n            \n", ".md")
    assert body.html == "<div>\nEvent 1<br>\nPlace<br>\n<br>\n<b>two<br>\nlines</b>\n</div>"


@pytest.mark.parametrize(
    "text",
    [
        "<div>   \none line  \n</div>",
        "<div>\n<p>a\nb</p>\n</div>",
        "<div>\na<br>\nb\n</div>",
        "<div>\n<pre>a\nb</pre>\n</div>",
        "<div>\na\nb\n</div><div>c</div>",
    ],
)
def test_line_ends_beside_markup_are_only_space(text: str) -> None:
    assert to_html(text, ".md").html == text


def test_no_line_end_is_shown_inside_a_tag() -> None:
    assert to_html('<div>\n<img\n alt="x">\ntext\n</div>', ".md").html == '<div>\n<img\n alt="x"><br>\ntext\n</div>'


def test_an_html_file_is_never_markdown() -> None:
    assert to_html("plain *text*\nin lines", ".html").html == "plain *text*\nin lines"


def test_only_the_body_of_an_html_document_is_used() -> None:
    body = to_html("<html><head><title>A &amp; B</title></head><body class=x>\n<p>hi</p></body></html>", ".html")
    assert (body.html, body.heading) == ("<p>hi</p>", "A & B")


def test_plain_text_is_escaped_and_keeps_its_lines() -> None:
    body = to_html("<script>1 < 2</script>\nb &#123;x&#125;\n\n\nc", ".txt")
    assert body.html == "<p>&lt;script&gt;1 &lt; 2&lt;/script&gt;<br>\nb {x}</p>\n<p>c</p>"


@pytest.mark.parametrize(
    ("text", "html", "heading"),
    [
        ("<p>One</p>\n\n<p>Two &amp; 3</p>", "<p>One</p>\n\n<p>Two &amp; 3</p>", ""),
        ("<h1>Head</h1>\n<p>*b*</p>", "<h1>Head</h1>\n<p>*b*</p>", "Head"),
        ("<DIV>\na\nb\n</DIV>", "<DIV>\na<br>\nb\n</DIV>", ""),
        ("<!DOCTYPE html><html><body><p>x</p></body></html>", "<p>x</p>", ""),
        ("<p>markup</p>\n\n1 < 2", "<p>&lt;p&gt;markup&lt;/p&gt;</p>\n<p>1 &lt; 2</p>", ""),
        ("<notice> to all", "<p>&lt;notice&gt; to all</p>", ""),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>", ""),
        ("say <p>", "<p>say &lt;p&gt;</p>", ""),
    ],
)
def test_a_text_of_html_blocks_is_html_whatever_its_name(text: str, html: str, heading: str) -> None:
    body = to_html(text, ".txt")
    assert (body.html, body.heading) == (html, heading)


@pytest.mark.parametrize(
    ("text", "heading", "html"),
    [
        ("# A *b* `c`\n\ntext", "A b c", "<p>text</p>"),
        ("Title\n=====\n\ntext", "Title", "<p>text</p>"),
        ("text\n\n## Later", "Later", "<p>text</p>\n<h2>Later</h2>"),
        ("```\n# no\n```", "", "<pre><code># no\n</code></pre>"),
    ],
)
def test_a_heading_that_opens_an_untitled_body_becomes_the_title(text: str, heading: str, html: str) -> None:
    body = to_html(text, ".md", untitled=True)
    assert (body.heading, body.html) == (heading, html)


@pytest.mark.parametrize("text", ["", "\n \n", "   "])
def test_an_empty_body_is_empty(text: str) -> None:
    assert to_html(text, ".md").html == ""


HOSTILE = (
    "<div>",
    "<!--",
    "<a",
    "<h1>",
    "<div>\n\n",
    '<div "',
    "\n \n",
    "<" + "a" * 99,
    "<div>\n" + " " * 99,
    "</div>",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_huge_odd_html_is_read_in_linear_time(piece: str) -> None:
    """Quadratic scans of these would take minutes."""
    text = piece * (350_000 // len(piece))
    assert to_html("<div>\n" + text + "</div>", ".md").html
    assert to_html("<p>" + text, ".html").html


@given(st.text(st.sampled_from("<div>/p\n a*#-!`[]()&;"), max_size=80), st.sampled_from([".md", ".html", ".txt"]))
def test_any_text_has_a_body(text: str, suffix: str) -> None:
    assert bool(to_html(text, suffix).html) <= bool(text.strip())
