"""One Chromium for all tests in a browser."""

from collections.abc import Iterator

import pytest

from tests.support.chromium import Browser, chromium, found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = found()
    if not path:
        pytest.skip("no Chromium on this machine; `apt-get install chromium`, or name one in CHROMIUM")
    with chromium(path) as one:
        yield one
