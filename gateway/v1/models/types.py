"""The values that models share."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field


def _whole(value: Any) -> Any:
    """Return a whole number as an integer, however JSON says it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="SHA-256, hexadecimal, lower case.")]
Bytes = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=255)]
Note = Annotated[str, Field(max_length=500, description="Why, for the audit.")]
JobId = Annotated[
    str, Field(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", json_schema_extra={"format": "uuid"})
]
Free = dict[str, Any]
Time = Annotated[str | None, Field(json_schema_extra={"format": "date-time"})]
MissReason = Literal["never_seen", "in_progress", "expired", "evicted", "invalidated", "corrupt", "tier_away"]
