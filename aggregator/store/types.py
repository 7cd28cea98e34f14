"""Column types: times as integers, and JSON whose shape is checked when it is read."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Dialect
from sqlalchemy.types import TypeDecorator

from aggregator.errors import DamagedError, StateError
from aggregator.model.category_trace import CategoryTrace
from aggregator.store.instants import from_stored, to_stored


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as microseconds since 1970: exact, ordered and the same in every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else to_stored(value)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:  # noqa: ARG002
        """Without two calls that TypeDecorator makes for each value: a source has thirteen times."""
        return _instant


def _instant(value: Any) -> datetime | None:
    try:
        return None if value is None else from_stored(value)
    except (TypeError, OverflowError) as error:
        raise StateError(f"the state holds {value!r} in place of a time; `aggregator db check` says where") from error


class Shaped(TypeDecorator[Any]):
    """JSON whose shape `is_right` accepts; reading other JSON raises DamagedError. `is_right` checks only the outer
    levels, so that reading a hundred thousand rows stays cheap; `db check` checks everything."""

    impl = JSON
    cache_ok = True

    def __init__(self, is_right: Callable[[Any], bool]) -> None:
        super().__init__()
        self.is_right = is_right

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        if not self.is_right(value):
            raise _misshapen(value)
        return value


class Traces(Shaped):
    """CategoryTrace records as JSON."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(is_list)

    def process_result_value(self, value: Any, dialect: Dialect) -> list[CategoryTrace]:  # noqa: ARG002
        try:
            return [CategoryTrace(id_, tuple(came), tuple(path), by, where) for id_, came, path, by, where in value]
        except (TypeError, ValueError) as error:
            raise _misshapen(value) from error


def is_list(value: Any) -> bool:
    return isinstance(value, list)


def is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def are_terms(value: Any) -> bool:
    return value is None or (isinstance(value, list) and all(isinstance(one, list) and len(one) == 2 for one in value))


def _misshapen(value: Any) -> DamagedError:
    return DamagedError(f"the state holds {str(value)[:80]!r} in a column of JSON, where another shape belongs")
