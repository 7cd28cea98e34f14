"""The gate before publishing: each rendered document is checked by the rules of its format."""

from aggregator.validate.checker import Checker
from aggregator.validate.finding import Finding, Severity
from aggregator.validate.gate import Gate, GateResult
from aggregator.validate.split_entries import split_feed

__all__ = ["Checker", "Finding", "Gate", "GateResult", "Severity", "split_feed"]
