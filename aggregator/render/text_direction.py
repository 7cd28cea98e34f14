"""The direction in which a language is written."""

RIGHT_TO_LEFT = frozenset("ar arc ckb dv fa he ps sd ug ur yi".split())  # languages, by their RFC 5646 subtag


def text_direction(language: str) -> str:
    """By the tag of a language: rtl, or ltr, also for unknown ones."""
    return "rtl" if language.lower().partition("-")[0] in RIGHT_TO_LEFT else "ltr"
