"""What the worker processes run, by name. Imported by them, not by the server: it loads scipy.

What sequences need is loaded when the first job of theirs comes, or at the start where a reference is installed: a lab
that only has recordings does not wait for it.
"""

import os
from functools import cache
from pathlib import Path

from analysis_service.pipelines import EMG_SESSION, SEQUENCE_TAXONOMY
from analysis_service.sequence.reference.errors import ReferenceProblem
from analysis_service.sequence.reference.library import Library
from analysis_service.service import emg_signals
from analysis_service.service.emg_steps import EmgSteps
from analysis_service.service.parted import ASSEMBLE, COMPUTE, PREPARE, job_name, jobs_of
from analysis_service.service.reference_files import REFERENCE_FOLDER, WARM
from analysis_service.workers.process import Input, Job, Report

TABLE = f"{__name__}:JOBS"
"""By which name a worker process finds `JOBS`."""

_OF_SEQUENCES = (
    *(job_name(SEQUENCE_TAXONOMY.name, step) for step in (PREPARE, COMPUTE, ASSEMBLE, "compare")),
    "reference:build",
    WARM,
)


def warm() -> None:
    """Load what the first request would else wait for: all that sequences need only where there is a reference, since
    it takes as much memory as everything else."""
    folder = os.environ.get(REFERENCE_FOLDER)
    if folder and _has_references(Library(Path(folder))):
        _sequence_jobs()[WARM](b"", b"", _nobody)


def _has_references(library: Library) -> bool:
    try:
        return bool(library.listing().digests)
    except ReferenceProblem:  # the server logs it, and answers so whoever asks for a reference
        return False


def _nobody(stage: str, fraction: float) -> None:
    """Hear nothing."""


@cache
def _sequence_jobs() -> dict[str, Job]:
    from analysis_service.service import sequence_jobs

    return sequence_jobs.worker_jobs()


def _deferred(name: str) -> Job:
    def run(data: Input, arguments: bytes, report: Report, *more: Input) -> bytes:
        return _sequence_jobs()[name](data, arguments, report, *more)

    return run


JOBS: dict[str, Job] = {
    **jobs_of(EMG_SESSION.name, EmgSteps()),
    **emg_signals.JOBS,
    **{name: _deferred(name) for name in _OF_SEQUENCES},
}
