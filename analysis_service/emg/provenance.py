"""How a result came about, so that it can be reported and repeated."""

from dataclasses import dataclass

import numpy as np
import scipy

from analysis_service.emg import spectrum
from analysis_service.emg.params import EmgOnsetMethod, EmgParams, EmgProfile

PIPELINE = "emg.session"
VERSION = "1.1.0"

_ONSET_METHOD = (
    "{signal} above rest mean + k SD with hysteresis; edges at the most likely change of variance "
    "(Page 1954, Staude & Wolf 1999)"
)
_ONSET_SIGNAL = {
    EmgOnsetMethod.ENVELOPE: "RMS envelope",
    EmgOnsetMethod.TKEO: "square root of the mean Teager-Kaiser energy (Li, Zhou & Aruin 2007)",
}
_BASELINE_METHOD = "quietest 250 ms windows, grown to all windows within 3 SD of their level"
_NORMALISATION_METHOD = "peak RMS envelope in percent of the channel's reference amplitude"

_COMPAT_ONSET_METHOD = (
    "smoothed activated signal above 5 % of its maximum, else smoothed envelope above 10 % of its maximum"
)
_COMPAT_BASELINE_METHOD = "none"
_COMPAT_NORMALISATION_METHOD = "none: amplitudes in the numbers of the file"

# Asked for by ISEK (Merletti 1999) and CEDE (Besomi et al. 2019, 2020); of them C3D knows the resolution.
_NOT_SUPPLIED = (
    "electrode_type",
    "electrode_material",
    "electrode_shape",
    "electrode_size",
    "inter_electrode_distance",
    "electrode_placement",
    "reference_electrode_placement",
    "skin_preparation",
    "detection_mode",
    "amplifier_input_impedance",
    "amplifier_common_mode_rejection",
    "amplifier_gain",
    "hardware_filter",
)
_RESOLUTION = "converter_resolution"


@dataclass(frozen=True, slots=True)
class EmgProvenance:
    """How a result came about.

    Attributes
    ----------
    pipeline : str
        Name of the pipeline.
    pipeline_version : str
        Its version.
    content_sha256 : str or None
        Digest of the recording, lower-case hexadecimal; None when the caller gave none.
    numpy_version : str
        Version of numpy.
    scipy_version : str
        Version of scipy.
    params : EmgParams
        Every parameter as applied.
    onset_method : str
        How contractions are found.
    baseline_method : str
        How rest is found.
    spectrum_window : str
        Taper of the spectra.
    spectrum_detrend : str
        What is taken out of each spectral window first.
    normalisation_method : str
        What percentages are of.
    not_supplied : tuple of str
        What a standard asks to report and the recording does not hold.
    """

    pipeline: str
    pipeline_version: str
    content_sha256: str | None
    numpy_version: str
    scipy_version: str
    params: EmgParams
    onset_method: str
    baseline_method: str
    spectrum_window: str
    spectrum_detrend: str
    normalisation_method: str
    not_supplied: tuple[str, ...]


def describe(params: EmgParams, content_sha256: str | None, converter_bits: int | None) -> EmgProvenance:
    """The provenance of a result made here and now; it holds no time and no place."""
    is_compat = params.profile == EmgProfile.COMPAT
    return EmgProvenance(
        pipeline=PIPELINE,
        pipeline_version=VERSION,
        content_sha256=content_sha256,
        numpy_version=np.__version__,
        scipy_version=scipy.__version__,
        params=params,
        onset_method=_COMPAT_ONSET_METHOD
        if is_compat
        else _ONSET_METHOD.format(signal=_ONSET_SIGNAL[params.onset_method]),
        baseline_method=_COMPAT_BASELINE_METHOD if is_compat else _BASELINE_METHOD,
        spectrum_window=spectrum.WINDOW,
        spectrum_detrend=spectrum.DETREND,
        normalisation_method=_COMPAT_NORMALISATION_METHOD if is_compat else _NORMALISATION_METHOD,
        not_supplied=_NOT_SUPPLIED if converter_bits else (*_NOT_SUPPLIED, _RESOLUTION),
    )
