"""The notations of a day, a clock and a zone, as patterns for a `Spelling`. All of them are bounded.

Groups of a day: `y` or `y2` year, `m` month, `d` day, `a` and `b` day and month in an order that is not known, `o` day
of the year, `w` and `wd` week and its day. Of a clock: `h`, `min`, `s`, `f` fraction, `before` and `after` the half of
the day. Of a zone: `label`, `sign`, `digits`.
"""

import re

_GAP = r"[\s,./-]{0,3}"
_YEAR = r"(?:(?P<y>\d{4})(?!\d)|'?(?P<y2>\d\d)(?![\d:]))"

DAYS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        # ISO 8601, and years first with other signs
        r"(?P<y>\d{4})(?P<sign>[-/])(?P<m>\d\d?)(?P=sign)(?P<d>\d\d?)(?!\d)",
        r"(?P<y>\d{4})\. ?(?P<m>\d\d?)\. ?(?P<d>\d\d?)(?!\d)",
        r"(?P<y>\d{4})-(?P<o>\d{3})(?!\d)",
        r"(?P<y>\d{4})(?P<o>\d{3})(?=t)",
        r"(?P<y>\d{4})-?w(?P<w>\d\d)(?:-?(?P<wd>[1-7]))?(?!\d)",
        r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?!\d)",
        r"(?P<y>\d{4})-(?P<m>\d\d)\s*\Z",
        # names of months; the last two take their year from the end of the text, as asctime writes it
        rf"(?P<d>\d\d?){_GAP}(?:D{_GAP})?M(?P<m>\d\d){_GAP}{_YEAR}",
        rf"M(?P<m>\d\d){_GAP}(?P<d>\d\d?)[\s,./-]{{1,3}}{_YEAR}",
        rf"(?P<y>\d{{4}}){_GAP}M(?P<m>\d\d){_GAP}(?P<d>\d\d?)(?![\d:])",
        rf"M(?P<m>\d\d){_GAP}(?P<y>\d{{4}})\s*\Z",
        r"(?P<y>\d{4}) M(?P<m>\d\d)\s*\Z",
        rf"M(?P<m>\d\d){_GAP}(?P<d>\d\d?)(?=[\s,]{{1,3}}\d\d?:)",
        rf"(?P<d>\d\d?){_GAP}M(?P<m>\d\d)(?=[\s,]{{1,3}}\d\d?:)",
        # numbers: a year of two digits comes first where no other place is possible; dots mean that the day does
        r"(?P<y2>\d\d)(?P<sign>[-/])(?P<m>\d\d?)(?P=sign)(?P<d>\d)(?!\d)",
        r"(?P<y2>3[2-9]|[4-9]\d)(?P<sign>[-/])(?P<m>\d\d?)(?P=sign)(?P<d>\d\d)(?!\d)",
        rf"(?P<d>\d\d?)\. ?(?P<m>\d\d?)\. ?{_YEAR}",
        rf"(?P<a>\d\d?) ?(?P<sign>[-/]) ?(?P<b>\d\d?) ?(?P=sign) ?{_YEAR}",
        r"(?P<a>\d\d?) (?P<b>\d\d?) (?P<y>\d{4})(?!\d)",
    )
)
LATE_YEAR = re.compile(r"(?P<y>\d{4})(?![\d:])", re.ASCII)

_SECOND = r":(?P<s>\d\d?)(?:[.,](?P<f>\d++))?(?::00)?"
_CLOCK = rf"(?:t ?)?(?:(?P<before>[AP])\.? ?)?(?P<h>\d\d?):(?P<min>\d\d?)(?:{_SECOND})?(?!\d)(?: ?h(?![a-z]))?"
CLOCKS = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        rf"{_CLOCK}(?:\s?(?P<after>[AP]))?",
        r"t(?P<h>\d\d)(?:(?P<min>\d\d)(?:(?P<s>\d\d)(?:[.,](?P<f>\d++))?)?)?(?![\d:])",
        r"(?P<h>\d\d?) ?(?P<after>[AP])",
        r"(?:t ?)?(?P<h>\d\d?) ?h ?(?:(?P<min>\d\d) ?m?)?(?![a-z\d])",
    )
)
# Where a day stands before them: `15.30`, and an hour alone with its offset.
CLOCKS_AFTER_DAY = tuple(
    re.compile(pattern, re.ASCII)
    for pattern in (
        r"(?P<h>\d\d?)\.(?P<min>\d\d)(?:\.(?P<s>\d\d))?(?![\d.])(?:\s?(?P<after>[AP]))?",
        r"(?P<h>\d\d)(?= [+-]\d{4})",
    )
)

OFFSET = re.compile(
    r":?(?:(?P<label>[a-z]{1,5}) ?)?-?(?P<sign>[+-])(?P<digits>\d\d?:\d\d(?::\d\d)?|\d{1,4}|\d{6})(?!\d)", re.ASCII
)
ABBREVIATION = re.compile(r"(?P<label>[a-z]{1,5})(?![a-z])", re.ASCII)
ZONE_NAME = re.compile("\0")
NO_OFFSET = re.compile(r"00(?![\d:])", re.ASCII)

WEEKDAY = re.compile(r"D(?:[\s.-]{0,2}D)?", re.ASCII)
COMMENT = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")  # RFC 5322 3.2.2, RFC 9557
GO_CLOCK = re.compile(r"m=[+-]\d+\.\d+\Z", re.ASCII)  # of time.Time.String
SIGNS = re.compile(r"(?:[\s,;.|\[\]]|(?<=\s)[-@](?=\s)|(?<=\d{4}):(?=\d\d:))+", re.ASCII)
PARENTHESIS = re.compile(r"[()]")
UNIX_TIME = re.compile(
    r"(?P<ms>\d{13})|(?P<s>\d{9,10})(?:\.(?P<f>\d++))?|/?date\((?P<date>-?\d{1,15})(?:[+-]\d{4})?\)/?",
    re.ASCII | re.IGNORECASE,
)
COMPACT = re.compile(r"(\d{8})(\d{4})(\d\d)?", re.ASCII)
