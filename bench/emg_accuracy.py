"""How right the EMG analysis is on synthetic recordings of which the truth is known.

`python -m bench.emg_accuracy [--seeds N] [--first SEED]` prints, for each kind of recording, signal-to-noise ratio and
onset method: the median error of onsets and offsets, bursts that were lost, and contractions that were false.
"""

import argparse

from rich.console import Console
from rich.table import Table

from analysis_service.emg.params import EmgOnsetMethod
from tests.support.emg_ground_truth import KINDS, RATES_HZ, SNRS_DB, Outcome, outcome


def row(kind: str, snr_db: float, found: list[Outcome]) -> tuple[str, ...]:
    """One line of the table."""
    cells = [
        f"{one.onset_error_ms:.1f} / {one.offset_error_ms:.1f} / {one.lost} / {one.false} of {one.bursts}"
        for one in found
    ]
    return (kind, f"{snr_db:g} dB", *cells)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=5, help="trains of twelve bursts a line and sampling rate")
    parser.add_argument("--first", type=int, default=100, help="the first seed")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    table = Table("recording", "SNR", *EmgOnsetMethod, title="onset ms / offset ms / lost / false of bursts")
    for kind in KINDS:
        for snr_db in SNRS_DB:
            table.add_row(*row(kind, snr_db, [outcome(kind, snr_db, m, seeds, RATES_HZ) for m in EmgOnsetMethod]))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
