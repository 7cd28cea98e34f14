"""Where the time of an entry goes: functions of the program by the step that they are, each timed without what it calls
of other steps.

A function that was renamed or moved is an error here: name its successor.
"""

import importlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from threading import local
from typing import Any

STEPS = {
    "parse": ("parse:parse",),
    "clean": ("clean.clean_entry:clean", "clean.clean_entry:clean_about"),
    "pack": ("codec:pack", "codec:digest", "codec:record_digest"),
    "signatures": ("dedup.minhash:bands", "dedup.minhash:own_text", "dedup.minhash:find_boilerplate"),
    "merge": ("pipeline:merge",),
    "render": (
        "render.renderer:Renderer.entry",
        "render.renderer:Renderer.feed",
        "render.renderer:Renderer.entry_page",
    ),
    "validate": ("validate.checker:Checker.why_left_out", "validate.checker:Checker.document_faults"),
    "select and unpack": ("publish.entry_reader:EntryReader.read", "codec:unpack", "publish.select:Selection._select"),
    "record the pulls": ("pull.outcomes:Recorder.record",),
    "join, hash, write": ("publish.publish:publish", "publish.output_tree:Tree.write"),
}
REST = "fetch and the rest"


class Budget:
    """Seconds of processor time by step, of all threads of this process."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._running = local()  # .inner: seconds of the steps that were called by the one that runs

    def install(self) -> None:
        """Every module of the program that is loaded, or will be, calls the timed functions."""
        for step, names in STEPS.items():
            for name in names:
                module_name, _, path = name.partition(":")
                module = importlib.import_module(f"aggregator.{module_name}")
                owner_name, _, attribute = path.rpartition(".")
                owner = getattr(module, owner_name) if owner_name else module
                function = getattr(owner, attribute)
                timed = self._timed(step, function)
                setattr(owner, attribute, timed)
                if not owner_name:
                    _replace(function, timed)

    def by_entry(self, entries: int, together: float) -> dict[str, float]:
        """Milliseconds; `together`: processor seconds of the whole process."""
        rest = together - sum(self.spent.values())
        return {step: 1000 * self.spent[step] / entries for step in STEPS} | {REST: 1000 * rest / entries}

    def _timed(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        running = self._running

        @wraps(function)
        def timed(*args: Any, **kwargs: Any) -> Any:
            outside = getattr(running, "inner", 0.0)
            running.inner, began = 0.0, time.thread_time()
            try:
                return function(*args, **kwargs)
            finally:
                took = time.thread_time() - began
                self.spent[step] += took - running.inner
                running.inner = outside + took

        return timed


def _replace(function: object, timed: object) -> None:
    """In modules that imported the function by its name."""
    for module in [one for name, one in sys.modules.items() if name.startswith("aggregator.")]:
        for name, value in list(vars(module).items()):
            with suppress(AttributeError):
                if value is function:
                    setattr(module, name, timed)
