"""Parameters of the signal path: which channels, at which rate, and how features follow from the samples."""

from dataclasses import dataclass, field
from enum import auto

from analysis_service.emg.errors import NameEnum
from analysis_service.emg.parameter import ParameterScope, described

NOTCH_HZ = (45.0, 65.0)


class EmgProfile(NameEnum):
    """Which set of algorithms is applied."""

    STANDARD = auto()
    COMPAT = auto()


class EmgRateSource(NameEnum):
    """Which sampling rate is used."""

    DECLARED = auto()
    ESTIMATED = auto()


class EmgOnsetMethod(NameEnum):
    """By which signal the beginnings and ends of contractions are found."""

    ENVELOPE = auto()
    TKEO = auto()


@dataclass(frozen=True, slots=True)
class EmgAntagonists:
    """Two channels that show opposing muscles.

    Attributes
    ----------
    first : str
        Label of one channel.
    second : str
        Label of the other.
    """

    first: str
    second: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalParams:
    """All that is asked of the signals: what is derived from them depends on nothing else."""

    profile: EmgProfile = field(
        default=EmgProfile.STANDARD,
        metadata=described(
            "Set of algorithms. COMPAT computes what the earlier analyzer computed, number for number.",
            "ISEK (Merletti 1999), SENIAM (Hermens et al. 2000), CEDE (Besomi et al. 2020)",
            kind="enum",
            choices=EmgProfile,
        ),
    )
    channels: tuple[str, ...] = field(
        default=(),
        metadata=described(
            "Labels of the channels to analyse; empty: those recognised as EMG by label and unit.",
            "C3D does not say what a channel measures",
            kind="list of labels",
            scope=ParameterScope.SELECTION,
        ),
    )
    rate_source: EmgRateSource = field(
        default=EmgRateSource.DECLARED,
        metadata=described(
            "Sampling rate to use: the file's, or the one estimated from mains interference where that is possible.",
            "recordings exist whose mains lines lie at 49.5, 148.5 and 247.5 Hz: labelled 990 Hz, sampled at 1000 Hz",
            kind="enum",
            choices=EmgRateSource,
            scope=ParameterScope.SELECTION,
        ),
    )
    low_cut_hz: float = field(
        default=20.0,
        metadata=described(
            "Lower edge of the band-pass filter.",
            "De Luca et al. 2010, J Biomech 43:1573: 20 Hz balances motion artefact against lost signal",
            unit="Hz",
            limits=(1.0, 150.0),
        ),
    )
    high_cut_hz: float = field(
        default=450.0,
        metadata=described(
            "Upper edge of the band-pass filter; lowered to 0.45 of the sampling rate where that is less.",
            "ISEK (Merletti 1999): surface EMG is taken up to 500 Hz; a little less is ours",
            unit="Hz",
            limits=(50.0, 5000.0),
        ),
    )
    filter_order: int = field(
        default=2,
        metadata=described(
            "Order of the Butterworth filter at each edge and pass; forward and backward doubles it.",
            "De Luca et al. 2010: 12 dB an octave; two passes for zero phase (Winter 2009)",
            kind="integer",
            limits=(1, 8),
        ),
    )
    notch_hz: float = field(
        default=0.0,
        metadata=described(
            "Centre of a mains notch filter and of its odd harmonics in the pass band; 0 is off.",
            "off: a notch removes signal too (ours)",
            unit="Hz",
            limits=(0.0, NOTCH_HZ[1]),
        ),
    )
    envelope_window_ms: float = field(
        default=100.0,
        metadata=described(
            "Length of the centred window of the RMS envelope.",
            "ours: of the customary 100-250 ms the shortest, for timing",
            unit="ms",
            limits=(10.0, 2000.0),
        ),
    )
    threshold_k: float = field(
        default=5.0,
        metadata=described(
            "Contraction threshold, in standard deviations of the rest envelope above its mean.",
            "Hodges & Bui 1996, Electroencephalogr Clin Neurophysiol 101:511, compare 1-3 SD in short trials; more is "
            "ours, as the envelope of a long recording crosses 3 SD by chance",
            unit="SD",
            limits=(1.0, 50.0),
        ),
    )
    release_percent: float = field(
        default=50.0,
        metadata=described(
            "A contraction ends where the envelope falls below this share of the threshold's height above rest.",
            "hysteresis keeps a wavering envelope from being cut to pieces; half way is customary for triggers",
            unit="%",
            limits=(10.0, 100.0),
        ),
    )
    min_duration_ms: float = field(
        default=100.0,
        metadata=described(
            "Shorter contractions are left out, after gaps have been merged.",
            "ours; bursts of small, fast movements are shorter (65 ms: Cooke et al. 1985, Exp Brain Res 60:184): lower "
            "it for those",
            unit="ms",
            limits=(10.0, 10_000.0),
        ),
    )
    merge_gap_ms: float = field(
        default=200.0,
        metadata=described(
            "Contractions with a shorter pause between them are one.",
            "the earlier analyzer's value; voluntary on-off cycles are slower than 5 Hz",
            unit="ms",
            limits=(0.0, 10_000.0),
        ),
    )
    long_hold_ms: float = field(
        default=10_000.0,
        metadata=described(
            "Longer contractions are flagged as long holds; they are never split.",
            "the earlier analyzer's limit",
            unit="ms",
            limits=(500.0, 600_000.0),
        ),
    )
    spectrum_window_ms: float = field(
        default=500.0,
        metadata=described(
            "Longest segment of the Welch spectrum of a contraction; shorter contractions use their own length.",
            "ours: surface EMG is customarily taken for stationary over 0.5-1 s (Merletti & Farina 2016)",
            unit="ms",
            limits=(100.0, 5000.0),
        ),
    )
    series_window_ms: float = field(
        default=1000.0,
        metadata=described(
            "Window of the series over time.",
            "the earlier analyzer's value, which series are compared with",
            unit="ms",
            limits=(250.0, 10_000.0),
        ),
    )
    overlap_percent: float = field(
        default=50.0,
        metadata=described(
            "Overlap of neighbouring windows, in Welch's spectrum and in the series.",
            "Welch 1967: half, for the Hann window",
            unit="%",
            limits=(0.0, 90.0),
        ),
    )
    onset_method: EmgOnsetMethod = field(
        default=EmgOnsetMethod.ENVELOPE,
        metadata=described(
            "Signal by which contractions are found: the RMS envelope, or the Teager-Kaiser energy (TKEO), which also "
            "answers to frequency. What is measured of them is the same.",
            "Li, Zhou & Aruin 2007, Ann Biomed Eng 35:1532; Solnik et al. 2010, Eur J Appl Physiol 110:489",
            kind="enum",
            choices=EmgOnsetMethod,
        ),
    )
    antagonists: tuple[EmgAntagonists, ...] = field(
        default=(),
        metadata=described(
            "Opposing muscles of which the co-contraction is wanted, by their channels' labels.",
            "Falconer & Winter 1985, Electromyogr Clin Neurophysiol 25:135",
            kind="list of pairs",
            scope=ParameterScope.SELECTION,
        ),
    )
