"""The gate before publishing: each document is looked at as it would go out, by rules of its format."""

from aggregator.validate.checker import Checker
from aggregator.validate.finding import Fault, Severity
from aggregator.validate.gate import Keeper, Passed
from aggregator.validate.split_entries import cut

__all__ = ["Checker", "Fault", "Keeper", "Passed", "Severity", "cut"]
