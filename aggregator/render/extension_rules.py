"""Rules of the extension vocabularies for Atom and RSS, where validators and readers check them.

Elements that a vocabulary does not define are left out, and so are invalid values. Of an element that may occur once,
the first stays. JSON Feed has no such rules and contains every element.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from aggregator.model.document import Extension
from aggregator.model.entry import Entry
from aggregator.text.normalize import shorten

Normalizer = Callable[[str], str]  # the value as it is written, "" where it is invalid


def _any(text: str) -> str:
    return text


def _lower(text: str) -> str:
    return text.lower()


def _no_text(_: str) -> str:
    return ""


def _matching(pattern: str) -> Normalizer:
    known = re.compile(pattern, re.ASCII)
    return lambda text: text if known.fullmatch(text) else ""


def _one_of(*values: str) -> Normalizer:
    return lambda text: low if (low := text.lower()) in values else ""


def _between(least: float, most: float) -> Normalizer:
    return lambda text: text if _DIGITS.fullmatch(text) and least <= float(text) <= most else ""


def _shortened(most: int) -> Normalizer:
    return lambda text: shorten(text, most)


def _explicit(text: str) -> str:
    """Apple's two values; publishers still write the older ones."""
    return {"yes": "true", "explicit": "true", "no": "false", "clean": "false"}.get(
        text.lower(), _one_of("true", "false")(text)
    )


def _block(text: str) -> str:
    """Apple: every value other than "yes" means no."""
    return "yes" if text.lower() == "yes" else "no"


def _position(text: str) -> str:
    """Latitude and longitude; some publishers add a height, which is dropped."""
    numbers = re.split(r"[\s,]+", text.strip())
    return " ".join(numbers[:2]) if len(numbers) in (2, 3) and all(map(_NUMBER.fullmatch, numbers)) else ""


def _positions(text: str) -> str:
    numbers = re.split(r"[\s,]+", text.strip())
    is_whole = len(numbers) > 3 and len(numbers) % 2 == 0 and all(map(_NUMBER.fullmatch, numbers))
    return " ".join(numbers) if is_whole else ""


