"""Analyses mutated C3D files in a process of its own, with limits, so that a crash, a hang or a hunger is seen.

`python -W error -m tests.support.c3d_fuzzer --seed 1 --count 5000` prints one line of JSON; see :func:`report`.
A hang ends the process with a traceback; before each file its number is written to standard error.
"""

import argparse
import faulthandler
import json
import math
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from analysis_service.emg import c3d
from analysis_service.emg.errors import InputError, Reason
from analysis_service.emg.params import EmgOnsetMethod, EmgParams, EmgProfile
from analysis_service.emg.session import analyse
from tests.support.c3d_mutations import mutated
from tests.support.c3d_writer import PROCESSORS, C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.memory import peak_memory_bytes
from tests.support.recordings import SHARED_C3D, demo_recording

HANG_S = 5.0
MEMORY_BYTES = 512 * 1024**2
_PARAMS = (
    EmgParams(),
    EmgParams(onset_method=EmgOnsetMethod.TKEO, notch_hz=50.0),
    EmgParams(profile=EmgProfile.COMPAT),
)


def written_files() -> dict[str, bytes]:
    """Every encoding, with and without points, signed and unsigned, and one long enough for the profile COMPAT."""
    files = {}
    for name, processor in PROCESSORS.items():
        for kind in ("float", "integer", "unsigned"):
            files[f"{name} {kind}"] = C3dFile(
                _signals(3.0, 1000.0),
                ("EMG 1", "EMG 2"),
                rate_hz=1000.0,
                units=("uV", "uV"),
                processor=processor,
                is_float=kind == "float",
                is_unsigned=kind == "unsigned",
                offset=30_000 if kind == "unsigned" else 0,
                scale=0.02,
                samples_per_frame=5,
                point_count=0 if kind == "unsigned" else 2,
            ).to_bytes()
    labels = ("CH1 Raw", "CH1 activated")
    files["long"] = C3dFile(_signals(11.0, 500.0) * 1e-6, labels, rate_hz=500.0, units=("V", "V")).to_bytes()
    return files


def _signals(duration_s: float, rate_hz: float) -> np.ndarray:
    bursts = (Burst(1.0, 1.8, 60.0), Burst(2.3, 2.8, 80.0))
    signal = Synthesis(duration_s, bursts, rate_hz=rate_hz, seed=4).samples_uv()
    return np.stack([signal, np.abs(signal)])


def real_files() -> dict[str, bytes]:
    """Recordings that lie beside the checkout, if any, and the demo recording."""
    paths = [*sorted(SHARED_C3D.glob("*.c3d")), demo_recording()]
    return {path.name: content for path in paths if (content := path.read_bytes())}


def outcome(content: bytes, params: EmgParams) -> str:
    """The typed outcome of one file; anything else is raised."""
    try:
        result = analyse(c3d.read(content), params)
    except InputError as error:
        return Reason(error.reason).name if error.message else "NO MESSAGE"
    assert all(math.isfinite(number) for number in _numbers(asdict(result)))
    return "ANALYSED WITH WARNINGS" if result.warnings else "ANALYSED"


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, int | float):
        yield value
    elif not isinstance(value, str) and hasattr(value, "__iter__"):
        for item in value:
            yield from _numbers(item)


def report(files: dict[str, bytes], count: int, seed: int) -> dict[str, Any]:
    """Outcomes by name, the slowest file in seconds, what was not typed (number and error), peak memory in bytes."""
    chance, contents = random.Random(seed), list(files.values())
    # A large recording takes a hundred times as long: it comes up so much less often.
    weights = [1.0 / len(content) for content in contents]
    outcomes, untyped, slowest = Counter[str](), [], 0.0
    for number in range(count):
        content = mutated(chance.choices(contents, weights)[0], contents, chance)
        print(number, file=sys.stderr, flush=True)
        begun = time.perf_counter()
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        try:
            outcomes[outcome(content, _PARAMS[number % len(_PARAMS)])] += 1
        except Exception as error:
            untyped.append((number, repr(error)))
        faulthandler.cancel_dump_traceback_later()
        slowest = max(slowest, time.perf_counter() - begun)
    halves = {name: outcome(content[: len(content) // 2], EmgParams()) for name, content in files.items()}
    return {
        "outcomes": outcomes,
        "untyped": untyped,
        "slowest_s": slowest,
        "halves": halves,
        "peak_bytes": peak_memory_bytes(),
    }


def main() -> None:
    """Read the command line, limit the process, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="which mutations")
    parser.add_argument("--count", type=int, default=300, help="how many")
    parser.add_argument("--with-real", action="store_true", help="mutate real recordings too")
    chosen = parser.parse_args()
    files = written_files() | (real_files() if chosen.with_real else {})
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    print(json.dumps(report(files, chosen.count, chosen.seed)))


if __name__ == "__main__":
    main()
