"""What events of sources say. They are stored as English sentences; who shows one in another language finds here which
sentence it is."""

from collections.abc import Mapping

from aggregator.model.status import HealthEventKind
from aggregator.polling.site_evidence import SENTENCES as EVIDENCE
from aggregator.status.advice import ANSWERED, REMEDIES
from aggregator.translations import msgid, msgids

TITLES: Mapping[HealthEventKind, str] = {
    "broke": msgid("{name} is broken"),
    "recovered": msgid("{name} is back"),
    "moved": msgid("{name} moved"),
    "gone": msgid("{name} is gone"),
    "silent": msgid("{name} is silent"),
    "held": msgid("Entries of {name} are held"),
    "site": msgid("{name} seems to be another site"),
}

RECOVERED = msgid("It works again.")
GONE = msgid("Its server says that it is gone for good. It is not asked any more.")
MOVED_TO = msgid("Its address is {address} now.")
MOVED = msgid("Its address is another one now.")
SILENT = msgid("Nothing new came since {day}, {n} days: longer than usual.")
OTHER_SITE = msgid("Its new entries are held until somebody trusts it: {evidence}.")
HELD = msgids(
    "{n} entry is held until it is released: it is old or undated, and unlike any known entry.",
    "{n} entries are held until they are released: they are old or undated, and unlike any known entry.",
)

_MESSAGES = (RECOVERED, GONE, MOVED, MOVED_TO, SILENT, OTHER_SITE, ANSWERED, *EVIDENCE.values())
WHOLE = frozenset(one for one in (*_MESSAGES, *(remedy.means for remedy in REMEDIES)) if "{" not in one)
WITH_GAPS = tuple(one for one in _MESSAGES if "{" in one)
