"""What is no mistake in a config, and is seldom meant: an example's address, a feed twice, a misspelt category.

`check` shows it as notes. A run does not care.
"""

import difflib
from collections.abc import Collection, Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

from aggregator.categories import key_of
from aggregator.config.alias_conflicts import Issue
from aggregator.config.category_rules import RuleBook, levels
from aggregator.config.model import Config
from aggregator.config.url_input import begins_with_host
from aggregator.parse.autodiscovery import same
from aggregator.text.urls import host_of

Key = tuple[str, ...]  # folded names of a path

_UNMAPPED = ("keep", "tag", "drop")  # words of categories.unmapped; others are categories
_EXAMPLES = ("example", "example.com", "example.org", "example.net", "invalid", "test")  # RFC 2606


def advice(config: Config, stored: Collection[Key] | None, today: date) -> Iterator[Issue]:
    """Where, and what. `stored`: the paths of all categories in the state, None without a state."""
    yield from _example_address(config)
    yield from _future_day(config, today)
    yield from _missing_files(config)
    yield from _misspelled_hosts(config)
    yield from _home_folders(config)
    yield from _feeds_twice(config)
    yield from _posts_twice(config)
    yield from _unknown_categories(config, stored)
    yield from _misspelled_unmapped(config)


def _example_address(config: Config) -> Iterator[Issue]:
    host = (urlsplit(config.site.url).hostname or "").rstrip(".")
    if any(host == one or host.endswith(f".{one}") for one in _EXAMPLES):
        effect = "the links of feeds and pages, and the ids of posts, will contain it"
        yield ("site", "url"), f"{host} is an example's host; write your own before you publish: {effect}"


def _future_day(config: Config, today: date) -> Iterator[Issue]:
    """Ids name a day on which their maker held the host (RFC 4151 2.1). A day more for the site's time zone."""
    if config.site.since > today + timedelta(days=1):
        yield ("site", "since"), f"{config.site.since} is in the future; write a day on which you held the host already"


def _missing_files(config: Config) -> Iterator[Issue]:
    """An address without its scheme is taken for the path of a file."""
    for i, source in enumerate(config.written):
        if "/" in source.url and begins_with_host(source.url) and not (config.root / source.url).exists():
            message = f"is taken for a file, and there is none; for an address write https://{source.shown_url}"
            yield ("sources", i, "opml" if source.opml else "url"), message


def _misspelled_hosts(config: Config) -> Iterator[Issue]:
    """Such a name may exist all the same, where a name server answers for every name below another."""
    for i, source in enumerate(config.written):
        for label in host_of(source.url).split("."):
            if label.startswith("xn--") and not _is_encoded(label[4:]):
                message = f"{label} begins as a name in other letters does (IDNA), and stands for none"
                yield ("sources", i, "opml" if source.opml else "url"), f"{message}; is the address whole?"


def _is_encoded(label: str) -> bool:
    """Whether it is Punycode (RFC 3492) of a name beyond ASCII."""
    try:
        return not label.encode("ascii").decode("punycode").isascii()
    except UnicodeError:
        return False


def _home_folders(config: Config) -> Iterator[Issue]:
    """A shell reads `~`; a config has relative paths, which begin at its folder."""
    paths: list[tuple[tuple[str | int, ...], str]] = [(("output",), config.output), (("state",), config.state)]
    paths += [(("posts", i, "path"), folder.path) for i, folder in enumerate(config.posts)]
    paths += [(("sources", i, "opml" if one.opml else "url"), one.shown_url) for i, one in enumerate(config.written)]
    for keys, path in paths:
        if path.startswith("~"):
            yield (
                keys,
                f"{path} is below a folder named {path.partition('/')[0]} here, not a home; write the whole path",
            )


def _feeds_twice(config: Config) -> Iterator[Issue]:
    first: dict[str, int] = {}
    for i, source in enumerate(config.written):
        place = first.setdefault(_address(config, source.url), i)
        if place != i:
            other = config.written[place]
            where = config.where_written("sources", place)
            but = "" if other.url == source.url else ", spelled otherwise"
            key = "opml" if source.opml else "url"
            message = f"the same address as that of {other.id} ({where}){but}; take out one of the two"
            yield ("sources", i, key), message


def _posts_twice(config: Config) -> Iterator[Issue]:
    """Each folder is a source of its own: a file that two of them have is two entries."""
    roots = [(config.root / folder.path).resolve() for folder in config.posts]
    for i, root in enumerate(roots):
        for place, other in enumerate(roots[:i]):
            if root.is_relative_to(other) or other.is_relative_to(root):
                where = config.where_written("posts", place)
                message = f"its files are among those of {config.posts[place].id} ({where}), and are published twice"
                yield ("posts", i, "path"), f"{message}; take out one of the two"


def _address(config: Config, url: str) -> str:
    """Equal for addresses that differ in scheme, `www.` or a trailing slash."""
    return same(url).removeprefix("www.") if "://" in url else str((config.root / url).resolve())


def _unknown_categories(config: Config, stored: Collection[Key] | None) -> Iterator[Issue]:
    """Categories of extra feeds to which neither the config nor an entry leads. Before the first run terms may still
    bring them, so only likely slips are told."""
    paths = _led_to(config)
    shown = {key_of(path): "/".join(path) for path in paths}
    known = {key[:end] for key in (*shown, *(stored or ())) for end in range(1, len(key) + 1)}
    names = {"/".join(key): shown.get(key, "/".join(key)) for key in known}
    for i, extra in enumerate(config.feeds.extra):
        for field in ("any", "all", "none"):
            for n, path in enumerate(getattr(extra, field)):
                if (key := key_of(path)) in known:
                    continue
                near = difflib.get_close_matches("/".join(key), names, n=1, cutoff=0.75)
                if near or stored is not None:
                    hint = f"; did you mean {names[near[0]]}?" if near else ""
                    yield ("feeds", "extra", i, field, n), f"no entry has the category {'/'.join(path)}{hint}"


def _misspelled_unmapped(config: Config) -> Iterator[Issue]:
    """Any other word of `categories.unmapped` is the name of a category, one that the rest of the config may know."""
    word = config.categories.unmapped
    without = config.model_copy(update={"categories": config.categories.model_copy(update={"unmapped": "keep"})})
    others = set(map(key_of, RuleBook(without).named()))
    near = difflib.get_close_matches(word.lower(), _UNMAPPED, n=1, cutoff=0.8)
    if near and word not in _UNMAPPED and key_of(levels(word)) not in others:
        message = f"terms without a rule go to a category named {word}; did you mean {near[0]}?"
        yield ("categories", "unmapped"), message


def _led_to(config: Config) -> list[tuple[str, ...]]:
    """The categories that rules and sources give, and those with something said about their feeds."""
    rules = RuleBook(config)
    folders = [path for folder in config.posts for path in folder.categories]
    return [*rules.targets(), *folders, *map(levels, config.feeds.about)]
