"""The template of `posts.link`."""

from datetime import datetime, timedelta, timezone

import pytest

from aggregator.text.post_links import PostFacts, filled, may_come_from, template_fault

SHANGHAI = timezone(timedelta(hours=8))
POST = PostFacts(
    "blog/2026-03-05-my post", "my post", "Ünïcode & 新", "tag:a,1:x", datetime(2026, 3, 5, 1, tzinfo=SHANGHAI)
)
BARE = PostFacts("a", "a", "", "", None)


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("https://b.example/{path}/", "https://b.example/blog/2026-03-05-my%20post/"),
        ("https://b.example/{slug}", "https://b.example/my%20post"),
        ("https://b.example/{title}.html", "https://b.example/unicode-and-xin.html"),
        ("https://b.example/?p={id}", "https://b.example/?p=tag%3Aa%2C1%3Ax"),
        ("https://b.example/{year}/{month}/{day}/{slug}/", "https://b.example/2026/03/05/my%20post/"),
        ("https://b.example/{slug}/{slug}", "https://b.example/my%20post/my%20post"),
    ],
)
def test_a_template_is_filled(template: str, link: str) -> None:
    assert (template_fault(template), filled(template, POST)) == ("", link)


def test_a_post_without_title_has_its_slug() -> None:
    assert filled("https://b.example/{title}", BARE) == "https://b.example/a"


@pytest.mark.parametrize("name", ["year", "month", "day", "id"])
def test_what_a_post_does_not_have_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=f"{{{name}}}"):
        filled(f"https://b.example/{{slug}}/{{{name}}}", BARE)


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("https://b.example/", "must contain {path} once"),
        ("https://b.example/{year}", "must contain {path} once"),
        ("https://b.example/{path}/{other}", "another placeholder"),
        ("https://b.example/{path}/{", "another placeholder"),
        ("https://b.example/{path}/}", "another placeholder"),
        ("https://b.example/{{path}}", "another placeholder"),
    ],
)
def test_a_wrong_template_is_named(template: str, fault: str) -> None:
    assert fault in template_fault(template)


@pytest.mark.parametrize(
    ("link", "may"),
    [
        ("https://b.example/x/", True),
        ("https://b.example/2026/x/", True),
        ("https://b.example/", False),
        ("https://b.example/x", False),
        ("https://c.example/x/", False),
        ("", False),
    ],
)
def test_which_links_a_template_may_have_given(link: str, may: bool) -> None:
    assert may_come_from("https://b.example/{slug}/", link) is may
