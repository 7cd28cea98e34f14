"""Told by the system when files change."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from watchfiles import awatch

from aggregator.errors import AggregatorError

STEP = 100  # milliseconds without a change, after which what came before is told
LONGEST = 500  # milliseconds until it is told all the same


class WatchError(AggregatorError):
    """The system will not tell: no such folder, or more of them than it watches for one user."""


async def watch(
    folders: Sequence[Path], *, deep: bool, matters: Callable[[Path], bool] = lambda _: True
) -> AsyncIterator[None]:
    """Yields after each change in `folders`, and below them where `deep`, of a path that `matters`."""
    try:
        async for _ in awatch(
            *folders,
            watch_filter=lambda _, path: matters(Path(path)),
            step=STEP,
            debounce=LONGEST,
            recursive=deep,
            ignore_permission_denied=True,
        ):
            yield
    except (OSError, RuntimeError) as error:
        raise WatchError(f"changes in {', '.join(map(str, folders))} are not told by the system: {error}") from error
