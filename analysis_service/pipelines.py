"""What is offered, as plain data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis_service.emg import params as emg
from analysis_service.parameter import ParameterDescription
from analysis_service.sequence import params as sequence
from rpc.errors import InvalidArgument
from rpc.reasons import Reason


@dataclass(frozen=True)
class Pipeline:
    """One version of a pipeline.

    Attributes
    ----------
    params : type
        The dataclass of its parameters, whose defaults are the pipeline's and which has a `validate()`.
    params_type, result_type : str
        The full names of the contract's messages that say the same.
    parameters : tuple of ParameterDescription
        The documentation of each parameter, in field order.
    parts : PartsOf or None
        The cached pieces that its result is put together of; None where it is computed in one go.
    has_signals : bool
        Whether GetSignals can show what it measured.
    has_references : bool
        Whether its questions are asked of a reference database.
    """

    name: str
    version: str
    is_active: bool
    description: str
    input_formats: tuple[str, ...]
    params: type[Any]
    params_type: str
    result_type: str
    parameters: tuple[ParameterDescription, ...] = ()
    parts: "PartsOf | None" = None
    has_signals: bool = False
    has_references: bool = False


@dataclass(frozen=True)
class PartsOf:
    """The parts of a pipeline.

    Attributes
    ----------
    pipeline : Pipeline
        Their own name, version and params message, of what a part depends on and nothing else. It is announced to the
        cache, and never asked by callers. `params` may be a dataclass with more fields than `params_type`.
    count_a_task : int
        How many parts one task of a worker computes.
    outline : Pipeline or None
        What of an input is needed besides its parts: a part of its own, whose content is the input itself. With it a
        result whose parts are known is put together without the input, where the parameters' `is_outline_enough`.
    """

    pipeline: Pipeline
    count_a_task: int
    outline: Pipeline | None = None

    @property
    def pipelines(self) -> "tuple[Pipeline, ...]":
        """All that results are put together of."""
        return (self.pipeline,) if self.outline is None else (self.pipeline, self.outline)


EMG_CHANNEL = Pipeline(
    name="emg.channel",
    version="1.1.0",
    is_active=True,
    description="All that follows from one channel's samples: the part that sessions are put together of.",
    input_formats=(),
    params=emg.EmgParams,
    params_type="assaycache.analysis.v1.EmgChannelParams",
    result_type="assaycache.analysis.v1.EmgChannelFeatures",
)

EMG_OUTLINE = Pipeline(
    name="emg.outline",
    version="1.1.0",
    is_active=True,
    description="What of a recording is needed besides its channels' features: the part by which it is scored anew.",
    input_formats=(),
    params=emg.EmgParams,
    params_type="assaycache.analysis.v1.EmgOutlineParams",
    result_type="assaycache.analysis.v1.EmgOutline",
)

EMG_SESSION = Pipeline(
    name="emg.session",
    version="1.1.0",
    is_active=True,
    description=(
        "Quality, envelope, contractions, amplitude, spectrum and fatigue of every EMG channel of a recording, "
        "each contraction in relation to a reference amplitude."
    ),
    input_formats=("c3d",),
    params=emg.EmgParams,
    params_type="assaycache.analysis.v1.EmgSessionParams",
    result_type="assaycache.analysis.v1.EmgSession",
    parameters=emg.describe(),
    parts=PartsOf(EMG_CHANNEL, count_a_task=1, outline=EMG_OUTLINE),
    has_signals=True,
)

SEQUENCE_ASSIGNMENT = Pipeline(
    name="sequence.assignment",
    version="1.1.0",
    is_active=True,
    description="The taxa of one unique sequence: the part that samples are put together of.",
    input_formats=(),
    params=sequence.ClassifierParams,
    params_type="assaycache.analysis.v1.SequenceAssignmentParams",
    result_type="assaycache.analysis.v1.SequenceAssignment",
    has_references=True,
)

SEQUENCE_TAXONOMY = Pipeline(
    name="sequence.taxonomy",
    version="1.2.0",
    is_active=True,
    description=(
        "The taxa of every unique sequence of a marker, with confidence, identity and novelty; composition, clusters, "
        "diversity and rarefaction of the sample."
    ),
    input_formats=("fasta", "fastq", "fasta.gz", "fastq.gz"),
    params=sequence.SequenceParams,
    params_type="assaycache.analysis.v1.SequenceTaxonomyParams",
    result_type="assaycache.analysis.v1.SequenceTaxonomy",
    parameters=sequence.describe(),
    parts=PartsOf(SEQUENCE_ASSIGNMENT, count_a_task=256),
    has_references=True,
)


class Pipelines:
    """The versions of pipelines that this service computes."""

    def __init__(self, offered: Sequence[Pipeline]) -> None:
        self._offered = tuple(offered)

    def __iter__(self) -> Iterator[Pipeline]:
        return iter(self._offered)

    def announced(self) -> list[Pipeline]:
        """Return what the cache is told of: the pipelines, and those of their parts."""
        parts = [part for pipeline in self._offered if pipeline.parts is not None for part in pipeline.parts.pipelines]
        return [*self._offered, *dict.fromkeys(parts)]

    def find(self, name: str, version: str) -> Pipeline:
        """Return a version of a pipeline; an empty version is the active one.

        Raises:
            InvalidArgument: PIPELINE_UNKNOWN or PIPELINE_VERSION_UNKNOWN.
        """
        versions = [pipeline for pipeline in self._offered if pipeline.name == name]
        if not versions:
            known = ", ".join(sorted({pipeline.name for pipeline in self._offered}))
            raise InvalidArgument(
                Reason.PIPELINE_UNKNOWN,
                f"There is no pipeline {name!r}; there is: {known}.",
                metadata={"pipeline": name, "known": known},
            )
        for pipeline in versions:
            if pipeline.version == version or (not version and pipeline.is_active):
                return pipeline
        known = ", ".join(pipeline.version for pipeline in versions)
        raise InvalidArgument(
            Reason.PIPELINE_VERSION_UNKNOWN,
            f"Pipeline {name!r} is not offered in version {version!r}; offered: {known}.",
            metadata={"pipeline": name, "version": version},
        )
