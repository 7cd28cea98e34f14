"""The evidence that a source is another site, in words of ours; none of the source's. Pure."""

from collections.abc import Mapping

from aggregator.polling.site_change import Evidence, Kind
from aggregator.translations import msgid

SENTENCES: Mapping[Kind, str] = {
    "title": msgid("the feed has quite another title"),
    "address": msgid("its address leads to another domain for good"),
    "script": msgid("{count} of its last {of} new entries are in a script that it never used"),
    "links": msgid("{count} of its last {of} new entries lead to sites that it never led to"),
    "words": msgid("{count} of its last {of} new entries are in words foreign to it"),
    "language": msgid("{count} of its last {of} new entries are in a language that it never used"),
    "categories": msgid("{count} of its last {of} new entries have only categories that it never had"),
}
SEPARATOR = msgid("; ")


def evidence_text(found: list[Evidence]) -> str:
    return SEPARATOR.join(SENTENCES[one.kind].format(count=one.count, of=one.of) for one in found)
