"""Where the project lies, and the data of others beside it."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
VECTORS = PROJECT / "tests" / "support" / "vectors.json"
