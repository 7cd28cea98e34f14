"""How often Python looks for what refers to itself."""

import gc


def collect_cycles_rarely() -> None:
    """Nearly all that we make is freed by reference counting; looking for cycles in it, and in what is only being
    imported, cost a tenth of a run."""
    gc.set_threshold(200_000, 50, 100)
