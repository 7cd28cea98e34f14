"""Regular expressions of other programs as the `include` and `exclude` of a source."""

from collections.abc import Iterable, Sequence

from aggregator.config.validators import check_regex
from aggregator.config.yaml_lines import VARIABLE
from aggregator.subscriptions.imports.found import Filters

MOST = 100  # expressions of one setting


def filters(expressions: Sequence[str], fields: Iterable[str]) -> Filters:
    """Filters that match where one of the expressions is found in one of the fields. Raises ValueError if this program
    cannot search for it."""
    fields = tuple(fields)
    return [{field: _expression(one)} for one in checked(expressions) for field in fields]


def checked(expressions: Sequence[str]) -> Sequence[str]:
    """The same. Raises ValueError if there are more than MOST."""
    if len(expressions) > MOST:
        raise ValueError(f"it has more than {MOST} expressions")
    return expressions


def _expression(written: str) -> str:
    if not written.isprintable():
        raise ValueError("it holds control characters")
    if VARIABLE.search(written):
        raise ValueError("it holds ${…}, which would be a variable of the environment")
    if "%(" in written:
        raise ValueError("it has a %(…)s, which is not replaced")
    check_regex(written)
    return written
