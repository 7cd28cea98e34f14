"""An entry that says the same in other bytes: what we show of it stays as it was. Pure."""

from dataclasses import replace

from aggregator.fingerprint import addresses
from aggregator.models import Clean, Draft


def says_the_same(old: Clean, new: Clean) -> bool:
    """Whether only white space, counts of comments and the like differ.

    Addresses that differ are shown as they are now, though they are no edit either: signed ones expire. So is a
    summary beside the content, which the digest does not cover.
    """
    if old.digest != new.digest or addresses(_body(old)) != addresses(_body(new)):
        return False
    return old.summary == new.summary or not (old.content or new.content)


def steadied(old: Draft, new: Draft) -> Draft:
    """The new draft with the words of the old one: what is derived from it stays the same to the byte."""
    return replace(new, title=old.title, summary=old.summary, content=old.content)


def steadied_clean(old: Clean, new: Clean) -> Clean:
    return replace(
        new,
        title=old.title,
        title_html=old.title_html,
        summary=old.summary,
        content=old.content,
        fingerprint=old.fingerprint,
    )


def _body(clean: Clean) -> str:
    return clean.content or clean.summary
