"""How often Python collects reference cycles."""

import gc


def collect_cycles_rarely() -> None:
    """Reference counting frees nearly all of our objects. Searching them, and newly imported modules, for cycles took a
    tenth of a run."""
    gc.set_threshold(200_000, 50, 100)
