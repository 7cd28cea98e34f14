"""Collects the texts that are translated, and compiles the translations: `make translations`.

New texts stand in each `.po` file without a translation. Texts that left the code leave the files.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from aggregator.translations import CATALOGS
from tests.support.paths import PROJECT

PACKAGE = PROJECT / "aggregator"
FOLDER = PACKAGE / "translations"
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
METHODS = [("render/templates/**.html", "jinja2"), ("**.py", "python")]
# What marks a text, and which of its arguments are texts.
KEYWORDS: dict[str, Any] = {
    "_": None, "phrase": None, "sentence": None, "msgid": None, "Remedy": (1,), "gettext": None,
    "msgids": (1, 2), "counted": (2, 3),
}  # fmt: skip
OPERATORS_ONLY = ("render/templates/status.html", "cli/", "web/")  # English


def texts() -> Catalog:
    """The texts in the code, without translations."""
    found = Catalog(fuzzy=False)
    for file, _, message, _, _ in _extracted():
        found.add(message, locations=[(f"aggregator/{file}", 0)])
    return found


def _extracted() -> Iterator[Any]:
    for one in sorted(extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS), key=lambda one: one[:2]):
        if not one[0].startswith(OPERATORS_ONLY):
            yield one


def catalog(name: str) -> Catalog:
    """What a `.po` file says."""
    with (FOLDER / f"{name}.po").open("rb") as file:
        return read_po(file, locale=name)


def compiled(one: Catalog) -> bytes:
    """The bytes of a `.mo` file. They have no time in them: equal catalogs give equal bytes."""
    file = BytesIO()
    one.creation_date = one.revision_date = NEVER
    write_mo(file, one)
    return file.getvalue()


def header(path: Path) -> str:
    """The first entry of a `.po` file, which people write: language, encoding, plural forms."""
    return path.read_text("utf-8").partition("\n\n")[0] + "\n\n"


def update(name: str) -> None:
    path, one, body = FOLDER / f"{name}.po", catalog(name), BytesIO()
    one.update(texts(), no_fuzzy_matching=True)
    one.obsolete.clear()
    write_po(body, one, width=120, omit_header=True, include_lineno=False)
    path.write_text(header(path) + body.getvalue().decode().strip() + "\n", "utf-8")
    path.with_suffix(".mo").write_bytes(compiled(one))


if __name__ == "__main__":
    for each in CATALOGS:
        update(each)
