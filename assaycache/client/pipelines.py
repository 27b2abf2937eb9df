"""The pipelines whose messages this client knows."""

import difflib
from typing import TypeAlias

from assaycache.analysis.v1 import emg_pb2, sequence_pb2
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

Params: TypeAlias = emg_pb2.EmgSessionParams | sequence_pb2.SequenceTaxonomyParams
"""A params message of a known pipeline."""

Result: TypeAlias = emg_pb2.EmgSession | sequence_pb2.SequenceTaxonomy
"""A result message of a known pipeline."""

DEFAULT = "emg.session"
"""What a recording is asked where its caller names no pipeline."""

SEQUENCES = "sequence.taxonomy"
"""What a file of sequences is asked where its caller names no pipeline."""

_TEXT_MARKS = (b">", b"@", b";", b"#")
_GZIP_MARK = b"\x1f\x8b"

PARAMS: dict[str, type[Params]] = {
    DEFAULT: emg_pb2.EmgSessionParams,
    SEQUENCES: sequence_pb2.SequenceTaxonomyParams,
}
"""The params message of each pipeline."""

RESULTS: dict[str, type[Result]] = {
    kind.DESCRIPTOR.full_name: kind for kind in (emg_pb2.EmgSession, sequence_pb2.SequenceTaxonomy)
}
"""The result messages by their full names."""


def pipeline_for(head: bytes) -> str:
    """Return what a file that begins so is asked: FASTA (comments may come first), FASTQ and what is compressed are
    sequences."""
    return SEQUENCES if head.lstrip()[:1] in _TEXT_MARKS or head.startswith(_GZIP_MARK) else DEFAULT


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
