"""Loads httpx without its command line, which loads rich and pygments: that takes as long as all the rest of httpx.

httpx goes on without it, as where the libraries of its command line are not installed (httpx/__init__.py).
"""

import sys
from typing import Any, cast

COMMAND_LINE = "httpx._main"

if "httpx" not in sys.modules:
    modules = cast("dict[str, Any]", sys.modules)
    modules[COMMAND_LINE] = None  # to import it raises ImportError
    import httpx  # noqa: F401

    del modules[COMMAND_LINE]
