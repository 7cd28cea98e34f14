"""The templates of pages: ours, or the user's of the same name, and the filters and globals that they use."""

import base64
import hashlib
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aggregator.errors import AggregatorError
from aggregator.model.entry import Entry
from aggregator.model.feed import Site
from aggregator.render.added_lines import page_footer
from aggregator.render.attachments import attached
from aggregator.render.attribution import authors, display_name, enclosures, license_of, rights
from aggregator.render.category_tree import letters
from aggregator.render.human_dates import HumanDates
from aggregator.render.media_types import language_tag, media_type
from aggregator.render.page_html import content_html
from aggregator.render.page_links import (
    canonical_filter,
    label,
    name_filter,
    shown_at,
    trail_filter,
    turns_filter,
)
from aggregator.render.plain_text import first_words
from aggregator.render.template_cache import TemplateCache
from aggregator.render.text_direction import text_direction
from aggregator.render.words import Words, word_functions
from aggregator.text.date_formats import rfc3339, utc
from aggregator.text.generator import GENERATOR

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE_CACHE = TemplateCache(TEMPLATES / "__pycache__")


class TemplateUseError(AggregatorError):
    """A template cannot be read, or uses something that does not exist."""

    exit_status = 2


def environment(site: Site, templates: Path | None, words: Words) -> Environment:
    folders = [templates, TEMPLATES] if templates else [TEMPLATES]
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=True,
        auto_reload=False,
        bytecode_cache=TEMPLATE_CACHE,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    dates = HumanDates(time_zone(site.timezone), words)
    environment.filters |= {
        "rfc3339": rfc3339,
        "full_day": dates.full_day,
        "human_day": dates.human_day,
        "human_time": dates.human_time,
        "clock": dates.clock,
        "time": dates.time_element,
        "shown": _time_filter(site.timezone),
        "day": _date_filter(site.timezone),
        "name": name_filter(site),
        "label": label,
        "letters": letters,
        "shown_at": shown_at,
        "canonical": canonical_filter(site),
        "trail": trail_filter(site, words),
        "turns": turns_filter(site),
        "headline": _headline,
        "direction": _direction,
        "authors": _author_names,
        "rights": rights,
        "license": license_of,
        "enclosures": enclosures,
        "media_type": media_type,
        "attached": partial(attached, words=words),
        "language": language_tag,
        "way": text_direction,
        "prose": _page_html,
        "href": _href,
        "footer": partial(page_footer, site=site, words=words),
    }
    environment.globals |= {"site": site, "generator": GENERATOR} | word_functions(words) | _style(environment)
    return environment


def _style(environment: Environment) -> dict[str, Any]:
    """The style sheet and its digest: the page's content security policy allows this style only."""
    css = template_source(environment, "style.css")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return {"style": Markup(css), "style_digest": Markup(digest)}  # noqa: S704 - the package's or the user's own file


def template_source(environment: Environment, name: str) -> str:
    """The unrendered text of a template file: the user's, else ours."""
    if environment.loader:
        return environment.loader.get_source(environment, name)[0]
    return (TEMPLATES / name).read_text("utf-8")


def _time_filter(timezone: str) -> Callable[[datetime], str]:
    """Returns a filter for times: to the minute, in the site's time zone, with the offset."""
    zone = time_zone(timezone)

    def shown(moment: datetime) -> str:
        text = utc(moment).astimezone(zone).isoformat(sep=" ", timespec="minutes")
        return text.removesuffix("+00:00") + (" UTC" if text.endswith("+00:00") else "")

    return shown


def _date_filter(timezone: str) -> Callable[[datetime], str]:
    zone = time_zone(timezone)
    return lambda moment: utc(moment).astimezone(zone).date().isoformat()


def time_zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise TemplateUseError(f"no such time zone: {timezone}") from error


def _headline(entry: Entry) -> str:
    """The title, or the first words of an untitled entry."""
    return entry.clean.title or first_words(entry.clean.content or entry.clean.summary) or entry.link or entry.id


def _page_html(markup: str, below: int) -> Markup:
    return Markup(content_html(markup, below))  # noqa: S704 - sanitized before it came here


def _direction(entry: Entry) -> str:
    """The direction of the entry: that of its language, else of the first letter of its headline."""
    if text_direction(entry.clean.language) == "rtl":
        return "rtl"
    strong = (unicodedata.bidirectional(sign) for sign in _headline(entry))
    return "rtl" if next((one for one in strong if one in {"L", "R", "AL"}), "L") != "L" else "ltr"


def _author_names(entry: Entry) -> list[str]:
    """The names of authors, without one that repeats the source's name."""
    source = entry.attribution.title if entry.attribution else ""
    return [name for name in map(display_name, authors(entry)) if name and name != source]


def _href(address: str) -> str:
    """The address if a page may link to it, else "": autoescape does not stop `javascript:`."""
    return address if address.lower().startswith(("http://", "https://", "mailto:")) else ""
