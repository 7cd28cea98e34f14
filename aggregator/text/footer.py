"""The footer line that names the other sources of an entry, and its removal from entries that return. Pure."""

BEGIN, END = "<p><small>Also published by ", "</small></p>"


def footer_at(markup: str) -> int:
    """The offset of the footer if it ends the text, else -1."""
    text = markup.rstrip()
    at = text.rfind(BEGIN)
    return at if at >= 0 and text.find(END, at) == len(text) - len(END) else -1


def without_footers(markup: str) -> str:
    """Removes all footers: a planet that republishes a planet adds its own below the other's."""
    while (at := footer_at(markup)) >= 0:
        markup = markup[:at]
    return markup
