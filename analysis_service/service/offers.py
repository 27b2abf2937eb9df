"""What is offered, as the cache and the callers hear it."""

from enum import Enum
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from analysis_service.parameter import ParameterDescription
from analysis_service.pipelines import Pipeline
from analysis_service.sequence.reference.library import Listing
from analysis_service.service.messages import MESSAGES, defaults_of, schema_of
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.identity_pb2 import PipelineRef
from assaycache.cache.v1.pipelines_pb2 import PipelineOffer, ReferenceOffer

_SCALAR_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: "double",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_STRING: "string",
}


def offer_of(pipeline: Pipeline, listing: Listing | None = None) -> PipelineOffer:
    """Return the announcement of a pipeline to the cache, with the references that are listed if it uses any."""
    offer = PipelineOffer(
        pipeline=PipelineRef(name=pipeline.name, version=pipeline.version),
        active=pipeline.is_active,
        params_schema=schema_of(MESSAGES[pipeline.params_type]),
    )
    offer.defaults.Pack(defaults_of(pipeline), deterministic=True)
    if pipeline.has_references and listing is not None:
        named = sorted(listing.digests.items())
        offer.references.extend(ReferenceOffer(name=name, digest=bytes.fromhex(digest)) for name, digest in named)
        offer.default_reference = listing.default
    return offer


def described(pipeline: Pipeline) -> pb2.Pipeline:
    """Return the description of a pipeline with all its parameters."""
    fields = MESSAGES[pipeline.params_type].DESCRIPTOR.fields_by_name
    return pb2.Pipeline(
        pipeline=PipelineRef(name=pipeline.name, version=pipeline.version),
        active=pipeline.is_active,
        description=pipeline.description,
        input_formats=pipeline.input_formats,
        params_type=pipeline.params_type,
        result_type=pipeline.result_type,
        parameters=[_parameter(description, fields[description.name]) for description in pipeline.parameters],
    )


def _parameter(description: ParameterDescription, field: Any) -> pb2.Parameter:
    return pb2.Parameter(
        name=description.name,
        type=_type_of(field),
        unit=description.unit,
        default_value=_text_of(description.default),
        description=description.description,
        source=description.source,
        minimum=description.minimum,
        maximum=description.maximum,
        choices=description.choices,
    )


def _type_of(field: Any) -> str:
    named = field.message_type or field.enum_type
    name = _SCALAR_TYPES[field.type] if named is None else named.name
    return f"repeated {name}" if field.is_repeated else name


def _text_of(default: Any) -> str:
    """Return a default as text; the empty list is none."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, Enum):
        return default.name
    if isinstance(default, float):
        return f"{default:.15g}"
    return "" if default == () else str(default)
