"""Questions as they arrive, in plain types."""

from typing import Annotated

from fastapi import Path

from gateway.backend import Blob, Pipeline, Question, Submission
from gateway.kinds import Kinds
from gateway.uploads import check_object, clean_name
from gateway.v1 import models
from gateway.v1.models.types import AS_JOB_ID, AS_SHA256
from rpc.reasons import Reason

JobId = Annotated[str, Path(json_schema_extra={"format": "uuid"}), AS_JOB_ID]
Sha256 = Annotated[str, Path(description="SHA-256 of the bytes, in hexadecimal."), AS_SHA256]


def blob_of(blob: models.Blob) -> Blob:
    """Return the name of a blob."""
    return Blob(bytes.fromhex(blob.sha256), blob.size_bytes)


async def question_of(asked: models.Question, kinds: Kinds) -> Question:
    """Return a question; one that names no pipeline means that of the file's kind.

    Raises:
        InvalidArgument: PARAMETER_INVALID: params are nested too deeply or hold a NUL character.
    """
    check_object(asked.params, "params", Reason.PARAMETER_INVALID)
    blob = blob_of(asked.blob)
    name = asked.pipeline
    if name is None:
        file_name = asked.file_name if isinstance(asked, models.Submitted) else None
        name = await kinds.pipeline_for(blob, clean_name(file_name or ""))
    return Question(Pipeline(name, asked.version or ""), asked.params, blob, reference=asked.reference)


def submission_of(asked: models.Submitted) -> Submission | None:
    """Return who asks; None where nothing is said of that.

    Raises:
        InvalidArgument: METADATA_INVALID.
    """
    if asked.file_name is None and not asked.metadata and asked.uploader is None:
        return None
    check_object(asked.metadata, "metadata", Reason.METADATA_INVALID)
    uploader = "".join(letter for letter in asked.uploader or "" if letter.isprintable())
    return Submission(clean_name(asked.file_name or ""), asked.metadata, uploader)
