"""The catalogs are complete, agree with the code, and are compiled."""

import re
import struct
from importlib.resources import files
from string import Formatter

import pytest
from babel import Locale
from babel.messages.catalog import Message

from aggregator.text.added_lines import ALSO_BY, FROM
from aggregator.translations import CATALOGS, catalog_for, in_every_language, tag_of, translation
from tests.support.catalogs import FOLDER, catalog, texts

FULL_WIDTH = re.compile("[\u3000-\u303f\uff00-\uffef]")
CHINESE_OR_JAPANESE = ("ja", "zh_CN", "zh_TW")


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("zh", "zh_CN"), ("zh-CN", "zh_CN"), ("zh-Hans", "zh_CN"), ("zh-SG", "zh_CN"), ("zh_cn", "zh_CN"),
        ("zh-TW", "zh_TW"), ("zh-HK", "zh_TW"), ("zh-Hant", "zh_TW"), ("zh-MO", "zh_TW"), ("zh-Hant-CN", "zh_TW"),
        ("zh-Hans-HK", "zh_CN"), ("zh-cmn-Hans-CN", "zh_CN"), ("ZH-HANT-HK", "zh_TW"),
        ("de", "de"), ("de-AT", "de"), ("fr-CA", "fr"), ("es-419", "es"), ("ja-JP", "ja"), ("en", "en"),
        ("en-GB", "en"), ("pt", ""), ("ar", ""), ("dex", ""), ("yue-HK", ""), ("i-klingon", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_language_tag_has_a_catalog(tag: str, name: str) -> None:
    assert catalog_for(tag) == name


@pytest.mark.parametrize("name", CATALOGS)
def test_a_catalog_is_found_by_its_own_tag(name: str) -> None:
    assert catalog_for(tag_of(name)) == name


def plurals(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def gaps(text: str) -> set[str]:
    return {name for _, name, *_ in Formatter().parse(text) if name is not None}


def messages(name: str) -> list[Message]:
    return [message for message in catalog(name) if message.id]


def test_every_text_of_the_code_is_translated_and_no_other() -> None:
    """Else: `make translations`, and translate what is new."""
    wanted = {message.id for message in texts() if message.id}
    for name in CATALOGS:
        assert {message.id for message in messages(name)} == wanted, name
        assert all(text.strip() for message in messages(name) for text in plurals(message)), name
        assert not any(message.fuzzy for message in messages(name)), name
        assert not catalog(name).obsolete, name


@pytest.mark.parametrize("name", CATALOGS)
def test_a_translation_has_the_gaps_of_the_text(name: str) -> None:
    for message in messages(name):
        english = message.id if isinstance(message.id, str) else message.id[1]
        for text in plurals(message):
            assert gaps(text) == gaps(english), text


@pytest.mark.parametrize("name", CATALOGS)
def test_numbers_have_the_plural_forms_of_the_language(name: str) -> None:
    """As CLDR tells them apart; its form for whole millions needs no words of ours."""
    plural_form = Locale.parse(name).plural_form
    form = translation(name).plural  # type: ignore[attr-defined]  # of GNUTranslations
    pairs = {(form(number), plural_form(number)) for number in range(10_000)}
    assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})
    for message in messages(name):
        if not isinstance(message.id, str):
            assert len(plurals(message)) == len(pairs), message.id


@pytest.mark.parametrize("name", CATALOGS)
def test_the_compiled_catalog_says_what_the_source_says(name: str) -> None:
    """Else: `make translations`."""
    compiled = translation(name)
    for message in messages(name):
        if isinstance(message.id, str):
            assert compiled.gettext(message.id) == message.string
        else:
            assert {compiled.ngettext(message.id[0], message.id[1], n) for n in range(20)} == {*plurals(message)}
    count = struct.unpack("<I", (FOLDER / f"{name}.mo").read_bytes()[8:12])[0]
    assert count == len(messages(name)) + 1  # the header


@pytest.mark.parametrize("name", CATALOGS)
def test_a_translation_begins_and_ends_as_the_text_does(name: str) -> None:
    """A sentence ends as one, and no markup or quote comes in: one of them stands in a style sheet."""
    for message in messages(name):
        english = message.id if isinstance(message.id, str) else message.id[0]
        for text in plurals(message):
            assert not set('<>&"\\\n') & set(text), text
            if english.endswith(".") and not english.startswith("This feed moved"):
                assert text.endswith((".", "。")), text
            assert text.lstrip() == text or english in {", ", "; "}, text


@pytest.mark.parametrize("name", CHINESE_OR_JAPANESE)
def test_chinese_and_japanese_have_their_own_punctuation(name: str) -> None:
    texts = [text for message in messages(name) for text in plurals(message)]
    assert not [text for text in texts if re.search(r"[\u3040-\u9fff][,;:!?.()]|[,;:!?()][\u3040-\u9fff]", text)]
    assert any(map(FULL_WIDTH.search, texts))


def test_french_has_spaces_before_its_signs() -> None:
    texts = [text for message in messages("fr") for text in plurals(message)]
    assert not [text for text in texts if re.search("[^\u00a0]:", text) or re.search("[^\u202f][;!?]", text)]
    assert not [text for text in texts if "'" in text]


@pytest.mark.parametrize(("line", "gap"), [(ALSO_BY, "{names}"), (FROM, "{source}")])
def test_lines_that_are_recognized_begin_with_words(line: str, gap: str) -> None:
    for text in in_every_language(line):
        assert text.endswith(gap), text
        assert len(text.removesuffix(gap)) > 2, text


def test_catalogs_are_data_of_the_package() -> None:
    there = {file.name for file in files("aggregator.translations").iterdir()}
    assert {f"{name}.{kind}" for name in CATALOGS for kind in ("po", "mo")} <= there
