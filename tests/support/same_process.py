"""A worker pool without processes."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from aggregator.errors import AggregatorError
from aggregator.worker_pool import WorkerPool, _failure

P = ParamSpec("P")
T = TypeVar("T")


class SameProcess(WorkerPool):
    """Calls in this process. Nothing limits a call; its failures are those of any other pool."""

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except AggregatorError:
            raise
        except Exception as error:
            raise _failure(error) from error
