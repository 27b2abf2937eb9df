"""Colours that depend on a name alone, so that a taxon looks the same in every chart and every sample."""

import colorsys
import hashlib

_HUES = 24
_SHADES = ((0.42, 0.65), (0.55, 0.55), (0.66, 0.70), (0.34, 0.50))
"""Lightness and saturation: legible on white and on black, and apart for neighbouring hues (ours)."""

NEUTRAL = "#9e9e9e"
"""Of what has no name."""

PALETTE = tuple(
    "#{:02x}{:02x}{:02x}".format(*(round(255 * part) for part in colorsys.hls_to_rgb(hue / _HUES, *shade)))
    for shade in _SHADES
    for hue in range(_HUES)
)


def colour_of(name: str) -> str:
    """The colour of a name, as ``#rrggbb``; the neutral one for ''. Two names may share one."""
    if not name:
        return NEUTRAL
    digest = hashlib.sha256(name.encode()).digest()
    return PALETTE[int.from_bytes(digest[:8], "big") % len(PALETTE)]
