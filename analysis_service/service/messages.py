"""Which messages of the contract say a pipeline's parameters and its result."""

from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message

from analysis_service.pipelines import Pipeline
from analysis_service.service.translate import fill
from assaycache.analysis.v1 import emg_pb2, sequence_pb2

MESSAGES: dict[str, type[Message]] = {
    message.DESCRIPTOR.full_name: message
    for message in (
        emg_pb2.EmgSessionParams,
        emg_pb2.EmgSession,
        emg_pb2.EmgChannelParams,
        emg_pb2.EmgChannelFeatures,
        emg_pb2.EmgOutlineParams,
        emg_pb2.EmgOutline,
        sequence_pb2.SequenceTaxonomyParams,
        sequence_pb2.SequenceTaxonomy,
        sequence_pb2.SequenceAssignmentParams,
        sequence_pb2.SequenceAssignment,
    )
}


def defaults_of(pipeline: Pipeline) -> Message:
    """Return the params message that says every default aloud."""
    return fill(MESSAGES[pipeline.params_type](), pipeline.params())


def schema_of(message: type[Message]) -> FileDescriptorSet:
    """Return the files that define a message, each after those it imports."""
    files = FileDescriptorSet()
    _add(files, message.DESCRIPTOR.file, set())
    return files


def _add(files: FileDescriptorSet, file: Any, seen: set[str]) -> None:
    if file.name in seen:
        return
    seen.add(file.name)
    for dependency in file.dependencies:
        _add(files, dependency, seen)
    file.CopyToProto(files.file.add())
