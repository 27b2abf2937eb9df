"""Analyse a recording over gRPC: `python examples/analyze.py RECORDING.c3d`, while `assaycache up` runs."""

import os
import sys

from assaycache import AssayError, Client, Event, InputError


def main(path: str) -> int:
    """Print the contractions of every channel."""
    cache = os.environ.get("CACHE_ADDRESS", "127.0.0.1:50051")
    analysis = os.environ.get("ANALYSIS_ADDRESS", "127.0.0.1:50052")
    try:
        with Client.connect(cache, analysis) as client:
            found = client.analyze(path, params={"threshold_k": 4.0}, progress=show)
    except InputError as error:
        print(f"This file cannot be analysed ({error.reason}): {error.message}")
        return 1
    except AssayError as error:
        print(f"The services cannot answer ({error.reason}): {error.message}")
        return 3
    print(f"job {found.job_id}, {'cached' if found.cached else f'computed in {found.compute_seconds:.3f} s'}")
    for channel in found.result.channels:
        for contraction in channel.features.contractions:
            print(f"{channel.label}: {contraction.onset_ms:.0f} to {contraction.offset_ms:.0f} ms")
    return 0


def show(event: Event) -> None:
    """Say what is going on."""
    fraction = "" if event.fraction is None else f" {event.fraction:.0%}"
    print(f"{event.stage}{fraction}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
