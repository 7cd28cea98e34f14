"""Changes of files, as the system reports them."""

from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from watchfiles import awatch

from aggregator.errors import AggregatorError

STEP = 100  # milliseconds without a change, after which the changes before are reported
LONGEST = 500  # milliseconds until changes are reported in any case


class WatchError(AggregatorError):
    """The folder does not exist, or the system watches no more folders for this user."""


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
        raise WatchError(f"the system cannot watch {', '.join(map(str, folders))}: {error}") from error
