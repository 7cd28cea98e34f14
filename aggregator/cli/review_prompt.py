"""categories review at a terminal: a person answers each proposal."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from aggregator.cli.output import show_message
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.config.review_file import Proposal

ANSWERS = {"a": "accept", "s": "skip", "all": "all", "q": "quit"}
QUESTION = "accept (a), skip (s), accept all from here on (all), quit and apply what is accepted (q)?"
MOST = 3  # examples


def accepted(proposals: Sequence["Proposal"]) -> list["Proposal"]:
    """The proposals that the person accepts. Ctrl+C and the end of the input raise typer.Abort."""
    found: list[Proposal] = []
    for i, proposal in enumerate(proposals):
        show_message("", *_lines(proposal, i + 1, len(proposals)))
        match _answer(proposal):
            case "accept":
                found.append(replace(proposal, accept="yes"))
            case "all":
                return [*found, *(replace(one, accept="yes") for one in proposals[i:])]
            case "quit":
                break
    return found


def _answer(proposal: "Proposal") -> str:
    default = "a" if proposal.accept == "yes" else "s"
    while True:
        given = typer.prompt(QUESTION, default=default, err=True).strip().lower()
        for letters, word in ANSWERS.items():
            if given in {letters, word}:
                return word
        show_message(f"{given} is no answer; type a, s, all or q")


def _lines(proposal: "Proposal", number: int, count: int) -> Iterator[str]:
    yield f"{number}/{count}  one category {proposal.target.replace('/', ' › ')}?"
    for one in proposal.terms:
        entries = count_of(one.count, "entry", "entries")
        yield f"  {one.term}  ({entries}, {count_of(one.sources, 'source')})"
    if proposal.evidence:
        yield f"  because: {'; '.join(proposal.evidence)}"
    if proposal.examples:
        yield f"  such as: {'; '.join(proposal.examples[:MOST])}"
