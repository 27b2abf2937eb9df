"""The parameters of a question, as the pipeline's own dataclass."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from google.protobuf.any_pb2 import Any as PackedAny
from google.protobuf.message import DecodeError

from analysis_service import input_error
from analysis_service.pipelines import Pipeline
from analysis_service.service.messages import MESSAGES
from analysis_service.service.translate import read
from rpc.errors import InputError, InvalidArgument, Violation
from rpc.reasons import Reason


def params_of(pipeline: Pipeline, packed: PackedAny) -> Any:
    """Return the valid parameters that a question says; one that says nothing means all defaults.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN or PARAMETER_INVALID.
    """
    message = MESSAGES[pipeline.params_type]()
    try:
        if packed.type_url and not packed.Unpack(message):
            raise _of_another_type(pipeline, packed)
    except DecodeError as error:
        raise InvalidArgument(Reason.PARAMETER_INVALID, f"The parameters are no {pipeline.params_type}.") from error
    params = read(message, pipeline.params)
    try:
        params.validate()
    except input_error.InputError as error:
        raise refusal_of(error) from error
    return params


def refusal_of(error: input_error.InputError) -> InputError:
    """Return a pipeline's own error as the one that reaches a caller."""
    violations = [Violation(*violation) for violation in error.violations]
    metadata = {"parameter": violations[0].field} if violations else {}
    return InputError(Reason(error.reason), error.message, metadata=metadata, violations=violations)


@contextmanager
def refusals() -> Iterator[None]:
    """Let a pipeline's own error reach the caller."""
    try:
        yield
    except input_error.InputError as error:
        raise refusal_of(error) from error


def _of_another_type(pipeline: Pipeline, packed: PackedAny) -> InvalidArgument:
    name = packed.TypeName()
    return InvalidArgument(
        Reason.PARAMETER_UNKNOWN,
        f"{pipeline.name} takes {pipeline.params_type}, not {name or packed.type_url}.",
        metadata={"parameter": name},
    )
