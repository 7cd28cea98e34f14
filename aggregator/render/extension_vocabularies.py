"""The elements that each extension vocabulary defines, with their attributes, children and values."""

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.render.extension_values import (
    AMOUNT,
    COUNT,
    COUNTS,
    DATE,
    DECIMAL,
    DURATION,
    HASH,
    ICRA,
    LANGUAGE,
    MIME,
    POSITIVE,
    TIME,
    TRUTH,
    URI,
    URL,
    WHOLE,
    Normalizer,
    any_text,
    between,
    block,
    explicit,
    lower,
    no_text,
    one_of,
    position,
    positions,
    shortened,
)


@dataclass(frozen=True, slots=True)
class ElementRule:
    """The rule of an element. `attributes`: None allows any; `needed`: required ones; `inner`: allowed children."""

    name: str
    text: Normalizer = any_text
    attributes: Mapping[str, Normalizer] | None = None
    needed: tuple[str, ...] = ()
    inner: Mapping[str, "ElementRule"] | None = None
    once: bool = True


def _rules(*rules: ElementRule) -> dict[str, ElementRule]:
    """Rules by lowercase name, because some publishers write names in another case."""
    return {rule.name.lower(): rule for rule in rules}


def _plain(prefix: str, names: str, text: Normalizer = any_text, *, once: bool = True) -> tuple[ElementRule, ...]:
    """Rules of elements with text only. `names`: separated by spaces."""
    return tuple(ElementRule(f"{prefix}:{name}", text, {}, inner={}, once=once) for name in names.split())


_DC = _rules(*_plain("dc", "type format source"), *_plain("dc", "publisher identifier relation coverage", once=False))
_DCTERMS = _rules(
    *_plain("dcterms", "abstract dateAccepted dateCopyrighted dateSubmitted mediator tableOfContents"),
    *_plain("dcterms", "created", DATE),
    *_plain("dcterms", "extent", POSITIVE),
    *_plain(
        "dcterms",
        "accessRights accrualMethod accrualPeriodicity accrualPolicy alternative audience available"
        " bibliographicCitation conformsTo educationLevel hasFormat hasPart hasVersion instructionalMethod isFormatOf"
        " isPartOf isReferencedBy isReplacedBy isRequiredBy isVersionOf license provenance references replaces requires"
        " rightsHolder spatial temporal valid",
        once=False,
    ),
)
ALSO_IN_DC = frozenset({"coverage", "format", "identifier", "publisher", "relation", "source", "type"})  # of dcterms

_POINT = _rules(
    ElementRule("geo:lat", between(-90, 90), {}, inner={}),
    ElementRule("geo:long", between(-180, 180), {}, inner={}),
    ElementRule("geo:alt", DECIMAL, {}, inner={}),
)
_GEO = _POINT | _rules(ElementRule("geo:Point", no_text, {}, inner=_POINT))
_SRS = {"srsName": any_text}
_RING = _rules(ElementRule("gml:LinearRing", no_text, _SRS, inner=_rules(*_plain("gml", "posList", positions))))
SHAPES = _rules(
    ElementRule("gml:Point", no_text, _SRS, inner=_rules(*_plain("gml", "pos", position))),
    ElementRule("gml:LineString", no_text, _SRS, inner=_rules(*_plain("gml", "posList", positions))),
    ElementRule("gml:Polygon", no_text, _SRS, inner=_rules(ElementRule("gml:exterior", no_text, {}, inner=_RING))),
    ElementRule("gml:Envelope", no_text, _SRS, inner=_rules(*_plain("gml", "lowerCorner upperCorner", position))),
)
_GEORSS = _rules(
    ElementRule("georss:where", no_text, {}, inner=SHAPES, once=False),
    *_plain("georss", "point", position, once=False),
    *_plain("georss", "line polygon", positions, once=False),
    *_plain("georss", "featureTypeTag relationshipTag featureName", once=False),
    *_plain("georss", "elev", DECIMAL),
    *_plain("georss", "floor", WHOLE),
    *_plain("georss", "radius", AMOUNT),
)

