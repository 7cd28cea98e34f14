"""Numbers as each language writes them, after CLDR."""

POINT, COMMA, THIN_SPACE = ".", ",", "\u202f"
GROUPS = {"de": POINT, "es": POINT, "fr": THIN_SPACE}  # between thousands; elsewhere a comma
FRACTIONS = {"de": COMMA, "es": COMMA, "fr": COMMA}  # elsewhere a point
LONG = {"es": 10_000}  # the least number that is grouped


def grouped(number: int, catalog: str) -> str:
    if number < LONG.get(catalog, 0):
        return str(number)
    return f"{number:,}".replace(",", GROUPS.get(catalog, COMMA))


def with_fraction(number: float, catalog: str) -> str:
    """With one digit after the point, which must be less than 1000."""
    return f"{number:.1f}".replace(".", FRACTIONS.get(catalog, POINT))
