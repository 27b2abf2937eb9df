"""What the worker processes run, by name. Imported by them, not by the server: it loads scipy."""

from analysis_service.pipelines import EMG_SESSION
from analysis_service.service import emg_signals
from analysis_service.service.emg_steps import EmgSteps
from analysis_service.service.parted import jobs_of
from analysis_service.workers.process import Job

TABLE = f"{__name__}:JOBS"
"""By which name a worker process finds `JOBS`."""

JOBS: dict[str, Job] = {**jobs_of(EMG_SESSION.name, EmgSteps()), **emg_signals.JOBS}
