"""categories: the terms that arrive and where they go; proposals to merge some of them; answers applied as aliases."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aggregator.cli.commands import Commands
from aggregator.cli.open_app import open_app
from aggregator.cli.options import Json
from aggregator.cli.output import is_interactive, show_json, show_message
from aggregator.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aggregator.config.review_file import Proposal
    from aggregator.term_review import Applied, ArrivingTerm

MAX_SHOWN = 200  # terms on a terminal


def add_to(app: typer.Typer) -> None:
    categories = Commands(
        help="Show where category terms go, and by which rule.",
        invoke_without_command=True,
    )
    categories.callback()(show)
    app.add_typer(categories.add(review, apply), name="categories")


def show(
    context: typer.Context,
    unmapped: Annotated[bool, typer.Option("--unmapped", help="Show only terms that no rule maps.")] = False,
    json: Json = False,
) -> None:
    """Show where category terms go, and by which rule; the most frequent first.

    Spellings that differ only in case, width or space count as one term. A path counts as one term.
    """
    if context.invoked_subcommand:
        return
    from aggregator.term_review import arriving_terms

    with open_app(context, existing=True) as app:
        terms = arriving_terms(app, unmapped=unmapped)
    if json:
        show_json({"terms": terms})
    else:
        _show(terms, unmapped=unmapped, show_all=context.obj.verbose > 0)


def review(
    context: typer.Context,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write the proposals to this new file.")
    ] = None,
    json: Json = False,
) -> None:
    """Propose which terms to merge into one category.

    At a terminal, asks about each proposal and adds what you accept as aliases. Else prints the proposals as YAML, or
    writes them with --write: answer each with yes or no; `categories apply FILE` then adds the aliases.
    """
    from aggregator.config.review_file import proposals_yaml
    from aggregator.term_review import propose

    _refuse_existing(write)
    with open_app(context, existing=True) as app:
        proposals = propose(app)
    if not (write or json or context.obj.quiet) and is_interactive() and sys.stdout.isatty():
        _ask_and_apply(context, proposals)
        return
    if write:
        _write_new(write, proposals_yaml(proposals, str(write)))
    if json:
        show_json({"proposals": [_proposal(one) for one in proposals], "file": str(write) if write else None})
    elif not write:
        sys.stdout.write(proposals_yaml(proposals, "FILE"))
    if not context.obj.quiet:
        show_message(_summary(proposals, write))


def _ask_and_apply(context: typer.Context, proposals: "Sequence[Proposal]") -> None:
    from aggregator.cli.review_prompt import accepted
    from aggregator.term_review import apply_proposals

    show_message(_summary(proposals, None))
    if proposals:
        show_message(*_lines(apply_proposals(context.obj.config, accepted(proposals)), context.obj.config))


def apply(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The answered file of `categories review --write`.")],
    json: Json = False,
) -> None:
    """Add the accepted proposals of a review file as aliases.

    Adds them to categories.aliases in the config, keeps its comments and order, and saves a copy of the old config
    beside it. Changes nothing if the file or the config has an error.
    """
    from aggregator.term_review import apply_review

    done = apply_review(context.obj.config, file)
    if json:
        show_json(_applied(done, context.obj.config))
    elif not context.obj.quiet:
        show_message(*_lines(done, context.obj.config))


# as JSON


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
        "left_out": done.left_out,
    }


# as text


def _show(terms: "Sequence[ArrivingTerm]", *, unmapped: bool, show_all: bool) -> None:
    from aggregator.cli.console import page
    from aggregator.cli.table import Column, print_table

    console = page()
    if not terms:
        message = "every term is mapped by a rule" if unmapped else "no entry has a category term yet"
        console.print(message, markup=False)
        return
    shown = terms if show_all or not console.is_terminal else terms[:MAX_SHOWN]
    columns = [
        Column("entries", leaves=3, right=True),
        Column("term", least=24),
        Column("goes to", least=24),
        Column("by"),
        Column("from", leaves=2),
        Column("such as", leaves=1, least=20),
    ]
    print_table(console, columns, [list(_row(one)) for one in shown])
    if len(terms) > len(shown):
        console.print(f"… and {len(terms) - len(shown):,} more; -v or --json shows all", style="dim")


def _row(one: "ArrivingTerm") -> "Iterator[str]":
    yield f"{one.count:,}"
    yield one.term
    yield " › ".join(one.category) if one.category else "nowhere"
    yield f"{one.decider} {one.rule}".strip()
    yield one.sources[0] if len(one.sources) == 1 else f"{len(one.sources)} sources"
    yield one.examples[0] if one.examples else ""


def _summary(proposals: "Sequence[Proposal]", write: Path | None) -> str:
    if not proposals:
        return "nothing to propose: no two unmapped terms look alike"
    count, sure = len(proposals), sum(one.accept == "yes" for one in proposals)
    found = f"{count} proposal{'s' * (count != 1)}: {sure} sure, {count - sure} to decide"
    if write:
        apply_ = f"aggregator categories apply {shlex.quote(str(write))}"
        return f"{found}; answer them in {write}, then `{apply_}` adds what you accept"
    return f"{found}; --write FILE saves them for your answers"


def _lines(done: "Applied", config: Path) -> "Iterator[str]":
    for target, terms in done.added.items():
        yield f"{target.replace('/', ' › ')}: {', '.join(terms)}"
    for one in done.left_out:
        subject = f"`{one.term}`: " if one.term else f"{one.target}: " if one.target else ""
        yield f"left out{f', line {one.line}' * bool(one.line)}: {subject}{one.reason}"
    if done.copy:
        yield f"changed {config}; {done.copy} is a copy of the old one; the next run recategorizes the entries"
    else:
        yield f"nothing to add; {config} is unchanged"


# the review file


def _refuse_existing(file: Path | None) -> None:
    if file and (file.exists() or file.is_symlink()):
        raise UsageError(f"{file} exists already and may hold answers; name another file, or remove it first")


def _write_new(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        _refuse_existing(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
