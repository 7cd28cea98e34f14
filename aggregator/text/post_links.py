"""The template of `posts.link`: the link of a post that has none of its own. Pure."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from aggregator.text.slugs import slugify

NAMING = ("path", "slug", "title", "id")  # a template has one of them, because it names one post
DATED = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class PostFacts:
    """What a template knows of a post. `path`: of its file, without suffix; `slug`: as its front matter says, else the
    file's name without its date; `title` and `id`: "" where it has none; `date`: as it is written, in its own zone."""

    path: str
    slug: str
    title: str
    id: str
    date: datetime | None


def filled(template: str, post: PostFacts) -> str:
    """The link, its values percent-encoded. Raises ValueError, naming the placeholder, where the post has no value."""
    values = {
        "path": quote(post.path, safe="/"),
        "slug": quote(post.slug.strip("/"), safe="/"),
        "title": slugify(post.title) if post.title else quote(post.slug.strip("/"), safe="/"),
        "id": quote(post.id, safe=""),
        "year": f"{post.date:%Y}" if post.date else "",
        "month": f"{post.date:%m}" if post.date else "",
        "day": f"{post.date:%d}" if post.date else "",
    }
    parts = []
    for part in _parts(template):
        is_placeholder = part[:1] == "{"
        parts.append(values.get(part[1:-1], "") if is_placeholder else part)
        if is_placeholder and not parts[-1]:
            raise ValueError(part)
    return "".join(parts)


def template_fault(template: str) -> str:
    """What is wrong with the placeholders of a template, "" where nothing is."""
    known = [f"{{{name}}}" for name in (*NAMING, *DATED)]
    if not any(one in template for one in known[: len(NAMING)]):
        return "must contain {path} once, or {slug}, {title} or {id}, as in https://blog.example/{path}/"
    if any(part not in known for part in _parts(template) if "{" in part or "}" in part):
        return f"has another placeholder than {', '.join(known)}"
    return ""


def may_come_from(template: str, link: str) -> bool:
    """Whether a link begins and ends as those that the template gives, whatever stands between."""
    head, tail = template.partition("{")[0], template.rpartition("}")[2]
    return len(link) > len(head) + len(tail) and link.startswith(head) and link.endswith(tail)


def _parts(template: str) -> list[str]:
    """The template cut into placeholders, with their braces, and the texts between."""
    parts = []
    while template:
        text, opening, rest = template.partition("{")
        name, closing, after = rest.partition("}")
        parts += [text, f"{opening}{name}{closing}"]
        template = after
    return [part for part in parts if part]
