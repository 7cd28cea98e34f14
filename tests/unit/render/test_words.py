"""Words of pages: filled and escaped, counted, and marked where the page is in another language."""

from markupsafe import Markup

from aggregator.render.words import Words

ENTRIES = "{n} entry", "{n} entries"


def test_values_are_escaped_unless_they_are_markup() -> None:
    words = Words.of("de")
    assert words.sentence("Continue reading at {source}", source="A & B") == "Weiterlesen bei A &amp; B"
    assert words.sentence("Continue reading at {source}", source=Markup("<b>A</b>")) == "Weiterlesen bei <b>A</b>"
    assert words.phrase("{name}, page {n}", name="A & {n}", n=2) == "A & {n}, Seite 2"


def test_a_text_that_has_no_translation_is_shown_as_it_is() -> None:
    """A template of the user may have any."""
    assert Words.of("de").sentence("Made with {what}", what="care") == "Made with care"
    assert Words.of("ja").counted(2, "{n} cat", "{n} cats") == "2 cats"


def test_things_are_counted() -> None:
    assert [Words.of("en").counted(n, *ENTRIES) for n in (0, 1, 2)] == ["0 entries", "1 entry", "2 entries"]
    assert [Words.of("fr").counted(n, *ENTRIES) for n in (0, 1, 2)] == ["0 article", "1 article", "2 articles"]
    assert [Words.of("de").counted(n, *ENTRIES) for n in (1, 12_345)] == ["1 Beitrag", "12.345 Beiträge"]
    assert [Words.of("zh").counted(n, *ENTRIES) for n in (1, 12_345)] == ["1 篇文章", "12,345 篇文章"]


def test_names_are_listed() -> None:
    assert Words.of("en").listed(["A", "B", "C"]) == "A, B, C"
    assert Words.of("zh-TW").listed(["A", "B", "C"]) == "A、B、C"


def test_english_words_are_marked_in_a_page_of_a_language_without_a_catalog() -> None:
    assert Words.of("ar").sentence("Subscribe") == '<span lang="en" dir="ltr">Subscribe</span>'
    assert Words.of("pt").counted(1, *ENTRIES) == '<span lang="en">1 entry</span>'
    assert Words.of("ar").phrase("Subscribe") == "Subscribe"
    assert Words.of("ar").mark() == ' lang="en" dir="ltr"'


def test_words_are_not_marked_where_they_are_at_home() -> None:
    for language, page in (("en", ""), ("en-GB", "en"), ("zh-HK", "zh-TW"), ("", ""), ("de", "")):
        words = Words.of(language, page)
        assert words.mark() == ""
        assert not words.sentence("Subscribe").startswith("<")


def test_words_of_the_site_are_marked_in_a_page_or_an_entry_of_another_language() -> None:
    assert Words.of("zh-CN", "en").sentence("Subscribe") == '<span lang="zh-CN">订阅</span>'
    assert Words.of("zh-CN", "ar").sentence("Subscribe") == '<span lang="zh-CN" dir="ltr">订阅</span>'
    here = Words.of("zh-CN")
    assert [here.mark(language) for language in ("", "zh", "zh-TW", "en", "he")] == [
        "", "", ' lang="zh-CN"', ' lang="zh-CN"', ' lang="zh-CN" dir="ltr"',
    ]  # fmt: skip
