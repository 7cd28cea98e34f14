"""Time by the clock, and how it is shown."""

import time
from collections.abc import Callable


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(what: str, seconds: float, count: int, unit: str) -> None:
    print(f"\n{what:<44} {seconds:7.2f} s  {1000 * seconds / count:8.3f} ms {unit}", end="")
