"""Whether the published files are those that the state recorded."""

from collections.abc import Mapping

from aggregator.app import App
from aggregator.doctor.result import CheckResult, note, ok, problem
from aggregator.model.published import FileRow
from aggregator.publish.intact_files import find_intact
from aggregator.publish.output_tree import Tree
from aggregator.text.counts import count_of

FEW = 3  # paths that are shown


def check_tree(app: App) -> CheckResult:
    """With the store open. Files of unchanged size and time are taken as unchanged."""
    with app.store.read() as tx:
        rows = tx.files.rows()
    tree = Tree(app.output)
    present = set(tree.stamps(rows))
    intact = find_intact(tree, rows, thorough=False).paths
    return judge_tree(rows, present, intact)


def judge_tree(rows: Mapping[str, FileRow], present: set[str], intact: set[str]) -> CheckResult:
    """`present`: recorded files that are there; `intact`: those as they were written."""
    if not rows:
        return note("tree", "nothing was published yet", "`aggregator run` publishes")
    missing, changed = sorted(rows.keys() - present), sorted(present - intact)
    if not missing and not changed:
        return ok("tree", f"{count_of(len(rows), 'recorded file is', 'recorded files are')} as written")
    told = [_told(missing, "missing"), _told(changed, "not as written")]
    return problem("tree", "; ".join(one for one in told if one), "`aggregator run` writes them again")


def _told(paths: list[str], what: str) -> str:
    if not paths:
        return ""
    more = f" and {len(paths) - FEW} more" if len(paths) > FEW else ""
    return f"{len(paths):,} of the recorded files {what}: {', '.join(paths[:FEW])}{more}"
