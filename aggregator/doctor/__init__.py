"""doctor: whether the machine, the config, the state and the tree are fit for each other, and what to do where not."""

from aggregator.doctor.examine import examine, examine_machine
from aggregator.doctor.result import CheckResult

__all__ = ["CheckResult", "examine", "examine_machine"]
