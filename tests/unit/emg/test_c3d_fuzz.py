"""Whatever the bytes are: a recording, or a typed error. Nothing else, and in bounded time and memory."""

import random
import time
import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest

from analysis_service.emg import c3d
from analysis_service.emg.errors import InputError
from analysis_service.emg.params import EmgParams
from analysis_service.emg.session import analyse
from tests.support.c3d_writer import DEC, INTEL, SGI, C3dFile
from tests.support.emg_synthesis import Burst, Synthesis

MUTATIONS = 60
_HANG_S = 5.0
_MEMORY_BYTES = 512 * 1024**2


def base(processor: int, is_float: bool) -> bytes:
    bursts = (Burst(1.0, 1.8, 60.0), Burst(2.4, 2.9, 80.0))
    signal = Synthesis(3.5, bursts, rate_hz=1000.0, seed=4).samples_uv()
    return C3dFile(
        np.stack([signal, signal[::-1]]),
        ("EMG 1", "EMG 2"),
        units=("uV", "uV"),
        processor=processor,
        is_float=is_float,
        scale=0.01,
        samples_per_frame=5,
        point_count=2,
    ).to_bytes()


def mutations(original: bytes, other: bytes, seed: int) -> Iterator[bytes]:
    """Flipped bits (mostly where the structure is), cut and grown files, spliced headers and parameters."""
    chance = random.Random(seed)
    for number in range(MUTATIONS):
        content = bytearray(original)
        kind = number % 6
        if kind in (0, 1, 2):
            reach = (512, 3 * 512, len(content))[kind]
            for _ in range(chance.randint(1, 8)):
                content[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        elif kind == 3:
            del content[chance.randrange(len(content)) :]
        elif kind == 4:
            content[: 512 * chance.randint(1, 3)] = other[: 512 * chance.randint(1, 3)]
        else:
            at = chance.randrange(2, 1024)
            content[at : at + 4] = chance.choice((bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", chance.randbytes(4)))
        yield bytes(content)


def outcome(content: bytes) -> str:
    try:
        session = analyse(c3d.read(content), EmgParams())
    except InputError as error:
        return error.reason
    assert session.channels
    return "ANALYSED"


@pytest.mark.parametrize("processor", [INTEL, DEC, SGI])
@pytest.mark.parametrize("is_float", [True, False])
def test_every_mutation_ends_in_a_result_or_a_typed_error(processor: int, is_float: bool) -> None:
    original = base(processor, is_float)
    other = base(INTEL if processor == SGI else SGI, not is_float)
    outcomes, slowest = set(), 0.0
    tracemalloc.start()
    for content in mutations(original, other, seed=processor + is_float):
        begun = time.perf_counter()
        outcomes.add(outcome(content))
        slowest = max(slowest, time.perf_counter() - begun)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert slowest < _HANG_S
    assert peak < _MEMORY_BYTES
    assert {"ANALYSED", "FILE_TRUNCATED"} < outcomes
