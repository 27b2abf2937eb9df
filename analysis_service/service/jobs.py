"""What the worker processes run, by name. Imported by them, not by the server: it loads scipy.

What sequences need is loaded when the first job of theirs comes, or at the start where a reference is installed: a lab
that only has recordings does not wait for it.
"""

import os
from functools import cache

from analysis_service.pipelines import EMG_SESSION, SEQUENCE_TAXONOMY
from analysis_service.service import emg_signals
from analysis_service.service.emg_steps import EmgSteps
from analysis_service.service.parted import ASSEMBLE, COMPUTE, PREPARE, job_name, jobs_of
from analysis_service.settings import REFERENCE_FOLDER
from analysis_service.workers.process import Input, Job, Report

TABLE = f"{__name__}:JOBS"
"""By which name a worker process finds `JOBS`."""

_OF_SEQUENCES = (
    *(job_name(SEQUENCE_TAXONOMY.name, step) for step in (PREPARE, COMPUTE, ASSEMBLE, "compare")),
    "reference:build",
)


def warm() -> None:
    """Load what the first request would else wait for."""
    if os.environ.get(REFERENCE_FOLDER):
        from analysis_service.service import sequence_jobs

        sequence_jobs.warm()


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
