"""Questions as they arrive, in plain types."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Path
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function

from gateway.backend import Blob, Pipeline, Question, Submission
from gateway.kinds import Kinds
from gateway.uploads import check_object, clean_name
from gateway.v1 import models
from rpc.reasons import Reason

JOB_ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


@dataclass(frozen=True)
class Written:
    """How a text must be written: refused in words, described by the pattern."""

    words: str
    pattern: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check it after the text itself."""
        return no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Say the pattern."""
        return {**handler(schema), "pattern": self.pattern}

    def _checked(self, text: str) -> str:
        if not re.search(self.pattern, text) or text.endswith("\n"):
            raise ValueError(f"must be {self.words}")
        return text


JobId = Annotated[str, Path(json_schema_extra={"format": "uuid"}), Written("a UUID in lower case", JOB_ID_PATTERN)]
Sha256 = Annotated[
    str,
    Path(description="SHA-256 of the bytes, in hexadecimal."),
    Written("64 hexadecimal digits in lower case", "^[0-9a-f]{64}$"),
]


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
