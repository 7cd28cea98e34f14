"""Output: messages and summaries for people, one JSON document for programs."""

import sys
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aggregator.cli.hints import runnable
from aggregator.text.counts import count_of
from aggregator.text.printable import escaped_in_json, visible

if TYPE_CHECKING:
    from rich.console import Console

    from aggregator.model.problems import Problem
    from aggregator.report import Report

MAX_OF_A_KIND = 5
GONE = "gone: remove; `keep` would keep them"  # the key of a posts folder


def show_json(document: Any) -> None:
    from aggregator.codec import readable_json

    sys.stdout.write(f"{escaped_in_json(readable_json(document))}\n")


def show_line(sentence: str) -> None:
    """Prints to stdout what the command was asked for."""
    sys.stdout.write(f"{visible(runnable(sentence))}\n")


def show_message(*sentences: str) -> None:
    """Prints each sentence as a line to stderr, without the tenth of a second that importing rich takes."""
    sys.stderr.write("".join(f"{visible(runnable(one))}\n" for one in sentences))


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def is_confirmed(question: str) -> bool:
    """Asks on a terminal, where the end of the input is a no; a script has decided already."""
    import typer

    try:
        return not sys.stdin.isatty() or typer.confirm(question, err=True)
    except typer.Abort:
        show_message("")
        return False


def config_change(config: object, copy: object) -> str:
    """What changed in the config, "" if there is no `copy` of an old one."""
    return f"changed {config}; {copy} is a copy of the old one" if copy else ""


def terminal() -> "Console":
    """stderr, for messages and progress."""
    from aggregator.cli.console import terminal as open_terminal

    return open_terminal()


def show_report(report: "Report", *, output: str, quiet: bool, verbose: bool) -> None:
    if quiet and not report.problems:
        return
    from rich.markup import escape

    console = terminal()
    show_problems(console, report.problems, MAX_OF_A_KIND if not verbose else len(report.problems))
    if quiet:
        return
    sources, posts, entries, feeds = report.sources, report.posts, report.entries, report.feeds
    pulled = _listed(
        (sources.changed, "changed"), (sources.unchanged, "unchanged"), (sources.failed, "failed"), empty="none due"
    )
    rows = [
        ("sources", f"{sources.polled} pulled: {pulled}" if sources.polled else pulled),
        ("posts", _listed((posts.read, "read"), (posts.changed, "changed"), (posts.repaired, "repaired"),
                          (posts.failed, "failed"), empty="none")),
        ("entries", _listed((entries.new, "new"), (entries.updated, "updated"), (entries.duplicates, "duplicates"),
                            (entries.held, "held"), (entries.archived, "in archives and on pages only"),
                            (entries.total, "in total"), empty="none yet")),
        ("feeds", _listed((feeds.written, "written"), (feeds.unchanged, "unchanged"), (feeds.removed, "removed"),
                          empty="none")),
    ]  # fmt: skip
    for name, text in rows:
        console.print(f"[bold]{name:>8}[/]  {escape(text)}")
        if name == "posts" and posts.gone:
            console.print(f"{'':>8}  {count_of(posts.gone, 'post')} went ({GONE})")
    for sentence in report.advice:
        console.print(f"[bold]{'note':>8}[/]  {escape(sentence)}")
    console.print(f"[bold]{'tree':>8}[/]  {escape(output)}/index.html   ({report.seconds:.1f} s)")


def show_problems(console: "Console", problems: Iterable["Problem"], most: int = MAX_OF_A_KIND) -> None:
    from rich.markup import escape

    kinds: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        kinds[problem.kind].append(problem)
    for kind, ones in kinds.items():
        for problem in ones[:most]:
            again = " [dim](may be temporary)[/]" if problem.transient else ""
            where = f"[yellow]{escape(problem.where)}[/]: " if problem.where else ""
            console.print(f"{where}{escape(problem.kind)}: {escape(problem.message)}{again}")
        if len(ones) > most:
            console.print(f"… and {len(ones) - most} more like this ({kind}); -v or --json shows all", style="dim")


def _listed(*counts: tuple[int, str], empty: str) -> str:
    return ", ".join(f"{count} {word}" for count, word in counts if count) or empty
