"""What a clean entry says about the site that it stands on. Pure."""

from aggregator.html.plain_text import linked_addresses
from aggregator.model.entry import CleanEntry
from aggregator.polling.site_memory import EntryTraits
from aggregator.text.language import script_of
from aggregator.text.normalize import fold
from aggregator.text.registrable_domain import registrable_domain
from aggregator.text.urls import host_of
from aggregator.text.words import LONGEST

MOST_LINKS = 50  # of an entry


def traits_of(clean: CleanEntry) -> EntryTraits:
    return EntryTraits(
        home=domain_of(clean.link),
        leads=frozenset(map(domain_of, linked_addresses(clean.content or clean.summary, MOST_LINKS))) - {""},
        script=script_of(_text(clean)),
        terms=frozenset(fold(one.term) for one in (*clean.terms, *clean.tags)) - {""},
        text=compared_text(clean),
    )


def compared_text(clean: CleanEntry) -> str:
    return _text(clean)[:LONGEST]


def _text(clean: CleanEntry) -> str:
    return f"{clean.fingerprint.title}\n{clean.fingerprint.text}"


def domain_of(address: str) -> str:
    """The registrable domain of a web address, "" for others."""
    host = host_of(address)
    return registrable_domain(host) if host else ""
