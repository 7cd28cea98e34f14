"""Settings of a feed that FreshRSS writes into OPML (`frss:…`), in words of the config."""

from collections.abc import Mapping

from aggregator.subscriptions.imports.found import Settings, no_counterpart

_DEFAULTS = {("priority", "main"), ("priority", "important"), ("unicitycriteria", "id"), ("ttl", "0")}
_COUNTERPARTS = {
    ("priority", "hidden"): ("publish", "false"),
    ("unicitycriteria", "link"): ("ids", "link"),
}
_UNITS = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
_LONGEST = 365 * 86400  # seconds


def settings_of(values: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """`values` by attribute in lower case, without its prefix. Also what has no counterpart."""
    settings: dict[str, str] = {}
    others: list[str] = []
    for pair in values.items():
        key, value = _interval(pair[1]) if pair[0] == "ttl" else _COUNTERPARTS.get(pair, ("", ""))
        if key:
            settings[key] = value
        elif pair not in _DEFAULTS and pair[1]:
            others.append(pair[0])
    return settings, no_counterpart(others)


def _interval(ttl: str) -> tuple[str, str]:
    """`ttl` is an interval in seconds. One below zero mutes the feed: it is not asked."""
    digits = ttl.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 10 and 0 < int(digits) <= _LONGEST):
        return "", ""
    if ttl.startswith("-"):
        return "paused", "true"
    unit, name = next(pair for pair in _UNITS if int(digits) % pair[0] == 0)
    return "every", f"{int(digits) // unit}{name}"
