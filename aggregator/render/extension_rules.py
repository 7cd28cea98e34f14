"""Elements of other vocabularies as these define them: in XML, where validators and readers hold them to it.

What a vocabulary has no such element for is left out of Atom and RSS, as is a value that is not of its kind; of what it
has once, the first stays. JSON Feed, which has no such rules, says everything.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from aggregator.model.document import Extension
from aggregator.model.entry import Entry
from aggregator.text.normalize import shorten

Reading = Callable[[str], str]  # the value as it is to be written, "" where it is none


def _anything(text: str) -> str:
    return text


def _low(text: str) -> str:
    return text.lower()


def _nothing(_: str) -> str:
    return ""


def _like(pattern: str) -> Reading:
    known = re.compile(pattern, re.ASCII)
    return lambda text: text if known.fullmatch(text) else ""


def _among(*values: str) -> Reading:
    return lambda text: low if (low := text.lower()) in values else ""


def _between(least: float, most: float) -> Reading:
    return lambda text: text if _DIGITS.fullmatch(text) and least <= float(text) <= most else ""


def _within(most: int) -> Reading:
    return lambda text: shorten(text, most)


def _explicit(text: str) -> str:
    """Apple's two words; those that it had before are still written."""
    return {"yes": "true", "explicit": "true", "no": "false", "clean": "false"}.get(
        text.lower(), _among("true", "false")(text)
    )


def _block(text: str) -> str:
    """Apple: any other word than yes blocks nothing."""
    return "yes" if text.lower() == "yes" else "no"


def _position(text: str) -> str:
    """Latitude and longitude; a height comes after them in some."""
    numbers = re.split(r"[\s,]+", text.strip())
    return " ".join(numbers[:2]) if len(numbers) in (2, 3) and all(map(_NUMBER.fullmatch, numbers)) else ""


def _positions(text: str) -> str:
    numbers = re.split(r"[\s,]+", text.strip())
    is_whole = len(numbers) > 3 and len(numbers) % 2 == 0 and all(map(_NUMBER.fullmatch, numbers))
    return " ".join(numbers) if is_whole else ""


