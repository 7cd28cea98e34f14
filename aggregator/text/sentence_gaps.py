"""What was filled into the gaps of a sentence such as `{name} is back`. Pure."""

from string import Formatter


def filled_gaps(sentence: str, text: str) -> dict[str, str] | None:
    """The values with which the sentence, which has a gap, became this text; None if it did not. A gap ends where the
    words between it and the next one first stand; the last one takes all that is left."""
    pieces = [(literal, name) for literal, name, *_ in Formatter().parse(sentence)]
    names = [name for _, name in pieces if name is not None]
    first, *between = [literal for literal, _ in pieces[: len(names)]]
    last = pieces[-1][0] if pieces[-1][1] is None else ""
    rest, values = text.removeprefix(first).removesuffix(last), list[str]()
    for literal in between:
        value, _, rest = rest.partition(literal)
        values.append(value)
    found = dict(zip(names, (*values, rest), strict=True))
    return found if sentence.format(**found) == text else None
