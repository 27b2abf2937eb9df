"""Which analysis a question means that names none: that of the file's kind, as where the file itself is handed in."""

from contextlib import suppress

from gateway.backend import Backend, Blob, JobFilter
from gateway.formats import EMG_SESSION, HEAD_BYTES, pipeline_for
from rpc.errors import InvalidArgument, Unavailable


class Kinds:
    """Finds out kinds of files that are named by their digest only."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    async def pipeline_for(self, blob: Blob, file_name: str) -> str:
        """Return the pipeline for a file: by its content where it is here, else by its name, else by what was asked.

        What nothing tells of is taken for a recording, as it always was.
        """
        with suppress(InvalidArgument):  # of no kind that is known: then it has no pipeline of its own either
            return pipeline_for(await self._backend.head(blob, HEAD_BYTES), file_name)
        return await self._asked_before(blob)

    async def _asked_before(self, blob: Blob) -> str:
        """Return the pipeline of the job that was last done with a file which may be here no more."""
        wanted = JobFilter(limit=1, statuses=("succeeded",), blob_sha256=blob.sha256)
        with suppress(Unavailable):  # without a database nobody remembers
            for job in (await self._backend.jobs(wanted)).jobs:
                return job.pipeline.name
        return EMG_SESSION
