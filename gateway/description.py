"""`/openapi.json`: the framework's description, the models of /v1, and every parameter of every pipeline."""

import json
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from starlette.responses import Response

from gateway.backend import Backend, Report
from gateway.v1 import models
from rpc.errors import AssayError

_JSON_TYPES = {
    "double": "number",
    "float": "number",
    "uint32": "integer",
    "int32": "integer",
    "uint64": "integer",
    "int64": "integer",
    "bool": "boolean",
    "string": "string",
}
_REPEATED = "repeated "


class Description:
    """The description. It is made when it is first asked for: that takes longer than all else of a gateway's start.

    Parameters are described beside the fields that take them, which take a little more: null and numbers as texts, as
    protobuf's JSON does.
    """

    def __init__(self, app: FastAPI, backend: Backend) -> None:
        self._app = app
        self._backend = backend

    def add_to(self, router: APIRouter) -> None:
        """Add the route."""
        router.add_api_route("/openapi.json", self.told, methods=["GET"], include_in_schema=False)

    async def told(self) -> Response:
        """Describe the interface; without the parameters where the service that knows them does not answer."""
        described = self._app.openapi()
        components = described.get("components", {})
        try:
            pipelines = await self._backend.pipelines(for_anybody=True)
        except AssayError:
            pipelines = []
        parameters = {f"Parameters.{pipeline['name']}": schema_of(pipeline) for pipeline in pipelines}
        schemas = {**components.get("schemas", {}), **self._models, **parameters}
        told = {**described, "components": {**components, "schemas": schemas}}
        return Response(orjson.dumps(told), media_type="application/json")

    @cached_property
    def _models(self) -> dict[str, Any]:
        return models.components()


def schema_of(pipeline: Report) -> dict[str, Any]:
    """Return the schema of a pipeline's parameters."""
    return {
        "type": "object",
        "title": f"Parameters of {pipeline['name']} {pipeline['version']}",
        "description": pipeline["description"],
        "properties": {item["name"]: _property(item) for item in pipeline["parameters"]},
        "additionalProperties": False,
    }


def _property(parameter: Report) -> dict[str, Any]:
    unit, source = parameter["unit"], parameter["source"]
    said = [parameter["description"], f"In {unit}." if unit else "", f"Default after: {source}." if source else ""]
    schema = {**_type_of(parameter["type"], parameter["choices"]), "description": " ".join(filter(None, said))}
    bounds = {"minimum": parameter["minimum"], "maximum": parameter["maximum"]}
    schema |= {name: bound for name, bound in bounds.items() if bound is not None and schema["type"] != "array"}
    default = parameter["default"]
    if default is not None:
        schema["default"] = default if schema["type"] == "string" else json.loads(default)
    return schema


def _type_of(name: str, choices: Sequence[str]) -> dict[str, Any]:
    if name.startswith(_REPEATED):
        return {"type": "array", "items": _type_of(name.removeprefix(_REPEATED), choices)}
    if choices:
        return {"type": "string", "enum": list(choices)}
    return {"type": _JSON_TYPES.get(name, "object")}
