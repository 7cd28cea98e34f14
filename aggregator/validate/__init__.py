"""The gate before publishing: each document is looked at as it would go out, by rules of its format."""

from aggregator.validate.checker import Checker
from aggregator.validate.finding import Finding, Severity
from aggregator.validate.gate import Gate, GateResult
from aggregator.validate.split_entries import cut

__all__ = ["Checker", "Finding", "Gate", "GateResult", "Severity", "cut"]
