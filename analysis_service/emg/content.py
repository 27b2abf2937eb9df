"""The byte form of one channel, by whose digest its features are found again, in whatever file it comes."""

import hashlib
import struct
from typing import NamedTuple

import numpy as np

from analysis_service.emg.arrays import Samples

# Sampling rate in Hz, then the unit of the samples in eight characters, padded with zero bytes.
_HEAD = struct.Struct("<d8s")
_UNIT = b"uV"


class Content(NamedTuple):
    """SHA-256 of a byte form, 32 bytes, and its size in bytes."""

    sha256: bytes
    size_bytes: int


def of_channel(samples_uv: Samples, rate_hz: float) -> Content:
    """Measure a channel's byte form: rate, unit, then every sample as a little-endian 64-bit float.

    Parameters
    ----------
    samples_uv : array of shape (n,), uV
        As they are analysed; non-finite ones included.
    rate_hz
        Sampling rate in Hz that is used.
    """
    digest = hashlib.sha256(_HEAD.pack(rate_hz, _UNIT))
    digest.update(np.ascontiguousarray(samples_uv, dtype="<f8").data)
    return Content(digest.digest(), _HEAD.size + 8 * samples_uv.size)
