"""What the services tell of themselves, ready to be JSON: the names are those of their messages."""

from typing import Any

from assaycache.analysis.v1 import analysis_service_pb2 as analysis_pb
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from gateway.backend import Failure, Report
from gateway.translate.messages import failure_of
from rpc.protojson import json_of, short_name


def capabilities(message: cache_pb.GetCapabilitiesResponse) -> Report:
    """Return what the cache can do."""
    return {
        "version": message.version,
        "max_blob_bytes": message.limits.max_blob_bytes,
        "tiers": [short_name(entry_pb2.Tier.DESCRIPTOR, tier) for tier in message.tiers],
        "durable": message.durable,
        "pipelines": [{**_named(item.pipeline), "active": item.active} for item in message.pipelines],
        "not_built": list(message.not_built),
    }


def pipeline(message: analysis_pb.Pipeline) -> Report:
    """Return the description of a pipeline."""
    told = {**json_of(message), **_named(message.pipeline)}
    del told["pipeline"]
    told["parameters"] = [_parameter(item) for item in message.parameters]
    return {"name": told.pop("name"), "version": told.pop("version"), **told}


def stats(message: cache_pb.GetStatsResponse) -> Report:
    """Return what the cache holds and has done."""
    told = json_of(message)
    told["tiers"] = [{"name": tier.pop("tier"), **tier} for tier in told["tiers"]]
    told["misses"] = {miss["reason"]: miss["count"] for miss in told["misses"]}
    told["compute_saved_seconds"] = told.pop("compute_saved") or 0.0
    return told


def explanation(message: cache_pb.ExplainResponse) -> Report:
    """Return why a question has no answer, or where that is."""
    told = json_of(message)
    failure = failure_of(message.failure) if message.HasField("failure") else None
    return {
        "job_id": message.identity.job_id,
        **{name: told[name] for name in ("explanation", "message", "tiers", "differences")},
        "failure": None if failure is None else failure_report(failure),
    }


def failure_report(failure: Failure) -> Report:
    """Return a remembered failure."""
    violations = [{"field": item.field, "message": item.message} for item in failure.violations]
    return {"reason": failure.reason, "message": failure.message, "violations": violations}


def _named(ref: identity_pb2.PipelineRef) -> Report:
    return {"name": ref.name, "version": ref.version}


def _parameter(message: analysis_pb.Parameter) -> dict[str, Any]:
    told = json_of(message)
    told["default"] = told.pop("default_value") or None
    if told["choices"]:  # words are lower case here, whatever the case they were described in
        told["choices"] = [word.lower() for word in told["choices"]]
        told["default"] = told["default"] and told["default"].lower()
    told["unit"] = told["unit"] or None
    told["source"] = told["source"] or None
    return told
