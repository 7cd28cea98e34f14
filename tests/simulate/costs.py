"""What things cost: milliseconds of processor time, as the benchmark measured them (tests/bench/results.json)."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.bench.table import RESULTS

ENTRIES = 30  # of a document
SOURCE = 0.33  # ms of each source, whenever something is merged and published (tests/scale/test_speed.py prints it)
CORES, LOAD = 8, 0.5  # of a machine, and how much of them is to be used on average in the busiest hour


@dataclass(frozen=True, slots=True)
class Costs:
    """`answer`: a request and its record; `document`: reading one with a change; `entry`: cleaning a new one; `merge`
    and `publish`: of one entry."""

    answer: float
    document: float
    entry: float
    merge: float
    publish: float


def measured(results: Path = RESULTS) -> Costs:
    found = json.loads(results.read_bytes())
    budget = found["budget"]
    return Costs(
        answer=found["rows"]["not_modified"]["ours"],  # seconds of a thousand answers
        document=budget["parse"] * ENTRIES,
        entry=budget["clean"] + budget["pack"] + budget["signatures"],
        merge=budget["merge"],
        publish=sum(budget[step] for step in ("render", "validate", "select and unpack", "join, hash, write")),
    )
