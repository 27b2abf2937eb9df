"""What `/openapi.json` says of the bodies that are read and rendered by hand."""

from typing import Any

from gateway.backend import JOB_STATUSES


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required or properties)}


def _json(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_TEXT = {"type": "string"}
_TIME = {"type": ["string", "null"], "format": "date-time"}
_FREE = {"type": "object", "additionalProperties": True}
_MAYBE_FREE = {"type": ["object", "null"], "additionalProperties": True}
_VIOLATIONS = {"type": "array", "items": _object({"field": _TEXT, "message": _TEXT})}

_RECORDING_DATA: dict[str, Any] = {
    "type": "object",
    "description": "The fields of the pipeline's result message (EmgSession for emg.session), and these two.",
    "properties": {
        "file_name": {**_TEXT, "description": "The name of the file in this request."},
        "user_metadata": {**_FREE, "description": "The metadata of this request."},
    },
    "required": ["file_name", "user_metadata"],
    "additionalProperties": True,
}

_NUMBER = {"type": "number"}

_SEQUENCE_DATA: dict[str, Any] = {
    "description": "For sequences; counts are of reads.",
    **_object(
        {
            "metadata": {"type": "object", "additionalProperties": True},
            "taxonomy_summary": {
                "type": "array",
                "items": _object({"name": _TEXT, "value": {"type": "integer"}, "color": _TEXT}),
            },
            "sequences": {
                "type": "array",
                "items": _object(
                    {
                        "accession": _TEXT,
                        "taxonomy": _TEXT,
                        "length": {"type": "integer"},
                        "confidence": _NUMBER,
                        "overlap": _NUMBER,
                        "cluster": _TEXT,
                        "novelty_score": _NUMBER,
                        "status": _TEXT,
                    }
                ),
            },
            "cluster_data": {
                "type": "array",
                "items": _object({"x": _NUMBER, "y": _NUMBER, "z": _NUMBER, "cluster": _TEXT, "color": _TEXT}),
            },
        }
    ),
}

_DATA: dict[str, Any] = {"anyOf": [_RECORDING_DATA, _SEQUENCE_DATA]}

_JOB_FIELDS: dict[str, Any] = {
    "job_id": {"type": "string", "format": "uuid"},
    "status": {"type": "string", "enum": list(JOB_STATUSES)},
    "file_name": {**_TEXT, "description": "The name it was last handed in by."},
    "pipeline": _TEXT,
    "pipeline_version": _TEXT,
    "params": {**_FREE, "description": "The parameters that differ from the defaults."},
    "sha256": _TEXT,
    "size_bytes": {"type": "integer"},
    "created_at": _TIME,
    "updated_at": _TIME,
    "compute_ms": {"type": ["number", "null"], "description": "What computing it cost."},
    "result_size_bytes": {"type": "integer"},
    "failure": _MAYBE_FREE,
    "progress": _MAYBE_FREE,
}

_SUBMISSION = _object(
    {
        "file_name": _TEXT,
        "uploader": {"type": ["string", "null"]},
        "metadata": _FREE,
        "first_seen_at": _TIME,
        "last_seen_at": _TIME,
        "seen_count": {"type": "integer"},
    }
)

_ERROR = _json(
    "What went wrong. `reason` is stable and documented; `message` is for people.",
    _object(
        {
            "status": {"type": "string", "enum": ["error"]},
            "message": _TEXT,
            "reason": _TEXT,
            "request_id": _TEXT,
            "violations": _VIOLATIONS,
        },
        "status",
        "message",
        "reason",
        "request_id",
    ),
)

_HEALTH = _object({"status": {"type": "string", "enum": ["ok", "degraded", "down"]}, "parts": {"type": "object"}})

FORM: dict[str, Any] = {
    "schema": _object(
        {
            "file": {"type": "string", "contentMediaType": "application/octet-stream"},
            "metadata": {**_TEXT, "description": "A JSON object: anything to be kept with this submission."},
            "params": {
                **_TEXT,
                "description": "A JSON object: parameters of the pipeline; see the schemas `Parameters.*`.",
            },
            "pipeline": {**_TEXT, "description": "name or name@version; by default the file's content says."},
            "reference": {**_TEXT, "description": "For sequences: the reference database, by name or digest."},
        },
        "file",
    )
}
"""The form of an upload."""

ANALYZE_BODY: dict[str, Any] = {"requestBody": {"required": True, "content": {"multipart/form-data": FORM}}}

ANALYZE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _json(
        "The result.",
        _object(
            {
                "status": {"type": "string", "enum": ["success"]},
                "job_id": {"type": "string", "format": "uuid"},
                "cached": {"type": "boolean", "description": "Whether nothing was computed for it."},
                "data": _DATA,
            }
        ),
    ),
    "default": _ERROR,
}

VIEW_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _json("What a chart shows.", _object({"status": {"type": "string", "enum": ["success"]}, "data": _FREE})),
    "default": _ERROR,
}

JOBS_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _json(
        "A page of jobs, last changed first.",
        _object(
            {
                "jobs": {"type": "array", "items": _object(_JOB_FIELDS)},
                "next_page_token": {"type": ["string", "null"], "description": "null on the last page."},
            }
        ),
    ),
    "default": _ERROR,
}

JOB_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _json(
        "The job, with its result where it stands.",
        _object(
            {
                **_JOB_FIELDS,
                "submissions": {"type": "array", "items": _SUBMISSION},
                "data": {"anyOf": [_DATA, {"type": "null"}]},
            }
        ),
    ),
    "default": _ERROR,
}

HEALTH_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: _json("Analyses are answered.", _HEALTH),
    503: _json("Analyses cannot be answered.", _HEALTH),
}
