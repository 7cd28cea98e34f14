"""categories: what terms arrive and where they go; which may be one; and a person's answers as aliases."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.open_app import open_app
from aggregator.cli.output import show_json, terminal
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aggregator.config.review_file import Proposal
    from aggregator.term_review import Applied, Arriving

MOST_SHOWN = 200
# Name, share of the room, from which width of the terminal on.
COLUMNS = (("term", 4, 0), ("goes to", 4, 0), ("by", 3, 0), ("from", 2, 100), ("such as", 5, 140))

Json = Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")]


def add_to(app: typer.Typer) -> None:
    categories = typer.Typer(
        help="Show what terms arrive and where they go, by which rule; `review` finds those that may be one.",
        invoke_without_command=True,
    )
    categories.callback()(show)
    categories.command("review")(review)
    categories.command("apply")(apply)
    app.add_typer(categories, name="categories")


def show(
    context: typer.Context,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="Only those that no rule maps.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every term, however many.")] = False,
    json: Json = False,
) -> None:
    """Show what terms arrive and where they go, the most frequent first.

    Spellings that differ in case, width or space are one term; the levels of a path are one term, too.
    """
    if context.invoked_subcommand:
        return
    from aggregator.term_review import arriving_terms

    with open_app(context, existing=True) as app:
        terms = arriving_terms(app, unmapped=unmapped)
    if json:
        show_json({"terms": [_term(one) for one in terms]})
    else:
        _show(terms, unmapped=unmapped, every=verbose or context.obj.verbose > 0)


def review(
    context: typer.Context,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write the proposals there; never over a file.")
    ] = None,
    json: Json = False,
) -> None:
    """Find terms that may be one category.

    Proposals as YAML, for a person to answer with yes or no; `categories apply FILE` then makes aliases of them.
    """
    from aggregator.config.review_file import proposals_yaml
    from aggregator.term_review import propose

    _refuse_existing(write)
    with open_app(context, existing=True) as app:
        proposals = propose(app)
    if write:
        _write_new(write, proposals_yaml(proposals, str(write)))
    if json:
        show_json({"proposals": [_proposal(one) for one in proposals], "file": str(write) if write else None})
    elif not write:
        sys.stdout.write(proposals_yaml(proposals, "FILE"))
    if not context.obj.quiet:
        _say(_summary(proposals, write))


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `categories review --write` wrote, answered.")],
    json: Json = False,
) -> None:
    """Make aliases of what a review's file accepts.

    They go into categories.aliases of the config, whose comments and order stay; a copy of the old one is kept beside
    it. Nothing is changed if anything is wrong.
    """
    from aggregator.term_review import apply_review

    done = apply_review(context.obj.config, file)
    if json:
        show_json(_applied(done, context.obj.config))
    elif not context.obj.quiet:
        for line in _sentences(done, context.obj.config):
            _say(line)


# as JSON


def _term(one: "Arriving") -> dict[str, Any]:
    return {
        "term": one.term,
        "sources": one.sources,
        "count": one.count,
        "category": one.category,
        "rule": one.rule,
        "examples": one.examples,
        "decider": one.decider,
    }


def _proposal(one: "Proposal") -> dict[str, Any]:
    return {
        "target": one.target,
        "accept": one.accept,
        "terms": [{"term": term.term, "count": term.count, "sources": term.sources} for term in one.terms],
        "evidence": one.evidence,
        "examples": one.examples,
    }


def _applied(done: "Applied", config: Path) -> dict[str, Any]:
    return {
        "config": str(config),
        "copy": str(done.copy) if done.copy else None,
        "added": [{"target": target, "terms": terms} for target, terms in done.added.items()],
        "left_out": [
            {"target": one.target, "term": one.term, "reason": one.reason, "line": one.line} for one in done.left_out
        ],
    }


# as people read it


def _show(terms: "Sequence[Arriving]", *, unmapped: bool, every: bool) -> None:
    from aggregator.cli.console import page

    console = page(emoji=False)
    if not terms:
        what = "every term that arrived is mapped by a rule" if unmapped else "no entry came with a term yet"
        console.print(what, markup=False)
        return
    shown = terms if every else terms[:MOST_SHOWN]
    console.print(_table(shown, console.width))
    if len(terms) > len(shown):
        console.print(f"… and {len(terms) - len(shown):,} more; -v or --json shows all", style="dim")


def _table(terms: "Sequence[Arriving]", width: int) -> Any:
    """A line a term: what does not fit is cut, and where there is little room the last columns are not there."""
    from rich.table import Table
    from rich.text import Text

    columns = [column for column in COLUMNS if width >= column[2]]
    room = width - 2 * len(columns) - len("entries")
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("entries", justify="right", no_wrap=True)
    for name, share, _ in columns:
        most = room * share // sum(share for _, share, _ in columns)
        table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=most)
    for one in terms:
        table.add_row(*(Text(cell) for cell in list(_row(one))[: len(columns) + 1]))
    return table


def _row(one: "Arriving") -> "Iterator[str]":
    yield f"{one.count:,}"
    yield one.term
    yield " › ".join(one.category) if one.category else "nowhere"
    yield f"{one.decider} {one.rule}".strip()
    yield one.sources[0] if len(one.sources) == 1 else f"{len(one.sources)} sources"
    yield one.examples[0] if one.examples else ""


def _summary(proposals: "Sequence[Proposal]", write: Path | None) -> str:
    if not proposals:
        return "no two terms that no rule maps look like one"
    count, sure = len(proposals), sum(one.accept == "yes" for one in proposals)
    found = f"{count} proposal{'s' * (count != 1)}: {sure} sure, {count - sure} to be decided"
    if write:
        return f"{found}; answer them in {write}, then: aggregator categories apply {write}"
    return f"{found}; --write FILE saves them, to be answered"


def _sentences(done: "Applied", config: Path) -> "Iterator[str]":
    for target, terms in done.added.items():
        yield f"{target.replace('/', ' › ')}: {', '.join(terms)}"
    for one in done.left_out:
        subject = f"`{one.term}`: " if one.term else f"{one.target}: " if one.target else ""
        yield f"left out, line {one.line}: {subject}{one.reason}"
    if done.copy:
        yield f"{config} is changed, {done.copy} is what it was; the next run places entries anew"
    else:
        yield f"nothing to add; {config} stays as it is"


def _say(sentence: str) -> None:
    terminal().print(sentence, markup=False, emoji=False)


# the file of a review


def _refuse_existing(file: Path | None) -> None:
    if file and (file.exists() or file.is_symlink()):
        raise UsageError(f"{file} is there already, perhaps with answers; name another file, or remove it first")


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        _refuse_existing(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
