"""Numbers as the three processor types of C3D store them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from analysis_service.emg.c3d.recording import Processor

Bytes = bytes | memoryview

_VAX_EXPONENT = np.uint32(0x7F80_0000)
_VAX_SIGN = np.uint32(0x8000_0000)


def byte_order(processor: Processor) -> str:
    """The numpy byte-order mark of a processor's 16-bit words: DEC orders bytes as Intel does."""
    return ">" if processor is Processor.SGI else "<"


def integers(raw: Bytes, processor: Processor) -> npt.NDArray[np.int16]:
    """Signed 16-bit integers; an odd last byte is left out."""
    return np.frombuffer(raw, byte_order(processor) + "i2", count=len(raw) // 2).astype(np.int16)


def floats(raw: Bytes, processor: Processor) -> npt.NDArray[np.float64]:
    """32-bit floating-point numbers, widened; an incomplete last number is left out."""
    count = len(raw) // 4
    if processor is Processor.DEC:
        return vax_floats(np.frombuffer(raw, "<u2", count=2 * count).reshape(count, 2))
    with np.errstate(invalid="ignore"):  # a signalling NaN is data here, not an event
        return np.frombuffer(raw, byte_order(processor) + "f4", count=count).astype(np.float64)


def vax_floats(words: npt.NDArray[np.uint16]) -> npt.NDArray[np.float64]:
    """VAX F-floating numbers.

    Parameters
    ----------
    words : array of shape (..., 2)
        The two 16-bit words of each number, the one with sign and exponent first.

    Returns
    -------
    array of shape (...)
        Their values. The bits, words swapped, read as IEEE 754 are four times the VAX value (the bias is
        one greater and the fraction is 0.1f, not 1.f). An exponent of zero is zero with a positive sign
        and the reserved operand, here NaN, with a negative one (VAX Architecture Reference Manual, 1987).
    """
    pairs: npt.NDArray[Any] = np.ascontiguousarray(words[..., ::-1], dtype="<u2")
    bits = pairs.view("<u4")[..., 0]
    with np.errstate(invalid="ignore"):
        values = bits.view("<f4").astype(np.float64) / 4.0
    no_exponent = (bits & _VAX_EXPONENT) == 0
    if no_exponent.any():
        values[no_exponent & ((bits & _VAX_SIGN) == 0)] = 0.0
        values[no_exponent & ((bits & _VAX_SIGN) != 0)] = np.nan
    return values
