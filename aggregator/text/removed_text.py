"""The one word that stands in place of a removed entry, by language. Pure."""

ENGLISH = "Removed"
TRADITIONAL = "已刪除"
BY_LANGUAGE = {
    "de": "Entfernt",
    "en": ENGLISH,
    "es": "Eliminado",
    "fr": "Supprimé",
    "ja": "削除されました",
    "zh": "已删除",
    "zh-hant": TRADITIONAL,
    "zh-hk": TRADITIONAL,
    "zh-mo": TRADITIONAL,
    "zh-tw": TRADITIONAL,
}
TEXTS = frozenset(BY_LANGUAGE.values())


def removed_text(language: str) -> str:
    """In the language of a tag (RFC 5646), found by lookup (RFC 4647 3.4); in English where we do not know it."""
    subtags = language.lower().replace("_", "-").split("-")
    tags = ("-".join(subtags[:count]) for count in range(len(subtags), 0, -1))
    return next((BY_LANGUAGE[tag] for tag in tags if tag in BY_LANGUAGE), ENGLISH)
