"""What is to be forgotten, or explained, as a caller says it."""

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from cache_service import keys
from cache_service.invalidations.face import Selector
from cache_service.service.fields import digest_of, namespace_of
from cache_service.service.messages import job_uuid
from rpc.errors import field_invalid, field_missing


def selector_of(request: pb.InvalidateRequest) -> Selector:
    """Return what is to be forgotten.

    Raises:
        InvalidArgument: FIELD_MISSING, FIELD_INVALID.
    """
    namespace = namespace_of(request.namespace)
    match request.WhichOneof("selector"):
        case "job_id":
            return Selector(namespace, job_id=job_uuid(request.job_id))
        case "blob":
            return Selector(namespace, blob_sha256=digest_of(request.blob.sha256, "blob.sha256"))
        case "pipeline":
            return _of_pipeline(namespace, request.pipeline)
        case "whole_namespace" if request.whole_namespace:
            return Selector(namespace)
        case "whole_namespace":
            raise field_invalid("whole_namespace", "must be true, or left out")
        case _:
            raise field_missing("selector")


def text_of(selector: Selector) -> str:
    """Return a selector as the audit says it."""
    if selector.pipeline:
        return f"pipeline {selector.pipeline} {selector.from_version or '*'} to {selector.to_version or '*'}"
    if selector.blob_sha256:
        return f"blob {selector.blob_sha256.hex()}"
    return f"job {selector.job_id}" if selector.job_id else "whole namespace"


def asked_in(request: pb.ExplainRequest) -> identity_pb2.Question:
    """Return the question that is to be explained; it may name the namespace itself.

    Raises:
        InvalidArgument: FIELD_INVALID: two namespaces are named.
    """
    question = request.question
    if request.namespace and question.namespace and request.namespace != question.namespace:
        raise field_invalid("question.namespace", "is another than the request's namespace")
    if request.namespace:
        question.namespace = request.namespace
    return question


def _of_pipeline(namespace: str, message: pb.PipelineRange) -> Selector:
    for field, version in (("from_version", message.from_version), ("to_version", message.to_version)):
        try:
            keys.check_pipeline(keys.Pipeline(message.name, version or "0.0.0"))
        except keys.InvalidKeyError as error:
            name = field if error.field == "pipeline.version" else "name"
            raise field_invalid(f"pipeline.{name}", error.description) from error
    return Selector(namespace, pipeline=message.name, from_version=message.from_version, to_version=message.to_version)
