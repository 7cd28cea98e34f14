"""How many files the process may open."""

import resource

from aggregator.app import App
from aggregator.doctor.result import CheckResult, ok, problem

OTHERS = 100  # files beside connections: state, posts, worker processes, logs


def check_open_files(app: App) -> CheckResult:
    """The server raises its limit by itself, up to the hard one."""
    return judge_open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0], app.config.fetch.concurrency)


def judge_open_files(limit: int, concurrency: int) -> CheckResult:
    """`limit`: -1 for none; `concurrency`: connections at a time."""
    need = concurrency + OTHERS
    if limit not in {resource.RLIM_INFINITY, -1} and limit < need:
        return problem(
            "open files",
            f"this process may open {limit} files; `fetch.concurrency: {concurrency}` needs {need}",
            f"`ulimit -n {max(1024, need)}` before the program starts (LimitNOFILE= in a unit of systemd), or a lower"
            " `fetch.concurrency`",
        )
    return ok("open files", "no limit" if limit in {resource.RLIM_INFINITY, -1} else f"up to {limit}")
