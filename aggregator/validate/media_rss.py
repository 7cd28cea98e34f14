"""Rules of Media RSS, which both XML formats use."""

from aggregator.text.media_types import is_media_type
from aggregator.validate.element_rules import Element
from aggregator.validate.finding import Findings, fault
from aggregator.validate.values import is_count, is_link

MEDIA = "{http://search.yahoo.com/mrss/}"


def media_faults(entry: Element) -> Findings:
    for element in entry.iterdescendants(f"{MEDIA}content", f"{MEDIA}thumbnail"):
        url = element.get("url")
        if url is None or not is_link(url):
            yield fault("Media RSS: the url of media:content or media:thumbnail is absolute", url or "")
        if element.get("fileSize") == "0":
            yield fault("Media RSS: fileSize is a number of bytes above 0", "0")
        for name in ("fileSize", "duration", "width", "height"):
            if (value := element.get(name)) is not None and not is_count(value):
                yield fault(f"Media RSS: {name} is a number", value)
        if (media := element.get("type")) is not None and not is_media_type(media):
            yield fault("Media RSS: a media type", media)
