"""What is answered about the installation itself."""

from typing import Literal

from pydantic import BaseModel

from gateway.v1.models.types import Bytes


class Limits(BaseModel):
    """What requests must keep to."""

    max_upload_bytes: Bytes
    max_metadata_bytes: Bytes


class KnownPipeline(BaseModel):
    """A version of a pipeline."""

    name: str
    version: str
    active: bool


class Caller(BaseModel):
    """Whom the token of the request stands for."""

    namespace: str
    role: Literal["reader", "writer", "admin", "service"]


class Capabilities(BaseModel):
    """What this installation can do."""

    version: str
    limits: Limits
    tiers: list[str]
    durable: bool
    pipelines: list[KnownPipeline]
    not_built: list[str]
    caller: Caller | None


class Parameter(BaseModel):
    """A parameter of a pipeline."""

    name: str
    type: str
    unit: str | None
    default: str | None
    description: str
    source: str | None
    minimum: float | None
    maximum: float | None
    choices: list[str]


class Pipeline(KnownPipeline):
    """A pipeline with its parameters."""

    description: str
    input_formats: list[str]
    params_type: str
    result_type: str
    parameters: list[Parameter]


class Pipelines(BaseModel):
    """The pipelines."""

    pipelines: list[Pipeline]


class Tier(BaseModel):
    """What a tier holds."""

    name: str
    configured: bool
    available: bool
    entries: Bytes
    size_bytes: Bytes
    limit_bytes: Bytes
    hits: Bytes


class Stats(BaseModel):
    """What the cache holds and has done."""

    tiers: list[Tier]
    misses: dict[str, int]
    blobs: Bytes
    blob_size_bytes: Bytes
    jobs: Bytes
    running: Bytes
    queued: Bytes
    hits_total: Bytes
    compute_saved_seconds: float
