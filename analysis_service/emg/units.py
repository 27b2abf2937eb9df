"""Electrical units of a recording, brought to microvolts."""

from typing import NamedTuple

_MICROVOLTS = {
    "v": 1e6,
    "volt": 1e6,
    "volts": 1e6,
    "mv": 1e3,
    "millivolt": 1e3,
    "millivolts": 1e3,
    "uv": 1.0,
    "microv": 1.0,
    "microvolt": 1.0,
    "microvolts": 1.0,
    "nv": 1e-3,
    "nanovolt": 1e-3,
    "nanovolts": 1e-3,
}

# Units of the other signals that share an analog block with EMG.
# fmt: off
_OTHER_QUANTITIES = frozenset({
    "n", "nt", "nm", "nmm", "n.m", "n.mm", "n*m", "n*mm", "ntmm", "ntm", "kn", "kg", "g", "m", "mm",
    "cm", "m/s", "m/s2", "m/s^2", "mm/s2", "mm/s^2", "m/s/s", "deg", "deg/s", "rad", "rad/s", "dps",
    "ut", "gauss", "pa", "kpa", "hz", "bpm", "c", "s", "ms", "ohm", "kohm", "a", "ma", "lbf", "lb",
})
# fmt: on

_MICRO_SIGNS = str.maketrans({"µ": "u", "μ": "u"})  # both micro signs of Unicode occur in files


class Scale(NamedTuple):
    """How a channel's numbers become microvolts.

    Attributes
    ----------
    factor_uv
        Microvolts in one unit of the file.
    is_assumed
        The file names no electrical unit, and volts were taken.
    """

    factor_uv: float
    is_assumed: bool


def _plain(unit: str | None) -> str:
    return (unit or "").strip().strip("[]()").translate(_MICRO_SIGNS).lower()


def is_voltage(unit: str | None) -> bool:
    """Whether the unit is one of voltage."""
    return _plain(unit) in _MICROVOLTS


def is_other_quantity(unit: str | None) -> bool:
    """Whether the unit belongs to something that cannot be an electromyogram."""
    return _plain(unit) in _OTHER_QUANTITIES


def microvolts(unit: str | None) -> Scale:
    """The factor from the file's unit to microvolts; without an electrical unit, that of the volt."""
    factor = _MICROVOLTS.get(_plain(unit))
    return Scale(1e6, True) if factor is None else Scale(factor, False)
