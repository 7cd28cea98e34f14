"""File sizes and durations, formatted for people."""


def size(count: int | None) -> str:
    """The size of a file in decimal units; "" where it is unknown (many feeds give 0)."""
    if not count or count < 0:
        return ""
    if count < 999_500:
        return f"{max(1, round(count / 1000))} kB"
    megabytes = count / 1_000_000
    return f"{megabytes:.1f} MB" if megabytes < 99.95 else f"{megabytes:,.0f} MB"


def duration(seconds: int | None) -> str:
    """A duration as 1:02:03 or 4:05; "" where it is unknown."""
    if not seconds or seconds < 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
