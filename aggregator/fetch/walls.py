"""Pages that stand before a feed and test for browsers, or ask for consent: how they are recognized."""

from collections.abc import Mapping

import httpx

from aggregator.fetch.document_shape import is_html_page
from aggregator.fetch.url import host

PEEK = 32 * 1024  # bytes of a page, enough to recognize it

# Marks of common providers in headers and pages; lower case.
_HEADERS = {
    "cf-mitigated": "challenge",
    "x-vercel-mitigated": "challenge",
    "x-amzn-waf-action": "c",  # challenge, captcha
}
_STATUSES = frozenset({403, 429, 503})
# These stand in no other page, so that they count with every status.
_ONLY_IN_WALLS = (
    b"window._cf_chl_opt", b"<title>just a moment...</title>", b'id="anubis_challenge"',
    b"/.within.website/x/cmd/anubis/",
    b"git/go-away/cmd/go-away/", b"captcha-delivery.com", b"incapsula incident id", b'id="px-captcha"',
    b"window.gokuprops", b"sucuri_cloudproxy_js", b"<title>ddos-guard</title>",
    b'action="https://consent.youtube.com/', b'action="https://consent.google.', b"/v2/collectconsent?sessionid=",
    b"dpg media privacy gate",
)  # fmt: skip
# These may be part of ordinary pages: they count with an error status.
_IN_REFUSALS = (
    b"just a moment...", b"/cdn-cgi/challenge-platform/", b"attention required! | cloudflare", b"checking your browser",
    b"enable javascript and cookies to continue", b"ddos-guard", b"_incapsula_resource", b"sucuri website firewall",
    b"px-captcha", b"making sure you're not a bot", b"making sure you&#39;re not a bot",
)  # fmt: skip
_CONSENT_HOSTS = ("consent.", "guce.", "myprivacy.")  # of Google, Yahoo, DPG Media


def names_wall(headers: Mapping[str, str]) -> bool:
    return any(headers.get(name, "").lower().startswith(value) for name, value in _HEADERS.items())


def may_be_wall(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the page of an error should be read to find out."""
    return status in _STATUSES and "html" in headers.get("content-type", "").lower()


def shows_wall(page: bytes) -> bool:
    """For the page of an error."""
    page = page[:PEEK].lower()
    return any(words in page for words in (*_ONLY_IN_WALLS, *_IN_REFUSALS))


def replaces_document(body: bytes, headers: Mapping[str, str], *, asked: httpx.URL, here: httpx.URL) -> bool:
    """For an answer that is no error. A page that names a feed is never taken for a wall."""
    if not is_html_page(body):
        return False
    page = body[:PEEK].lower()
    was_sent_away = host(here) != host(asked) and host(here).startswith(_CONSENT_HOSTS)
    return names_wall(headers) or was_sent_away or any(words in page for words in _ONLY_IN_WALLS)