_ITUNES = _rules(
    *_plain("itunes", "block", block),
    *_plain("itunes", "explicit", explicit),
    *_plain("itunes", "subtitle", shortened(255)),
    *_plain("itunes", "summary", shortened(4000)),
    *_plain("itunes", "title"),
    *_plain("itunes", "duration", DURATION),
    *_plain("itunes", "episode season", POSITIVE),
    *_plain("itunes", "episodeType", one_of("full", "trailer", "bonus")),
    ElementRule("itunes:image", no_text, {"href": URL}, ("href",), {}),
)

RATINGS = {
    "urn:simple": one_of("adult", "nonadult"),
    "urn:mpaa": one_of("g", "m", "nc-17", "pg", "pg-13", "r", "x"),
    "urn:v-chip": one_of(
        "14+", "18+", "c", "c8", "g", "pg", "tv-14", "tv-g", "tv-ma", "tv-pg", "tv-y", "tv-y7", "tv-y7-fv"
    ),
    "urn:icra": ICRA,
}
ROLES = frozenset(
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
_PLAIN = {"type": one_of("plain")}
_SIZE = {"height": POSITIVE, "width": POSITIVE}
_COMMUNITY = _rules(
    ElementRule("media:starRating", no_text, {"average": AMOUNT, "count": COUNT, "min": AMOUNT, "max": AMOUNT},
                inner={}),
    ElementRule("media:statistics", no_text, {"views": COUNT, "favorites": COUNT}, inner={}),
    ElementRule("media:tags", any_text, {}, inner={}),
)  # fmt: skip
_ABOUT_MEDIA = _rules(
    ElementRule("media:community", no_text, {}, inner=_COMMUNITY),
    ElementRule("media:copyright", any_text, {"url": URI}, inner={}),
    ElementRule("media:credit", any_text, {"role": lower, "scheme": URI}, inner={}, once=False),
    ElementRule("media:description", any_text, _PLAIN, inner={}),
    ElementRule("media:title", any_text, _PLAIN, inner={}),
    ElementRule("media:text", any_text, _PLAIN | {"end": TIME, "lang": LANGUAGE, "start": TIME}, inner={}, once=False),
    ElementRule("media:hash", HASH, {"algo": one_of("md5", "sha-1")}, inner={}, once=False),
    ElementRule("media:player", no_text, _SIZE | {"url": URI}, ("url",), {}, once=False),
    ElementRule("media:rating", any_text, {"scheme": URI}, inner={}, once=False),
    ElementRule("media:restriction", any_text,
                {"relationship": one_of("allow", "deny"), "type": one_of("country", "uri")},
                ("relationship",), {}, once=False),
    ElementRule("media:thumbnail", no_text, _SIZE | {"time": TIME, "url": URI}, ("url",), {}, once=False),
)  # fmt: skip
_CONTENT = ElementRule(
    "media:content",
    no_text,
    _SIZE
    | {
        "bitrate": AMOUNT,
        "channels": COUNT,
        "duration": AMOUNT,
        "expression": one_of("sample", "full", "nonstop"),
        "fileSize": POSITIVE,
        "framerate": AMOUNT,
        "isDefault": TRUTH,
        "lang": LANGUAGE,
        "medium": one_of("image", "audio", "video", "document", "executable"),
        "samplingrate": AMOUNT,
        "type": MIME,
        "url": URI,
    },
    inner=_ABOUT_MEDIA,
    once=False,
)
_MEDIA = _ABOUT_MEDIA | _rules(
    _CONTENT, ElementRule("media:group", no_text, {}, inner=_ABOUT_MEDIA | _rules(_CONTENT), once=False)
)

KNOWN: Mapping[str, ElementRule] = (
    _DC
    | _DCTERMS
    | _GEO
    | _GEORSS
    | _ITUNES
    | _MEDIA
    | _rules(
        *_plain("slash", "comments", COUNT),
        *_plain("slash", "hit_parade", COUNTS),
        *_plain("slash", "section department", once=False),
        *_plain("thr", "total", COUNT),
        ElementRule("thr:in-reply-to", no_text, {"href": URI, "ref": any_text, "source": URI, "type": MIME},
                    ("ref",), {}, once=False),
        *_plain("wfw", "comment commentRss", URI),
    )
)  # fmt: skip
FREE = frozenset({"podcast", "psc"})  # prefixes of vocabularies that no validator checks
