"""Paths of the project, and of data beside it."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
VECTORS = PROJECT / "tests" / "support" / "vectors.json"
