"""explain: where an entry was seen, why its sightings are one entry, where its terms went, and which feeds hold it."""

from typing import Annotated

import typer

from aggregator.cli.open_app import open_app
from aggregator.cli.options import Json
from aggregator.cli.output import show_json


def explain(
    context: typer.Context,
    ref: Annotated[
        str,
        typer.Argument(metavar="REF", help="Id, link, page address, path of a post, part of the title, or #number."),
    ],
    json: Json = False,
) -> None:
    """Explain where an entry comes from, and which feeds hold it.

    Shows the rule behind each decision: why its sightings are one entry, which line of the config sent a term to a
    category, and why a feed holds the entry or not. With -v, names all feeds, also those without it.
    """
    from aggregator.explain import as_json
    from aggregator.explain import explain as explain_entry

    with open_app(context, existing=True) as app:
        explanation = explain_entry(app, ref)
    if json:
        show_json(as_json(explanation))
        return
    from aggregator.cli.explain_output import print_explanation

    print_explanation(explanation, all_feeds=context.obj.verbose > 0)
