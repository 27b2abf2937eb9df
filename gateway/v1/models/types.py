"""The values that models share."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

JOB_ID_PATTERN = "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
SHA256_PATTERN = "^[0-9a-f]{64}$"


def _must_be(what: str, pattern: str) -> AfterValidator:
    """Return what refuses other texts, in words and not by the pattern."""

    def checked(text: str) -> str:
        if not re.search(pattern, text) or text.endswith("\n"):
            raise ValueError(f"must be {what}")
        return text

    return AfterValidator(checked)


is_job_id = _must_be("a UUID in lower case", JOB_ID_PATTERN)
is_sha256 = _must_be("64 hexadecimal digits in lower case", SHA256_PATTERN)


def _whole(value: Any) -> Any:
    """Return a whole number as an integer, however JSON says it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Sha256 = Annotated[
    str,
    Field(description="SHA-256, hexadecimal, lower case.", json_schema_extra={"pattern": SHA256_PATTERN}),
    is_sha256,
]
Bytes = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=255)]
Note = Annotated[str, Field(max_length=500, description="Why, for the audit.")]
JobId = Annotated[str, Field(json_schema_extra={"format": "uuid", "pattern": JOB_ID_PATTERN}), is_job_id]
Free = dict[str, Any]
Time = Annotated[str | None, Field(json_schema_extra={"format": "date-time"})]
MissReason = Literal["never_seen", "in_progress", "expired", "evicted", "invalidated", "corrupt", "tier_away"]
