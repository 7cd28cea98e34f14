"""Titles of entries in feeds, made from a template such as `{source}: {title}`. Pure."""

TITLE, SOURCE = "{title}", "{source}"
PLAIN = TITLE  # the template that changes nothing


def titled(template: str, title: str, source: str) -> str:
    """The title as the template has it. An entry without a title stays without one: readers then show its text. The
    values are filled in at once, so that braces in them mean nothing."""
    if not title or template == PLAIN:
        return title
    return source.join(title.join(part.split(TITLE)) for part in template.split(SOURCE))


def untitled(template: str, shown: str, source: str) -> str:
    """The title from which the template made the shown one; the shown one where it was not made so."""
    before, found, after = template.replace(SOURCE, source).partition(TITLE)
    is_made = found and len(shown) > len(before) + len(after) and shown.startswith(before) and shown.endswith(after)
    return shown[len(before) : len(shown) - len(after)] if is_made else shown


def title_template_fault(template: str) -> str:
    """What is wrong with a template, "" where nothing is."""
    if TITLE not in template:
        return f"must contain {TITLE}, as in {SOURCE}: {TITLE}"
    if set("{}") & set(template.replace(TITLE, "").replace(SOURCE, "")):
        return f"has another placeholder than {TITLE} and {SOURCE}"
    return ""
