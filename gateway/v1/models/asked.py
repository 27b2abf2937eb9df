"""What arrives: checked before anything else is done."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.json_schema import SkipJsonSchema

from gateway.v1.models.types import Bytes, Free, JobId, Note, Sha256, Text

Absent = SkipJsonSchema[None]


class Asked(BaseModel):
    """What arrives: names that are not known are refused, and so are values of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Blob(Asked):
    """Bytes, named by their content."""

    sha256: Sha256
    size_bytes: Bytes


class Question(Asked):
    """What is asked of which bytes."""

    blob: Blob
    pipeline: str | None = Field(
        None, max_length=100, description="One of GET /v1/pipelines. Absent: by the file's content, its name, its jobs."
    )
    version: str | None = Field(None, max_length=100, description="Absent: the active one.")
    reference: str = Field("", max_length=100, description="For sequences: the reference database, by name or digest.")
    params: Free = Field(
        {}, description="Parameters that differ from the defaults, by name; see the schemas `Parameters.*`."
    )


class Submitted(Question):
    """A question, and who asks."""

    file_name: Text | None = None
    metadata: Free = Field({}, description="Anything to be kept with this submission.")
    uploader: Text | None = None


class Analysis(Submitted):
    """A question to be answered."""

    retry_failed: bool = Field(False, description="Compute again although a failure is remembered.")


class PipelineRange(Asked):
    """Versions of a pipeline, both ends among them."""

    name: str = Field(min_length=1, max_length=100)
    from_version: str | None = Field(None, max_length=100)
    to_version: str | None = Field(None, max_length=100)


class Invalidation(Asked):
    """What to forget: exactly one of job_id, blob, pipeline and everything."""

    model_config = ConfigDict(
        json_schema_extra={"oneOf": [{"required": [name]} for name in ("job_id", "blob", "pipeline", "everything")]}
    )

    job_id: JobId | Absent = None
    blob: Blob | Absent = None
    pipeline: PipelineRange | Absent = None
    everything: Literal[True] | Absent = None
    note: Note = ""

    @model_validator(mode="after")
    def _one_selector(self) -> Self:
        if len(self.model_fields_set - {"note"}) != 1 or not any(
            (self.job_id, self.blob, self.pipeline, self.everything)
        ):
            raise ValueError("exactly one of job_id, blob, pipeline and everything must be given")
        return self
