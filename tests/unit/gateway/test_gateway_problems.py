"""Every error has one HTTP status."""

import pytest

from gateway.problems import status_of
from rpc.errors import (
    BY_CODE,
    AssayError,
    FailedPrecondition,
    InputError,
    Internal,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
)
from rpc.reasons import REMEMBERED, Reason


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidArgument(Reason.PIPELINE_UNKNOWN, ""), 400),
        (InvalidArgument(Reason.PARAMETER_INVALID, ""), 400),
        (InvalidArgument(Reason.BLOB_TOO_LARGE, ""), 413),
        (InvalidArgument(Reason.FILE_FORMAT_UNKNOWN, ""), 415),
        (InvalidArgument(Reason.FILE_MISSING, ""), 400),
        (InputError(Reason.FILE_TRUNCATED, ""), 422),
        (NotFound(Reason.JOB_UNKNOWN, ""), 404),
        (FailedPrecondition(Reason.BLOB_MISSING, ""), 409),
        (ResourceExhausted(Reason.OVERLOADED, ""), 503),
        (ResourceExhausted(Reason.QUOTA_EXCEEDED, ""), 429),
        (Internal(Reason.INTERNAL, ""), 500),
    ],
    ids=lambda value: str(getattr(value, "reason", value)),
)
def test_an_error_has_its_status(error: AssayError, status: int) -> None:
    assert status_of(error) == status


@pytest.mark.parametrize("code", BY_CODE)
def test_every_kind_of_error_is_a_failure(code: str) -> None:
    assert 400 <= status_of(BY_CODE[code](Reason.INTERNAL, "")) < 600


@pytest.mark.parametrize("reason", sorted(REMEMBERED))
def test_what_follows_from_the_input_is_the_callers_to_mend(reason: Reason) -> None:
    assert 400 <= status_of(InputError(reason, "")) < 500
