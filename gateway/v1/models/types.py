"""The values that models share."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_after_validator_function


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


AS_JOB_ID = Written("a UUID in lower case", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
AS_SHA256 = Written("64 hexadecimal digits in lower case", "^[0-9a-f]{64}$")


def _whole(value: Any) -> Any:
    """Return a whole number as an integer, however JSON says it."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Sha256 = Annotated[str, Field(description="SHA-256, hexadecimal, lower case."), AS_SHA256]
Bytes = Annotated[int, Field(ge=0, le=2**63 - 1), BeforeValidator(_whole)]
Text = Annotated[str, Field(max_length=255)]
Note = Annotated[str, Field(max_length=500, description="Why, for the audit.")]
JobId = Annotated[str, Field(json_schema_extra={"format": "uuid"}), AS_JOB_ID]
Free = dict[str, Any]
Time = Annotated[str | None, Field(json_schema_extra={"format": "date-time"})]
MissReason = Literal["never_seen", "in_progress", "expired", "evicted", "invalidated", "corrupt", "tier_away"]