_DIGITS = re.compile(r"[-+]?\d+(?:\.\d*)?")  # digits of any script, which `float` accepts
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?", re.ASCII)
_COUNT = _matching(r"\d+")
_POSITIVE = _matching(r"0*[1-9]\d*")
_DECIMAL = _matching(_NUMBER.pattern)
_AMOUNT = _matching(r"\d+(?:\.\d*)?")
_TRUTH = _one_of("true", "false")
_URL = _matching(r"https?://(?:[A-Za-z0-9-]++\.)++[A-Za-z0-9-]+(?::\d+)?(?:[/?#][0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]*)?")
_URI = _matching(r"[A-Za-z][0-9A-Za-z+.-]*:[0-9A-Za-z;/?:@&=+$.\-_!~*'()%,#]+")
_LANGUAGE = _matching(r"[A-Za-z]{2}(?:-[A-Za-z0-9-]+)?")
_TIME = _matching(r"now|\d+(?:\.\d+)?|\d+:\d\d:\d\d(?:\.\d+)?")
_DATE = _matching(r"\d{4}(?:-\d\d(?:-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?)?)?")
_MIME = _matching(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?")


@dataclass(frozen=True, slots=True)
class ElementRule:
    """The rule of an element. `attributes`: None allows any; `needed`: required ones; `inner`: allowed children."""

    name: str
    text: Normalizer = _any
    attributes: Mapping[str, Normalizer] | None = None
    needed: tuple[str, ...] = ()
    inner: Mapping[str, "ElementRule"] | None = None
    once: bool = True


def _rules(*rules: ElementRule) -> dict[str, ElementRule]:
    """Rules by lowercase name, because some publishers write names in another case."""
    return {rule.name.lower(): rule for rule in rules}


def _plain(prefix: str, names: str, text: Normalizer = _any, *, once: bool = True) -> tuple[ElementRule, ...]:
    """Rules of elements with text only. `names`: separated by spaces."""
    return tuple(ElementRule(f"{prefix}:{name}", text, {}, inner={}, once=once) for name in names.split())


_DC = _rules(*_plain("dc", "type format source"), *_plain("dc", "publisher identifier relation coverage", once=False))
_DCTERMS = _rules(
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

_POINT = _rules(
    ElementRule("geo:lat", _between(-90, 90), {}, inner={}),
    ElementRule("geo:long", _between(-180, 180), {}, inner={}),
    ElementRule("geo:alt", _DECIMAL, {}, inner={}),
)
_GEO = _POINT | _rules(ElementRule("geo:Point", _no_text, {}, inner=_POINT))
_SRS = {"srsName": _any}
_RING = _rules(ElementRule("gml:LinearRing", _no_text, _SRS, inner=_rules(*_plain("gml", "posList", _positions))))
_SHAPES = _rules(
    ElementRule("gml:Point", _no_text, _SRS, inner=_rules(*_plain("gml", "pos", _position))),
    ElementRule("gml:LineString", _no_text, _SRS, inner=_rules(*_plain("gml", "posList", _positions))),
    ElementRule("gml:Polygon", _no_text, _SRS, inner=_rules(ElementRule("gml:exterior", _no_text, {}, inner=_RING))),
    ElementRule("gml:Envelope", _no_text, _SRS, inner=_rules(*_plain("gml", "lowerCorner upperCorner", _position))),
)
_GEORSS = _rules(
    ElementRule("georss:where", _no_text, {}, inner=_SHAPES, once=False),
    *_plain("georss", "point", _position, once=False),
    *_plain("georss", "line polygon", _positions, once=False),
    *_plain("georss", "featureTypeTag relationshipTag featureName", once=False),
    *_plain("georss", "elev", _DECIMAL),
    *_plain("georss", "floor", _matching(r"[-+]?\d+")),
    *_plain("georss", "radius", _AMOUNT),
)

_ITUNES = _rules(
    *_plain("itunes", "block", _block),
    *_plain("itunes", "explicit", _explicit),
    *_plain("itunes", "subtitle", _shortened(255)),
    *_plain("itunes", "summary", _shortened(4000)),
    *_plain("itunes", "title"),
    *_plain("itunes", "duration", _matching(r"\d+(?::[0-5]\d(?::[0-5]\d)?)?")),
    *_plain("itunes", "episode season", _POSITIVE),
    *_plain("itunes", "episodeType", _one_of("full", "trailer", "bonus")),
    ElementRule("itunes:image", _no_text, {"href": _URL}, ("href",), {}),
)

_RATINGS = {
    "urn:simple": _one_of("adult", "nonadult"),
    "urn:mpaa": _one_of("g", "m", "nc-17", "pg", "pg-13", "r", "x"),
    "urn:v-chip": _one_of(
        "14+", "18+", "c", "c8", "g", "pg", "tv-14", "tv-g", "tv-ma", "tv-pg", "tv-y", "tv-y7", "tv-y7-fv"
    ),
    "urn:icra": _matching(r"r \((?:[nsvlocx]z [01]|[nsvlocx][a-j] 1)(?: (?:[nsvlocx]z [01]|[nsvlocx][a-j] 1))*\)"),
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
_PLAIN = {"type": _one_of("plain")}
_SIZE = {"height": _POSITIVE, "width": _POSITIVE}
_ABOUT_MEDIA = _rules(
    ElementRule("media:copyright", _any, {"url": _URI}, inner={}),
    ElementRule("media:credit", _any, {"role": _lower, "scheme": _URI}, inner={}, once=False),
    ElementRule("media:description", _any, _PLAIN, inner={}),
    ElementRule("media:title", _any, _PLAIN, inner={}),
    ElementRule("media:text", _any, _PLAIN | {"end": _TIME, "lang": _LANGUAGE, "start": _TIME}, inner={}, once=False),
    ElementRule("media:hash", _matching(r"[0-9A-Za-z]+"), {"algo": _one_of("md5", "sha-1")}, inner={}, once=False),
    ElementRule("media:player", _no_text, _SIZE | {"url": _URI}, ("url",), {}, once=False),
    ElementRule("media:rating", _any, {"scheme": _URI}, inner={}, once=False),
    ElementRule("media:restriction", _any,
                {"relationship": _one_of("allow", "deny"), "type": _one_of("country", "uri")},
                ("relationship",), {}, once=False),
    ElementRule("media:thumbnail", _no_text, _SIZE | {"time": _TIME, "url": _URI}, ("url",), {}, once=False),
)  # fmt: skip
_CONTENT = ElementRule(
    "media:content",
    _no_text,
    _SIZE
    | {
        "bitrate": _AMOUNT,
        "channels": _COUNT,
        "duration": _AMOUNT,
        "expression": _one_of("sample", "full", "nonstop"),
        "fileSize": _POSITIVE,
        "framerate": _AMOUNT,
        "isDefault": _TRUTH,
        "lang": _LANGUAGE,
        "medium": _one_of("image", "audio", "video", "document", "executable"),
        "samplingrate": _AMOUNT,
        "type": _MIME,
        "url": _URI,
    },
    inner=_ABOUT_MEDIA,
    once=False,
)
_MEDIA = _ABOUT_MEDIA | _rules(
    _CONTENT, ElementRule("media:group", _no_text, {}, inner=_ABOUT_MEDIA | _rules(_CONTENT), once=False)
)

KNOWN: Mapping[str, ElementRule] = (
    _DC
    | _DCTERMS
    | _GEO
    | _GEORSS
    | _ITUNES
    | _MEDIA
    | _rules(
        *_plain("slash", "comments", _COUNT),
        *_plain("slash", "hit_parade", _matching(r"\d+(?:,\s*\d+)*")),
        *_plain("slash", "section department", once=False),
        *_plain("thr", "total", _COUNT),
        ElementRule("thr:in-reply-to", _no_text, {"href": _URI, "ref": _any, "source": _URI, "type": _MIME},
                    ("ref",), {}, once=False),
        *_plain("wfw", "comment commentRss", _URI),
    )
)  # fmt: skip
_FREE = frozenset({"podcast", "psc"})  # prefixes of vocabularies that no validator checks


def conforming(entry: Entry) -> Entry:
    """The entry with only those extensions that their vocabularies allow."""
    extras = entry.clean.extras
    return replace(entry, clean=replace(entry.clean, extras=tuple(_conforming(extras)))) if extras else entry


def _conforming(extras: Iterable[Extension]) -> Iterator[Extension]:
    known = _allowed((one for extra in extras for one in _translated(extra)), KNOWN)
    yield from _once(_ungrouped(known), KNOWN)


def _allowed(extras: Iterable[Extension], known: Mapping[str, ElementRule]) -> Iterator[Extension]:
    """The elements that are `known`, each with its allowed attributes and children."""
    for extra in extras:
        if extra.name.partition(":")[0] in _FREE:
            yield extra
        elif (rule := known.get(extra.name.lower())) and (found := _conforming_element(extra, rule)):
            yield found


def _conforming_element(extra: Extension, rule: ElementRule) -> Extension | None:
    attributes = tuple(_with_valid_role(rule.name, tuple(_attributes(extra, rule))))
    text = rule.text(extra.text) if extra.text else ""
    children = tuple(_once(_allowed(extra.children, rule.inner or {}), rule.inner or {}))
    is_complete = {name for name, _ in attributes}.issuperset(rule.needed)
    has_content = bool(text or children or (attributes and not extra.text.strip() and not extra.children))
    element = _with_valid_rating(Extension(rule.name, attributes, text, children))
    return element if is_complete and (has_content or rule.needed) and _is_consistent(element) else None


def _attributes(extra: Extension, rule: ElementRule) -> Iterator[tuple[str, str]]:
    for name, value in extra.attributes:
        if rule.attributes is None:
            yield name, value
        elif (normalize := rule.attributes.get(name)) and (normalized := normalize(value)):
            yield name, normalized


def _with_valid_role(name: str, attributes: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    """Drops a role that its scheme does not have; the default scheme is the European Broadcasting Union's."""
    is_ebu = name == "media:credit" and dict(attributes).get("scheme", "urn:ebu") == "urn:ebu"
    yield from ((key, value) for key, value in attributes if not (is_ebu and key == "role" and value not in _ROLES))


def _with_valid_rating(extra: Extension) -> Extension:
    """A rating must be one of its scheme, in lowercase; otherwise its text is dropped."""
    if extra.name != "media:rating":
        return extra
    scheme = dict(extra.attributes).get("scheme", "urn:simple")
    return replace(extra, text=_RATINGS.get(scheme, _any)(extra.text))


def _is_consistent(extra: Extension) -> bool:
    """Checks rules that depend on more than one value of an element."""
    attributes = dict(extra.attributes)
    match extra.name:
        case "media:rating":
            return bool(extra.text)
        case "media:hash":
            return len(extra.text) == (40 if attributes.get("algo") == "sha-1" else 32)
        case "media:restriction":
            kind = attributes.get("type")
            return bool((_one_of("all", "none") if kind is None else _URI if kind == "uri" else _COUNTRIES)(extra.text))
        case "geo:Point":
            return {"geo:lat", "geo:long"} <= {child.name for child in extra.children}
    return True


_COUNTRIES = _matching(r"(?!XX\b)[A-Za-z]{2}(?: (?!XX\b)[A-Za-z]{2})*")


def _translated(extra: Extension) -> Iterator[Extension]:
    """The element in a form that more readers understand."""
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


def _ungrouped(extras: Iterable[Extension]) -> Iterator[Extension]:
    """Replaces a media:group with fewer than two media:content by its children."""
    for extra in extras:
        media = sum(child.name == "media:content" for child in extra.children)
        if extra.name == "media:group" and media < 2:
            yield from extra.children
        else:
            yield extra


def _once(extras: Iterable[Extension], known: Mapping[str, ElementRule]) -> Iterator[Extension]:
    seen: set[str] = set()
    for extra in extras:
        rule = known.get(extra.name.lower())
        if rule is None or not rule.once or extra.name not in seen:
            yield extra
        seen.add(extra.name)
