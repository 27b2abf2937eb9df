"""What is sent to /v1 and what it answers, as models: they check what arrives and describe both in `/openapi.json`."""

from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway.v1.models.asked import (
    Analysis,
    Blob,
    Invalidation,
    Question,
    Submitted,
)
from gateway.v1.models.installation import (
    Capabilities,
    Pipelines,
    Stats,
)
from gateway.v1.models.told import (
    Analysed,
    Erased,
    Event,
    Explained,
    Invalidated,
    Jobs,
    JobWithSubmissions,
    LookedUp,
    Problem,
    Signals,
    Stopped,
    Uploaded,
)

__all__ = [
    "Analysed",
    "Analysis",
    "Blob",
    "Capabilities",
    "Erased",
    "Event",
    "Explained",
    "Invalidated",
    "Invalidation",
    "JobWithSubmissions",
    "Jobs",
    "LookedUp",
    "Pipelines",
    "Problem",
    "Question",
    "Signals",
    "Stats",
    "Stopped",
    "Submitted",
    "Uploaded",
    "components",
    "ref",
]

REF_TEMPLATE = "#/components/schemas/{model}"

_ASKED = (Question, Submitted, Analysis, Invalidation)
_ANSWERED = (
    Problem, LookedUp, Uploaded, Analysed, Event, Stopped, Signals, Jobs, JobWithSubmissions, Explained, Invalidated,
    Erased, Capabilities, Pipelines, Stats,
)  # fmt: skip


def components() -> dict[str, Any]:
    """Return the schemas of all models, for `components` of the description."""
    modes: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
        *((model, "validation") for model in _ASKED),
        *((model, "serialization") for model in _ANSWERED),
    ]
    _, described = models_json_schema(modes, ref_template=REF_TEMPLATE)
    schemas: dict[str, Any] = described["$defs"]
    return schemas


def ref(model: type[BaseModel]) -> dict[str, str]:
    """Return the reference to a model's schema."""
    return {"$ref": REF_TEMPLATE.format(model=model.__name__)}
