"""The gate before publishing: entries and documents are checked by the rules of their format."""

from aggregator.validate.checker import UNIQUE, Checker
from aggregator.validate.finding import Finding, Severity

__all__ = ["UNIQUE", "Checker", "Finding", "Severity"]
