"""How one term of an entry was placed."""

from typing import NamedTuple


class CategoryTrace(NamedTuple):
    """`came`: the names of the term as its source wrote them, from the top down; `path`: those of its category, empty
    where the term was dropped; `decider`: the kind of rule; `where`: file and line of that rule."""

    source_id: str
    came: tuple[str, ...]
    path: tuple[str, ...]
    decider: str
    where: str

    def leads_as(self, other: "CategoryTrace") -> bool:
        """Whether both are equal but for the line of the rule, which changes with any edit of the config."""
        return self._replace(where="") == other._replace(where="")
