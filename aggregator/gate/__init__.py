"""The gate before publishing: each document is looked at as it would go out, by rules of its format."""

from aggregator.gate.checker import Checker
from aggregator.gate.cutting import cut
from aggregator.gate.fault import Fault, Severity
from aggregator.gate.keeper import Keeper, Passed

__all__ = ["Checker", "Fault", "Keeper", "Passed", "Severity", "cut"]
