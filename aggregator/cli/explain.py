"""explain: where an entry was seen, why it is one entry, where its categories went, and which feeds hold it."""

from typing import Annotated

import typer

from aggregator.cli.open_app import open_app
from aggregator.cli.output import show_json


def add_to(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    context: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="An entry's id or link, the path of a post, or a part of its title.")
    ],
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Show every feed, those it is not in too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Report as one JSON document on stdout.")] = False,
) -> None:
    """Tell where an entry comes from, why it is one, and which feeds hold it.

    Every decision is told with its rule: what made its sightings one entry, which line of the config sent a term to a
    category, and why a feed holds the entry or does not.
    """
    from aggregator.explain import as_json
    from aggregator.explain import explain as explained

    with open_app(context, existing=True) as app:
        story = explained(app, ref)
    if json:
        show_json(as_json(story))
        return
    from aggregator.cli.explain_output import print_explanation

    print_explanation(story, every=verbose or context.obj.verbose > 0)
