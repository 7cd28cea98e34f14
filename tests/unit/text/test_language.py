"""Scripts and languages of texts, and when none is told."""

import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.text.language import language_of, script_of
from tests.support.site_texts import HONEST, SPAM


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("A sentence of some length", "Latin"),
        ("Ünïcödé wörds ärë Lätïn", "Latin"),
        ("Предложение некоторой длины", "Cyrillic"),
        ("上个周末我花了很多时间研究编译器", "Han"),
        ("週末はカメラのことばかり考えていた", "Han"),
        ("주말에는 정원에서 시간을 보냈습니다", "Hangul"),
        ("Το Σαββατοκύριακο ήμουν στον κήπο", "Greek"),
        ("في نهاية الأسبوع كنت في الحديقة", "Arabic"),
        ("half of it here, половина тут", ""),
        ("short", ""),
        ("12345 67890 !!!!! ????? -----", ""),
        ("", ""),
    ],
)
def test_the_script_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


@given(st.text(st.sampled_from("aÿʨ×Ωжﬀа中ア가ｦ½-1"), min_size=15, max_size=40))
def test_the_script_is_that_of_each_letter(text: str) -> None:
    """A script is told of a text of one letter repeated; that of most letters is that of the text."""
    letters = [one for one in text if one.isalpha()]
    scripts = Counter(script_of(one * 15) for one in letters)
    most = [script for script, count in scripts.items() if count >= 0.6 * len(letters)]
    assert script_of(text) == (most[0] if most and len(letters) >= 15 else "")


@pytest.mark.variants(quick=1)
@pytest.mark.parametrize("name", [*HONEST, *SPAM])
def test_the_language_of_a_text(name: str) -> None:
    subject = (HONEST | SPAM)[name]
    text = " ".join(one.replace("{}", subject.words[n % 5]) for n, one in enumerate(subject.sentences))
    assert language_of(text) == subject.language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Under sixty letters tell nothing", ""),
        ("주말에는 정원에서", ""),
        ("주말에는 정원에서 시간을 보냈습니다", "ko"),
        ("สุดสัปดาห์นี้ฉันอยู่ในสวน", "th"),
        ("週末はカメラのことばかり考えていた", "ja"),
        ("", ""),
    ],
)
def test_a_short_text_has_the_language_of_its_script_alone(text: str, language: str) -> None:
    assert language_of(text) == language


def test_only_the_beginning_counts() -> None:
    start = " ".join(HONEST["german"].sentences)
    assert len(start) > 300
    assert language_of(start + " ".join(HONEST["programming"].sentences * 9)) == "de"


@pytest.mark.torture
def test_the_library_is_loaded_when_it_is_needed() -> None:
    """numpy comes with it: a program that decides no language does not wait for either."""
    code = (
        "import sys, aggregator.cli, aggregator.pipeline, aggregator.text.language as one; one.language_of('short');"
        " print(sorted({'numpy', 'py3langid', 'publicsuffixlist'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
