"""The line that names the other sources of an entry: ours to write, and to take off what comes back with it. Pure."""

BEGIN, END = "<p><small>Also published by ", "</small></p>"


def footer_at(markup: str) -> int:
    """Where the line begins, if it is the last thing that is said; else -1."""
    said = markup.rstrip()
    at = said.rfind(BEGIN)
    return at if at >= 0 and said.find(END, at) == len(said) - len(END) else -1


def without_footers(markup: str) -> str:
    """A planet that carries a planet writes its line below the other's."""
    while (at := footer_at(markup)) >= 0:
        markup = markup[:at]
    return markup
