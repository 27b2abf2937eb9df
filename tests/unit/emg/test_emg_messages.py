"""What findings and warnings say: sentences for a clinician, with numbers as people write them."""

import re

import numpy as np
import pytest

from analysis_service.emg import c3d, session
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.findings import EmgFindingCode, readable
from analysis_service.emg.params import EmgParams
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis

RATE = 2000.0
CLEAN = Synthesis(10.0, (Burst(2.0, 4.0, 80.0), Burst(6.0, 8.0, 80.0)), seed=11).samples_uv()
JARGON = re.compile(r"converter|rail\b|RMS|\bSNR\b|artefact|\buV\b|spike\(s\)|non.finite|\de[+-]\d", re.IGNORECASE)


def clipped() -> np.ndarray:
    return np.clip(CLEAN, -60.0, 60.0)


def knocked(*at: int) -> np.ndarray:
    samples = CLEAN.copy()
    samples[list(at)] += 3000.0
    return samples


def hummed() -> np.ndarray:
    times = np.arange(CLEAN.size) / RATE
    return Synthesis(10.0, rest_uv=1.0, seed=13).samples_uv() + 50.0 * np.sin(2 * np.pi * 50 * times)


def damaged(share: float) -> np.ndarray:
    samples = CLEAN.copy()
    samples[3000 : 3000 + round(share * samples.size)] = np.nan
    return samples


def wandering() -> np.ndarray:
    return CLEAN + 15_000.0 * np.linspace(0, 1, CLEAN.size)


LOUD = Synthesis(10.0, (Burst(3.0, 6.0, 40.0),), rest_uv=15.0, seed=12).samples_uv()
REST = Synthesis(10.0, seed=12).samples_uv()

SAID = {
    "damaged a little": (
        damaged(0.004),
        "0.40 % of this channel is damaged (no valid numbers) and was bridged by straight lines.",
    ),
    "damaged": (damaged(0.5), "50 % of this channel is damaged (no valid numbers): too much to measure it."),
    "dead": (
        np.zeros(20_000),
        "For 100 % of the time the signal does not change at all: the electrode or its cable was most likely "
        "disconnected.",
    ),
    "clipped": (
        np.clip(CLEAN, -150.0, 150.0),
        "0.70 % of the samples reached the recorder's limit and are cut off: true amplitudes are higher than those "
        "given.",
    ),
    "clipped all over": (
        clipped(),
        "13 % of the samples reached the recorder's limit and are cut off: too many to measure it.",
    ),
    "in another unit": (
        CLEAN * 1e6,
        "Amplitudes of 179149 mV are far more than muscles show at the skin: the unit in the file is most likely "
        "wrong, and so are all amplitudes.",
    ),
    "nothing but hum": (
        hummed(),
        "Hum from the mains (50 Hz) makes up 100 % of the signal's power: the electrode was most likely not attached.",
    ),
    "wandering": (
        wandering(),
        "The zero line wanders by 13501 µV (filtered out): most likely a loose electrode or a moving cable.",
    ),
    "noisy": (
        LOUD,
        "Even at its quietest this channel shows 14.1 µV: the muscle was not relaxed, or the electrode picks up noise.",
    ),
    "weak": (
        LOUD,
        "Contractions are only 2.9 times as strong as rest: their number and times are uncertain.",
    ),
    "silent": (REST, "No contraction was found: the signal never rises clearly above rest."),
    "knocked once": (knocked(10_500), "1 brief spike was ignored: most likely a knocked cable or electrode."),
    "knocked": (knocked(1_000, 10_500), "2 brief spikes were ignored: most likely a knocked cable or electrode."),
}


def found_in(samples: np.ndarray, rate_hz: float = RATE) -> EmgChannelFeatures:
    return analyse_channel(samples, rate_hz, EmgParams())


@pytest.mark.parametrize("what", SAID)
def test_a_finding_says_what_was_seen_and_what_it_most_likely_means(what: str) -> None:
    samples, sentence = SAID[what]
    assert sentence in [finding.message for finding in found_in(samples).findings]


def test_a_low_rate_is_said_in_samples_a_second() -> None:
    (low,) = (one for one in found_in(CLEAN, 500.0).findings if one.code is EmgFindingCode.RATE_TOO_LOW)
    (lowest,) = (one for one in found_in(CLEAN, 100.0).findings if one.code is EmgFindingCode.RATE_TOO_LOW)
    assert low.message == (
        "Sampled only 500 times a second: activity above 225 Hz is missing, so amplitudes are too low."
    )
    assert lowest.message == (
        "Sampled 100 times a second, this channel holds too little of muscle activity to measure it."
    )


def test_no_finding_needs_an_engineer() -> None:
    messages = [one.message for samples, _ in SAID.values() for one in found_in(samples).findings]
    assert [message for message in messages if JARGON.search(message) or not message.endswith(".")] == []


def test_a_wrong_rate_is_told_with_what_rests_on_it() -> None:
    times = np.arange(13_000) / 1000.0
    hum = sum(level * np.sin(2 * np.pi * 50 * k * times) for k, level in ((1, 15.0), (3, 12.0), (5, 12.0)))
    signal = Synthesis(13.0, (Burst(2.0, 4.5, 80.0),), rate_hz=1000.0, seed=1).samples_uv() + hum
    recording = c3d.read(C3dFile(signal[np.newaxis], ("EMG 1",), rate_hz=990.0, units=("uV",)).to_bytes())
    (warning,) = session.analyse(recording, EmgParams()).warnings
    assert warning.message == (
        "hum from the mains shows that the sampling rate is 1000.0 Hz, not 990 Hz as declared; all times and "
        "frequencies here rest on 990.0 Hz"
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.004, "0.0040"),
        (0.5, "0.50"),
        (3.14159, "3.1"),
        (99.97, "100"),
        (100.0, "100"),
        (12345.6, "12346"),
    ],
)
def test_numbers_are_written_without_powers_of_ten(value: float, text: str) -> None:
    assert readable(value) == text
