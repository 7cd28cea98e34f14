"""Bytes that nothing names."""

import pytest

from aggregator.text.encoding import decode
from aggregator.text.encoding_guess import guess

EAST_ASIAN = [
    ("gb18030", "你好"),
    ("gb18030", "---\ntitle: 重庆市启动2021年金秋招聘月活动\n---\n正文，没有声明编码。"),
    ("gb18030", "镕基（朱）说：“中文测试”，不是别的。"),
    ("big5hkscs", "<title>臺灣的新聞與科技</title>這是一篇沒有宣告編碼的文章，內容是中文。"),
    ("cp932", "<title>日本語のフィード</title>"),
    ("cp932", "①番目の記事です。カタカナもあります。"),
    ("euc_jp", "<title>日本語のフィード</title>"),
    ("euc_jp", "これは文字コードの宣言がない記事です。"),
    ("cp949", "<title>한국어 피드의 제목</title>이 글은 인코딩을 밝히지 않은 글입니다."),
]
OTHERS = [
    ("cp1252", "café"),
    ("cp1252", "Änderung der Äpfel"),
    ("cp1252", "ÄÖÜ äöü ß ÀÉÈ «oui» 5 €"),
    ("cp1252", "l’été, où naît l’œuvre – “naïve”"),
    ("iso8859-2", "Zażółć gęślą jaźń, łódź"),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
    ("cp1251", "Съешь же ещё этих мягких французских булок"),
    ("koi8-r", "Съешь же ещё этих мягких французских булок"),
    ("cp1253", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία"),
    ("cp1254", "Pijamalı hasta yağız şoföre çabucak güvendi"),
    ("cp1255", "דג סקרן שט בים מאוכזב ולפתע מצא חברה"),
    ("cp1256", "نص حكيم له سر قاطع وذو شأن عظيم"),
    ("cp874", "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า"),
    ("ascii", "plain"),
    ("utf-8", "你好"),
]


@pytest.mark.parametrize(("codec", "text"), EAST_ASIAN)
def test_the_encoding_of_common_characters_is_found(codec: str, text: str) -> None:
    assert guess(text.encode(codec)) == codec
    assert decode(text.encode(codec)) == text


@pytest.mark.parametrize(("codec", "text"), OTHERS)
def test_other_bytes_are_not_taken_for_east_asian(codec: str, text: str) -> None:
    assert guess(text.encode(codec)) == ""


def test_a_label_counts_more_than_what_is_common() -> None:
    body = b'<?xml version="1.0" encoding="big5"?>' + "中文".encode("big5")
    assert decode(body).endswith("中文")
    assert decode("你好".encode("gbk"), "text/xml; charset=windows-1251") == "ДгєГ"


def test_nothing_is_guessed_of_a_text_with_one_foreign_character() -> None:
    assert guess("a 中".encode("gbk")) == ""
