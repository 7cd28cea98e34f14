"""Sizes and lengths of time, as people read them."""


def size(count: int | None) -> str:
    """Of a file, in decimal units; "" where it is not known (many feeds say 0)."""
    if not count or count < 0:
        return ""
    if count < 999_500:
        return f"{max(1, round(count / 1000))} kB"
    megabytes = count / 1_000_000
    return f"{megabytes:.1f} MB" if megabytes < 99.95 else f"{megabytes:,.0f} MB"


def duration(seconds: int | None) -> str:
    """1:02:03, 4:05; "" where it is not known."""
    if not seconds or seconds < 0:
        return ""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
