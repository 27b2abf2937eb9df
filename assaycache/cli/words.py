"""Numbers as people read them."""


def seconds_text(seconds: float) -> str:
    """Return a time with three significant digits, in the unit that suits it."""
    if seconds < 0.001:
        return "0" if seconds == 0 else f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def counted(count: int, one: str) -> str:
    """Return so many of something: "1 file", "2,000 files"."""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def bytes_text(size_bytes: int) -> str:
    """Return a size in the unit that suits it."""
    size = float(size_bytes)
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} GiB"
