"""What the worker processes run: from a file's bytes and a question to a payload. Imported by them, not the server."""

import hashlib
import mmap
from collections.abc import Callable

import zstandard
from google.protobuf.message import Message

from analysis_service.emg import c3d, session
from analysis_service.emg import errors as emg_errors
from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.parameters import params_of, refusal_of
from analysis_service.service.translate import fill
from assaycache.analysis.v1.emg_pb2 import EmgSession
from assaycache.cache.v1.entry_pb2 import ENCODING_ZSTD, Payload
from assaycache.cache.v1.identity_pb2 import Question
from rpc.errors import Unavailable
from rpc.reasons import Reason

TABLE = f"{__name__}:JOBS"
"""By which name a worker process finds `JOBS`."""

_ZSTD_LEVEL = 3
"""zstd's own default: higher levels cost several times the time for a few percent of doubles."""


def emg_session(data: mmap.mmap | bytes, arguments: bytes, report: Callable[[str, float], None]) -> bytes:
    """Analyse a recording; the arguments are the question, the output is the serialized payload."""
    question = Question.FromString(arguments)
    _verify(data, question.blob.sha256)
    params = params_of(EMG_SESSION, question.params)
    try:
        recording = c3d.read(data)
        result = session.analyse(recording, params, report, content_sha256=question.blob.sha256.hex())
    except emg_errors.InputError as error:
        raise refusal_of(error) from error
    return encoded(fill(EmgSession(), result))


def encoded(result: Message) -> bytes:
    """Return the serialized payload of a result."""
    plain = result.SerializeToString(deterministic=True)
    payload = Payload(
        data=zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(plain),
        encoding=ENCODING_ZSTD,
        sha256=hashlib.sha256(plain).digest(),
        uncompressed_size_bytes=len(plain),
        message_type=result.DESCRIPTOR.full_name,
    )
    return payload.SerializeToString()


def _verify(data: mmap.mmap | bytes, sha256: bytes) -> None:
    """Check here, not where it was downloaded, so that the server's threads need not."""
    if hashlib.sha256(data).digest() != sha256:
        raise Unavailable(Reason.BLOB_STORE_UNAVAILABLE, "The blob store returned other bytes than it was given.")


JOBS = {EMG_SESSION.name: emg_session}
