"""Titles that identify no entry: dates, and words that programs write where an author wrote none. Pure."""

from functools import lru_cache

from aggregator.text.dates.text_reader import read_text
from aggregator.text.normalize import fold

_NAMELESS = frozenset(
    map(
        fold,
        (
            "untitled", "no title", "(no title)", "[no title]", "untitled post", "untitled document", "no subject",
            "new post", "post", "photo", "image", "picture", "link", "note", "status", "update", "news", "title",
            "ohne titel", "kein titel", "sans titre", "sin título", "senza titolo", "sem título", "zonder titel",
            "uten tittel", "utan titel", "bez tytułu", "bez názvu", "без названия", "без заголовка", "без назви",
            "无标题", "無標題", "无题", "無題", "タイトルなし", "제목 없음", "بدون عنوان", "başlıksız",
        ),
    )
)  # fmt: skip


@lru_cache(maxsize=1000)
def is_generic(title: str) -> bool:
    """Whether a folded title is empty, nameless, without a letter or digit, or a date."""
    return title in _NAMELESS or not any(map(str.isalnum, title)) or read_text(title) is not None
