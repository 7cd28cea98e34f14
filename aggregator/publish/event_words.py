"""What events of sources say, in the words of a page or feed."""

from aggregator.polling.site_evidence import SEPARATOR
from aggregator.render import Words
from aggregator.status.event_texts import HELD, TITLES, WHOLE, WITH_GAPS
from aggregator.text.sentence_gaps import filled_gaps
from aggregator.translations import ENGLISH, msgid

LABELS = {
    "broke": msgid("Broken"),
    "recovered": msgid("Back"),
    "moved": msgid("Moved"),
    "gone": msgid("Gone"),
    "silent": msgid("Silent"),
    "held": msgid("Held entries"),
    "site": msgid("Another site"),
}


def title_said(title: str, words: Words) -> str:
    """The title of an event, which names its source."""
    return _said(title, tuple(TITLES.values()), words) or title


def message_said(message: str, words: Words) -> str:
    """A stored message; as it is where it is none of ours."""
    if message in WHOLE:
        return words.phrase(message)
    return _counted(message, words) or _said(message, WITH_GAPS, words) or message


def _counted(message: str, words: Words) -> str:
    found = next(filter(None, (filled_gaps(one, message) for one in HELD)), {"n": ""})
    return str(words.counted(int(found["n"]), *HELD)) if found["n"].isdecimal() else ""


def _said(text: str, sentences: tuple[str, ...], words: Words) -> str:
    for sentence in sentences:
        if values := filled_gaps(sentence, text):
            return words.phrase(sentence, **{name: _value(name, value, words) for name, value in values.items()})
    return ""


def _value(name: str, value: str, words: Words) -> str:
    """Some gaps hold sentences. A status of HTTP has an English name, and a number for everybody."""
    if name == "status" and words.catalog != ENGLISH:
        return value.partition(" ")[0]
    if name == "evidence":
        return words.phrase(SEPARATOR).join(message_said(one, words) for one in value.split(SEPARATOR))
    return message_said(value, words) if name == "means" else value
