"""Tables that fit the terminal: columns that can be missed leave it, and what is left is folded.

Ids, addresses and line numbers are never cut. Where there is no terminal, each row is one line.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from aggregator.text.printable import visible

if TYPE_CHECKING:
    from rich.console import Console

GAP = "  "
NARROWEST = 8  # cells of a folded column


@dataclass(frozen=True, slots=True)
class Column:
    """`leaves`: its turn to leave a narrow terminal, 0 for never. `least`: cells to which its text may be cut before it
    leaves, 0 for never cut."""

    name: str
    leaves: int = 0
    least: int = 0
    right: bool = False


def print_table(
    console: "Console",
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | Text]],
    foot: Sequence[str | Text] = (),
) -> None:
    """Each row has a cell for every column. `foot`: a last row, shown only with the last column."""
    cells = [[_text(cell) for cell in row] for row in (*rows, *([foot] if foot else []))]
    natural = [max(map(cell_len, (one.name, *(row[i].plain for row in cells)))) for i, one in enumerate(columns)]
    widths = fit(columns, natural, console.width)
    heads = [Text(one.name, "bold") for one in columns]
    if foot and len(columns) - 1 not in widths:
        cells.pop()
    for row in (heads, *cells):
        for line in _lines(columns, row, widths):
            console.print(line, soft_wrap=True)


def fit(columns: Sequence[Column], natural: Sequence[int], width: int) -> dict[int, int]:
    """The columns that are shown, by index, with their widths. `natural`: the widths that need no cut."""
    shown = list(range(len(columns)))
    least = [min(natural[i], one.least or natural[i]) for i, one in enumerate(columns)]
    while _total(least[i] for i in shown) > width:
        leaving = min((i for i in shown if columns[i].leaves), key=lambda i: columns[i].leaves, default=None)
        if leaving is None:
            return _folded({i: least[i] for i in shown}, width)
        shown.remove(leaving)
    return _widened({i: least[i] for i in shown}, natural, width)


def _widened(widths: dict[int, int], natural: Sequence[int], width: int) -> dict[int, int]:
    """The room that is left goes to cut columns, from the left."""
    for i, cells in widths.items():
        widths[i] = cells + min(natural[i] - cells, width - _total(widths.values()))
    return widths


def _folded(widths: dict[int, int], width: int) -> dict[int, int]:
    """The widest columns become narrower until all fit."""
    while (excess := _total(widths.values()) - width) > 0:
        widest = max(widths, key=lambda i: widths[i])
        second = max((cells for i, cells in widths.items() if i != widest), default=0)
        narrower = max(widths[widest] - excess, min(second, widths[widest] - 1), NARROWEST)
        if narrower >= widths[widest]:
            break
        widths[widest] = narrower
    return widths


def _total(widths: Iterable[int]) -> int:
    listed = list(widths)
    return sum(listed) + len(GAP) * max(len(listed) - 1, 0)


def _lines(columns: Sequence[Column], row: Sequence[Text], widths: dict[int, int]) -> Iterator[Text]:
    folded = [_in_width(row[i], width, cut=bool(columns[i].least)) for i, width in widths.items()]
    for parts in zip_longest(*folded, fillvalue=Text()):
        line = Text()
        for part, (i, width) in zip(parts, widths.items(), strict=True):
            space = " " * max(width - cell_len(part.plain), 0)
            line.append(GAP if line.plain or i != next(iter(widths)) else "")
            line.append_text(Text(space) + part if columns[i].right else part + Text(space))
        line.rstrip()
        yield line


def _in_width(cell: Text, width: int, *, cut: bool) -> list[Text]:
    """The cell in lines of at most `width` cells; a text that may be cut in one line."""
    if cell_len(cell.plain) <= width:
        return [cell]
    if cut:
        return [Text(f"{set_cell_size(cell.plain, width - 1).rstrip()}…", cell.style)]
    return [Text(part, cell.style) for part in _chopped(cell.plain, width)]


def _chopped(text: str, width: int) -> Iterator[str]:
    part, used = "", 0
    for char in text:
        cells = cell_len(char)
        if used + cells > width and part:
            yield part
            part, used = "", 0
        part += char
        used += cells
    yield part


def _text(cell: str | Text) -> Text:
    """Control characters become visible before widths are measured."""
    return Text(visible(cell)) if isinstance(cell, str) else cell
