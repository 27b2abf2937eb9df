"""The pipelines whose messages this client knows."""

import difflib
from typing import TypeAlias

from assaycache.analysis.v1 import emg_pb2
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

Params: TypeAlias = emg_pb2.EmgSessionParams
"""A params message of a known pipeline."""

Result: TypeAlias = emg_pb2.EmgSession
"""A result message of a known pipeline."""

DEFAULT = "emg.session"
"""What a file is asked where its caller names no pipeline."""

PARAMS: dict[str, type[Params]] = {"emg.session": emg_pb2.EmgSessionParams}
"""The params message of each pipeline."""

RESULTS: dict[str, type[Result]] = {kind.DESCRIPTOR.full_name: kind for kind in (emg_pb2.EmgSession,)}
"""The result messages by their full names."""


def params_kind_of(pipeline: str) -> type[Params]:
    """Return the params message of a pipeline.

    Raises:
        InvalidArgument: PIPELINE_UNKNOWN.
    """
    kind = PARAMS.get(pipeline)
    if kind is not None:
        return kind
    close = difflib.get_close_matches(pipeline, PARAMS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there is {', '.join(PARAMS)}."
    raise InvalidArgument(
        Reason.PIPELINE_UNKNOWN,
        f"There is no pipeline {pipeline!r}; {hint}",
        metadata={"pipeline": pipeline, "known": ", ".join(PARAMS)},
    )