_DIGITS = re.compile(r"[-+]?\d+(?:\.\d*)?")  # of any script, as `float` takes them
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?", re.ASCII)
_COUNT = _like(r"\d+")
_POSITIVE = _like(r"0*[1-9]\d*")
_DECIMAL = _like(_NUMBER.pattern)
_AMOUNT = _like(r"\d+(?:\.\d*)?")
_TRUTH = _among("true", "false")
_URL = _like(r"https?://(?:[A-Za-z0-9-]++\.)++[A-Za-z0-9-]+(?::\d+)?(?:[/?#][0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]*)?")
_URI = _like(r"[A-Za-z][0-9A-Za-z+.-]*:[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]+")
_LANGUAGE = _like(r"[A-Za-z]{2}(?:-[A-Za-z0-9-]+)?")
_TIME = _like(r"now|\d+(?:\.\d+)?|\d+:\d\d:\d\d(?:\.\d+)?")
_DATE = _like(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_MIME = _like(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?")


@dataclass(frozen=True, slots=True)
class Kind:
    """An element: its text, its attributes (None for any), those that it needs, and what may be in it."""

    name: str
    text: Reading = _anything
    attributes: Mapping[str, Reading] | None = None
    needed: tuple[str, ...] = ()
    inner: Mapping[str, "Kind"] | None = None
    once: bool = True


def _kinds(*kinds: Kind) -> dict[str, Kind]:
    """By name in any case, as some write them."""
    return {kind.name.lower(): kind for kind in kinds}


def _plain(prefix: str, names: str, text: Reading = _anything, *, once: bool = True) -> tuple[Kind, ...]:
    """Elements that are nothing but a text."""
    return tuple(Kind(f"{prefix}:{name}", text, {}, inner={}, once=once) for name in names.split())


_DC = _kinds(*_plain("dc", "type format source"), *_plain("dc", "publisher identifier relation coverage", once=False))
_DCTERMS = _kinds(
    *_plain("dcterms", "abstract dateAccepted dateCopyrighted dateSubmitted mediator tableOfContents"),
    *_plain("dcterms", "created", _DATE),
    *_plain("dcterms", "extent", _POSITIVE),
    *_plain(
        "dcterms",
        "accessRights accrualMethod accrualPeriodicity accrualPolicy alternative audience available"
        " bibliographicCitation conformsTo educationLevel hasFormat hasPart hasVersion instructionalMethod isFormatOf"
        " isPartOf isReferencedBy isReplacedBy isRequiredBy isVersionOf license provenance references replaces requires"
        " rightsHolder spatial temporal valid",
        once=False,
    ),
)
_ALSO_IN_DC = re.compile("dcterms:(coverage|format|identifier|publisher|relation|source|type)", re.IGNORECASE)

_POINT = _kinds(
    Kind("geo:lat", _between(-90, 90), {}, inner={}),
    Kind("geo:long", _between(-180, 180), {}, inner={}),
    Kind("geo:alt", _DECIMAL, {}, inner={}),
)
_GEO = _POINT | _kinds(Kind("geo:Point", _nothing, {}, inner=_POINT))
_SRS = {"srsName": _anything}
_RING = _kinds(Kind("gml:LinearRing", _nothing, _SRS, inner=_kinds(*_plain("gml", "posList", _positions))))
_SHAPES = _kinds(
    Kind("gml:Point", _nothing, _SRS, inner=_kinds(*_plain("gml", "pos", _position))),
    Kind("gml:LineString", _nothing, _SRS, inner=_kinds(*_plain("gml", "posList", _positions))),
    Kind("gml:Polygon", _nothing, _SRS, inner=_kinds(Kind("gml:exterior", _nothing, {}, inner=_RING))),
    Kind("gml:Envelope", _nothing, _SRS, inner=_kinds(*_plain("gml", "lowerCorner upperCorner", _position))),
)
_GEORSS = _kinds(
    Kind("georss:where", _nothing, {}, inner=_SHAPES, once=False),
    *_plain("georss", "point", _position, once=False),
    *_plain("georss", "line polygon", _positions, once=False),
    *_plain("georss", "featureTypeTag relationshipTag featureName", once=False),
    *_plain("georss", "elev", _DECIMAL),
    *_plain("georss", "floor", _like(r"[-+]?\d+")),
    *_plain("georss", "radius", _AMOUNT),
)

_ITUNES = _kinds(
    *_plain("itunes", "block", _block),
    *_plain("itunes", "explicit", _explicit),
    *_plain("itunes", "subtitle", _within(255)),
    *_plain("itunes", "summary", _within(4000)),
    *_plain("itunes", "title"),
    *_plain("itunes", "duration", _like(r"\d+(?::[0-5]\d(?::[0-5]\d)?)?")),
    *_plain("itunes", "episode season", _POSITIVE),
    *_plain("itunes", "episodeType", _among("full", "trailer", "bonus")),
    Kind("itunes:image", _nothing, {"href": _URL}, ("href",), {}),
)

_RATINGS = {
    "urn:simple": _among("adult", "nonadult"),
    "urn:mpaa": _among("g", "m", "nc-17", "pg", "pg-13", "r", "x"),
    "urn:v-chip": _among(
        "14+", "18+", "c", "c8", "g", "pg", "tv-14", "tv-g", "tv-ma", "tv-pg", "tv-y", "tv-y7", "tv-y7-fv"
    ),
    "urn:icra": _like(r"r \((?:[nsvlocx]z [01]|[nsvlocx][a-j] 1)(?: (?:[nsvlocx]z [01]|[nsvlocx][a-j] 1))*\)"),
}
_ROLES = frozenset(
    (
        "actor, adaptor, anchor person, animal trainer, animator, announcer, armourer, art director, artist, "
        "artist/performer, assistant camera, assistant chief lighting technician, assistant director, assistant "
        "producer, assistant visual editor, author, broadcast assistant, broadcast journalist, camera operator, "
        "carpenter, casting, causeur, chief lighting technician, choir, choreographer, clapper loader, commentary or "
        "commentator, commissioning broadcaster, composer, computer programmer, conductor, consultant, continuity "
        "checker, correspondent, costume designer, dancer, dialogue coach, director, director of photography, "
        "distribution company, draughtsman, dresser, dubber, editor, editor/producer, ensemble, executive producer, "
        "expert, fight director, floor manager, focus puller, foley artist, foley editor, foley mixer, graphic "
        "assistant, graphic designer, greensman, grip, hairdresser, illustrator, interviewed guest, interviewer, key "
        "character, key grip, key talents, leadman, librettist, lighting director, lighting technician, location "
        "manager, lyricist, make up artist, manufacturer, matte artist, music arranger, music group, musician, news "
        "reader, orchestra, participant, performer, photographer, post, producer, production assistant, production "
        "company, production department, production manager, production secretary, programme production researcher, "
        "programme proposal, property manager, publishing company, puppeteer, pyrotechnician, reporter, rigger, "
        "runner, scenario, scenic operative, script supervisor, second assistant camera, second assistant director, "
        "second unit director, set designer, set dresser, sign language, singer, sound designer, sound mixer, "
        "sound recordist, "
        "special effects, stunts, subtitles, technical director, term, translation, transportation manager, treatment, "
        "treatment proposal, treatment/programme proposal, vision mixer, visual editor, visual effects, wardrobe, "
        "witness"
    ).split(", ")
)  # EBU role codes, as Media RSS names them
_PLAIN = {"type": _among("plain")}
_SIZE = {"height": _POSITIVE, "width": _POSITIVE}
_ABOUT_MEDIA = _kinds(
    Kind("media:copyright", _anything, {"url": _URI}, inner={}),
    Kind("media:credit", _anything, {"role": _low, "scheme": _URI}, inner={}, once=False),
    Kind("media:description", _anything, _PLAIN, inner={}),
    Kind("media:title", _anything, _PLAIN, inner={}),
    Kind("media:text", _anything, _PLAIN | {"end": _TIME, "lang": _LANGUAGE, "start": _TIME}, inner={}, once=False),
    Kind("media:hash", _like(r"[0-9A-Za-z]+"), {"algo": _among("md5", "sha-1")}, inner={}, once=False),
    Kind("media:player", _nothing, _SIZE | {"url": _URI}, ("url",), {}, once=False),
    Kind("media:rating", _anything, {"scheme": _URI}, inner={}, once=False),
    Kind("media:restriction", _anything, {"relationship": _among("allow", "deny"), "type": _among("country", "uri")},
         ("relationship",), {}, once=False),
    Kind("media:thumbnail", _nothing, _SIZE | {"time": _TIME, "url": _URI}, ("url",), {}, once=False),
)  # fmt: skip
_CONTENT = Kind(
    "media:content",
    _nothing,
    _SIZE
    | {
        "bitrate": _AMOUNT,
        "channels": _COUNT,
        "duration": _AMOUNT,
        "expression": _among("sample", "full", "nonstop"),
        "fileSize": _POSITIVE,
        "framerate": _AMOUNT,
        "isDefault": _TRUTH,
        "lang": _LANGUAGE,
        "medium": _among("image", "audio", "video", "document", "executable"),
        "samplingrate": _AMOUNT,
        "type": _MIME,
        "url": _URI,
    },
    inner=_ABOUT_MEDIA,
    once=False,
)
_MEDIA = _ABOUT_MEDIA | _kinds(
    _CONTENT, Kind("media:group", _nothing, {}, inner=_ABOUT_MEDIA | _kinds(_CONTENT), once=False)
)

KNOWN: Mapping[str, Kind] = (
    _DC
    | _DCTERMS
    | _GEO
    | _GEORSS
    | _ITUNES
    | _MEDIA
    | _kinds(
        *_plain("slash", "comments", _COUNT),
        *_plain("slash", "hit_parade", _like(r"\d+(?:,\s*\d+)*")),
        *_plain("slash", "section department", once=False),
        *_plain("thr", "total", _COUNT),
        Kind("thr:in-reply-to", _nothing, {"href": _URI, "ref": _anything, "source": _URI, "type": _MIME}, ("ref",), {},
             once=False),
        *_plain("wfw", "comment commentRss", _URI),
    )
)  # fmt: skip
_FREE = frozenset({"podcast", "psc"})  # prefixes of what no validator has rules for


def conforming(entry: Entry) -> Entry:
    """The entry with what its vocabularies allow of its extras."""
    extras = entry.clean.extras
    return replace(entry, clean=replace(entry.clean, extras=tuple(_conforming(extras)))) if extras else entry


def _conforming(extras: Iterable[Extension]) -> Iterator[Extension]:
    given = (one for extra in extras for one in _spelled(extra))
    yield from _once((one for one in _ungrouped(list(_of(given, KNOWN)))), KNOWN)


def _of(extras: Iterable[Extension], known: Mapping[str, Kind]) -> Iterator[Extension]:
    """Those that are `known`, each with what it may have."""
    for extra in extras:
        if extra.name.partition(":")[0] in _FREE:
            yield extra
        elif (kind := known.get(extra.name.lower())) and (found := _shaped(extra, kind)):
            yield found


def _shaped(extra: Extension, kind: Kind) -> Extension | None:
    attributes = tuple(_played(kind.name, tuple(_attributes(extra, kind))))
    text = kind.text(extra.text) if extra.text else ""
    children = tuple(_once(_of(extra.children, kind.inner or {}), kind.inner or {}))
    has_all = {name for name, _ in attributes}.issuperset(kind.needed)
    says = bool(text or children or (attributes and not extra.text.strip() and not extra.children))
    shaped = _rated(Extension(kind.name, attributes, text, children))
    return shaped if has_all and (says or kind.needed) and _agrees(shaped) else None


def _attributes(extra: Extension, kind: Kind) -> Iterator[tuple[str, str]]:
    for name, value in extra.attributes:
        if kind.attributes is None:
            yield name, value
        elif (reading := kind.attributes.get(name)) and (written := reading(value)):
            yield name, written


def _played(name: str, attributes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """A role is one of its scheme; the European Broadcasting Union's is meant where none is named."""
    is_ebu = name == "media:credit" and dict(attributes).get("scheme", "urn:ebu") == "urn:ebu"
    yield from ((key, value) for key, value in attributes if not (is_ebu and key == "role" and value not in _ROLES))


def _rated(extra: Extension) -> Extension:
    """A rating is one of its scheme, in small letters."""
    if extra.name != "media:rating":
        return extra
    scheme = dict(extra.attributes).get("scheme", "urn:simple")
    return replace(extra, text=_RATINGS.get(scheme, _anything)(extra.text))


def _agrees(extra: Extension) -> bool:
    """What depends on more than one value of an element."""
    said = dict(extra.attributes)
    match extra.name:
        case "media:rating":
            return bool(extra.text)
        case "media:hash":
            return len(extra.text) == (40 if said.get("algo") == "sha-1" else 32)
        case "media:restriction":
            kind = said.get("type")
            return bool((_among("all", "none") if kind is None else _URI if kind == "uri" else _COUNTRIES)(extra.text))
        case "geo:Point":
            return {"geo:lat", "geo:long"} <= {child.name for child in extra.children}
    return True


_COUNTRIES = _like(r"(?!XX\b)[A-Za-z]{2}(?: (?!XX\b)[A-Za-z]{2})*")


def _spelled(extra: Extension) -> Iterator[Extension]:
    """The same in words that more readers know."""
    low = extra.name.lower()
    if found := _ALSO_IN_DC.fullmatch(extra.name):
        yield replace(extra, name=f"dc:{found[1].lower()}")
    elif low == "georss:box" and (corners := _positions(extra.text)).count(" ") == 3:
        yield _where(_envelope(corners.split()))
    elif low == "itunes:image" and "href" not in dict(extra.attributes):
        yield replace(extra, attributes=tuple(("href", value) for name, value in extra.attributes if name == "url"))
    elif low in _SHAPES:
        yield _where(extra)
    else:
        yield extra


def _where(shape: Extension) -> Extension:
    return Extension("georss:where", children=(shape,))


def _envelope(corners: list[str]) -> Extension:
    lower, upper = " ".join(corners[:2]), " ".join(corners[2:])
    return Extension(
        "gml:Envelope", children=(Extension("gml:lowerCorner", text=lower), Extension("gml:upperCorner", text=upper))
    )


def _ungrouped(extras: list[Extension]) -> Iterator[Extension]:
    """A group is of several media: what stands in another stands for itself."""
    for extra in extras:
        media = sum(child.name == "media:content" for child in extra.children)
        if extra.name == "media:group" and media < 2:
            yield from extra.children
        else:
            yield extra


def _once(extras: Iterable[Extension], known: Mapping[str, Kind]) -> Iterator[Extension]:
    seen: set[str] = set()
    for extra in extras:
        kind = known.get(extra.name.lower())
        if kind is None or not kind.once or extra.name not in seen:
            yield extra
        seen.add(extra.name)
