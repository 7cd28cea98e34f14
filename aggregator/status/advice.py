"""The meaning of each class of fault, and what to do. Pure tables: no text of a server gets into them."""

from http import HTTPStatus

from aggregator.model.status import Remedy
from aggregator.translations import msgid

ANSWERED = msgid("{means} (Its server answers {status}.)")
_ANSWERED = "the server answered "

OF_KIND = {
    "dns": Remedy(
        "The name of its host is not known.",
        "Look at the address for a slip; if the site moved, give the new one with `aggregator source move ID URL`.",
    ),
    "connect": Remedy(
        "Nothing answers at its address.",
        "Wait a day: it is asked again by itself. If it stays so, the site is down or has moved.",
    ),
    "tls": Remedy(
        "Its certificate is not trusted, or a secure connection failed.",
        "Open the address in a browser: if that warns as well, tell its owner.",
    ),
    "timeout": Remedy(
        "It takes too long to answer.",
        "Wait a day. If it is always slow, raise `fetch.timeout`.",
    ),
    "status": Remedy(
        "Its answer is not valid HTTP.",
        "Open the address in a browser to see what stands there now.",
    ),
    "redirect": Remedy(
        "Its redirects lead in a circle, nowhere, or to an address that is refused.",
        "Find the feed's present address and give it with `aggregator source move ID URL`.",
    ),
    "too-large": Remedy(
        "The feed is too large.",
        "Raise `fetch.max_bytes`, or look for a feed of fewer entries.",
    ),
    "truncated": Remedy(
        "The answer was cut off.",
        "Wait: it is asked again by itself. If it stays so, tell its owner.",
    ),
    "forbidden-address": Remedy(
        "Its host has a private address, which is not asked.",
        "If it is a machine of your own, list its network in `fetch.allow_networks`; else remove it.",
    ),
    "bot-wall": Remedy(
        "A challenge page against robots blocks feed readers.",
        "Ask its owner to let feed readers in, or look for another address of the feed.",
    ),
    "not-a-feed": Remedy(
        "There is no feed at its address.",
        "`aggregator source add URL --dry-run` finds the feed of a page; give it with `aggregator source move ID URL`.",
    ),
    "parse": Remedy(
        "It looks like a feed but cannot be read.",
        "Tell its owner, with the address of a feed validator; until then what we have of it stays.",
    ),
    "config": Remedy(
        "Its address is not valid.",
        "`aggregator check` names the line of the config and what would be right.",
    ),
    "folder": Remedy(
        "Its folder cannot be read.",
        "See that the folder is there and may be read; what we have of it stays.",
    ),
    "front-matter": Remedy(
        "Most of its posts disappeared at once.",
        "If that is meant, wait an hour and run again; if not, bring them back.",
    ),
}

OF_STATUS = {
    401: Remedy("It requires a user name and a password.", "Set `auth` of this source in the config."),
    403: Remedy("It refuses access.", "Ask its owner, or look for another address of the feed."),
    404: Remedy(
        "There is nothing at its address.",
        "Find the feed's new address and give it with `aggregator source move ID URL`; or remove it.",
    ),
    410: Remedy(
        "Its server says that it is gone for good.",
        "Remove it with `aggregator source remove ID`, or give a new address with `aggregator source move ID URL`.",
    ),
    429: Remedy(
        "Its server says that it was asked too often.", "Wait; if it goes on, set a longer `every` for this source."
    ),
    451: Remedy("It may not serve the feed for legal reasons.", "Look for another address, or remove it."),
}
TROUBLED = Remedy("Its server has an internal error.", "Wait: it is asked again by itself.")
UNSUITED = Remedy("Its server does not send the feed.", "Open the address in a browser to see what stands there now.")
UNKNOWN = Remedy("Something else went wrong.", "The message tells more.")
REMEDIES = (*OF_KIND.values(), *OF_STATUS.values(), TROUBLED, UNSUITED, UNKNOWN)


def advice(kind: str, message: str = "") -> Remedy:
    """`message`: as the fault was recorded. Only the number of an HTTP status is read from it, never words."""
    if kind == "status" and (status := status_of(message)):
        if 500 <= status < 600:
            return TROUBLED
        return OF_STATUS.get(status, UNSUITED)
    return OF_KIND.get(kind, UNKNOWN)


def status_of(message: str) -> int:
    """The HTTP status in the message of a fault, 0 for none."""
    status = message.partition(_ANSWERED)[2][:4]
    digits, rest = status[:3], status[3:]
    is_status = digits.isascii() and digits.isdecimal() and len(digits) == 3 and "1" <= digits[0] <= "5"
    return int(digits) if is_status and not (rest.isalnum() or rest == "_") else 0


def sentence(kind: str, message: str) -> str:
    """A sentence that may be published, because no word of it comes from a server."""
    means, status = advice(kind, message).means, status_of(message) if kind == "status" else 0
    if not status:
        return means
    try:
        return ANSWERED.format(means=means, status=f"{status} {HTTPStatus(status).phrase}")
    except ValueError:
        return ANSWERED.format(means=means, status=status)
