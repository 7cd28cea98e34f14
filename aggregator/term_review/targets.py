"""Categories that the config names already; a proposal prefers them to a new one."""

from collections.abc import Iterator
from dataclasses import dataclass

from aggregator.categories import fold_term
from aggregator.config import Config
from aggregator.config.validators import split_category


@dataclass(frozen=True, slots=True)
class Target:
    """`name` leads to `path`. `place`: order in the config."""

    name: str
    path: tuple[str, ...]
    place: int


def targets(config: Config) -> dict[str, Target]:
    """Folded name → target, for the last level of each category and its literal aliases. The first target of a name
    wins; names in `generic` have none.
    """
    generic = set(map(fold_term, config.categories.generic))
    found: dict[str, Target] = {}
    for place, (name, path) in enumerate(_named(config)):
        key = fold_term(name)
        if key and key not in generic:
            found.setdefault(key, Target(name, path, place))
    return found


def _named(config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    aliases = [(split_category(target), patterns) for target, patterns in config.categories.aliases.items()]
    added = [path for folder in config.posts for path in folder.categories]
    added += [path for source in config.sources for path in source.categories]
    yield from ((path[-1], path) for path in (*(path for path, _ in aliases), *added))
    for path, patterns in aliases:
        yield from ((one, path) for one in patterns if isinstance(one, str) and is_literal(one))


def is_literal(pattern: str) -> bool:
    """Whether an alias pattern is a name, and neither a glob nor an expression."""
    return not pattern.startswith("re:") and not any(sign in pattern for sign in "*?[")
