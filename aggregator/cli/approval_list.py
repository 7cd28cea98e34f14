"""The entries that wait for approval, as a numbered list, and the question which of them to publish."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import typer

from aggregator.cli.output import show_json, show_line, show_message
from aggregator.errors import UsageError
from aggregator.text.counts import count_of

if TYPE_CHECKING:
    from aggregator.model.status import HeldEntry
    from aggregator.store import Transaction

QUESTION = "Which to publish: numbers and ranges (1 3-5), all or none?"
LONGEST_NUMBER = 9  # digits


def waiting(tx: "Transaction") -> "list[HeldEntry]":
    """Those that wait, the longest waiting first."""
    from aggregator.status.held import all_held

    return [one for one in all_held(tx) if one.state == "waiting"]


def show(entries: "Sequence[HeldEntry]", *, json: bool) -> int:
    """Prints the list and what to type; returns the exit status, which is 0 if nothing waits."""
    from aggregator.status.report import held_json

    message = _advice(entries)
    if json and entries:
        problem = {"where": "", "kind": "usage", "message": message, "transient": False}
        show_json({"problems": [problem], "waiting": held_json(entries)})
    elif json:
        show_json({"entries": []})
    else:
        for line in numbered(entries):
            show_line(line)
    show_message(message)
    return UsageError.exit_status if entries else 0


def ask(entries: "Sequence[HeldEntry]") -> "list[HeldEntry]":
    """The entries that the person at the terminal chooses; none at the end of the input."""
    show_message(*numbered(entries))
    while True:
        try:
            answer = typer.prompt(QUESTION, default="none", err=True)
            return [entries[place] for place in chosen(answer, len(entries))]
        except ValueError as error:
            show_message(str(error))
        except typer.Abort:
            show_message("")
            return []


def numbered(entries: "Sequence[HeldEntry]") -> Iterator[str]:
    """A line for each entry: number, source, day, title and link."""
    for number, one in enumerate(entries, 1):
        yield f"{number:>3}  {one.source}  {one.since:%Y-%m-%d}  {one.title or 'untitled'}  {one.link or one.entry}"


def chosen(answer: str, count: int) -> list[int]:
    """The places, from 0, that an answer such as `1 3-5`, `2,4`, `all` or `none` names among so many. Raises ValueError
    for anything else."""
    match answer.strip().lower():
        case "all":
            return list(range(count))
        case "none" | "":
            return []
        case words:
            found = {place for word in words.replace(",", " ").split() for place in _places(word, count)}
            return sorted(found)


def _places(word: str, count: int) -> range:
    first, dash, last = word.partition("-")
    numbers = [int(one) for one in (first, last if dash else first) if _is_number(one)]
    if len(numbers) < 2 or not 1 <= numbers[0] <= numbers[1] <= count:
        raise ValueError(f"{word} is no number or range from 1 to {count}; nothing is approved yet")
    return range(numbers[0] - 1, numbers[1])


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) <= LONGEST_NUMBER


def _advice(entries: "Sequence[HeldEntry]") -> str:
    if not entries:
        return "no entry waits for approval"
    counts = Counter(one.source for one in entries)
    each = ", ".join(f"`aggregator entry approve --source {source}` ({count})" for source, count in counts.items())
    waiting = count_of(len(entries), "entry waits", "entries wait")
    return f"{waiting} for approval; name them, or approve all of a source: {each}"
