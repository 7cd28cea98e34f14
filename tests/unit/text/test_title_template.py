"""Titles of entries made from a template, and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.title_template import PLAIN, title_template_fault, titled, untitled

TEMPLATES = st.lists(st.sampled_from(["{source}", ": ", " | ", "[", "]", "x"]), max_size=4).map(
    lambda parts: "".join((*parts[:2], "{title}", *parts[2:]))
)


@pytest.mark.parametrize(
    ("template", "title", "source", "shown"),
    [
        (PLAIN, "Release 1.2", "A", "Release 1.2"),
        ("{source}: {title}", "Release 1.2", "A", "A: Release 1.2"),
        ("{title} ({source})", "{source}", "{title}", "{source} ({title})"),
        ("{source}: {title}", "", "A", ""),
        ("{title} – {title}", "x", "A", "x – x"),
    ],
)
def test_a_title_is_made_from_the_template(template: str, title: str, source: str, shown: str) -> None:
    assert titled(template, title, source) == shown


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        (PLAIN, ""),
        ("{source}: {title}", ""),
        ("{source}", "must contain {title}"),
        ("{title} by {author}", "another placeholder"),
        ("{title", "must contain {title}"),
        ("{title}}", "another placeholder"),
    ],
)
def test_a_faulty_template_is_told(template: str, fault: str) -> None:
    found = title_template_fault(template)
    assert (fault in found) if fault else found == ""


@given(TEMPLATES, st.text(min_size=1), st.text(alphabet="abc {}", min_size=1))
def test_a_title_is_read_back(template: str, title: str, source: str) -> None:
    assert untitled(template, titled(template, title, source), source) == title


@given(TEMPLATES, st.text())
def test_another_title_stays(template: str, shown: str) -> None:
    own = untitled(template, shown, "Source")
    assert own == shown or titled(template, own, "Source") == shown
