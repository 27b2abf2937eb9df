from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SequenceAbundanceNotation(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_ABUNDANCE_NOTATION_UNSPECIFIED: _ClassVar[SequenceAbundanceNotation]
    SEQUENCE_ABUNDANCE_NOTATION_AUTO: _ClassVar[SequenceAbundanceNotation]
    SEQUENCE_ABUNDANCE_NOTATION_SIZE: _ClassVar[SequenceAbundanceNotation]
    SEQUENCE_ABUNDANCE_NOTATION_UNDERSCORE: _ClassVar[SequenceAbundanceNotation]
    SEQUENCE_ABUNDANCE_NOTATION_NONE: _ClassVar[SequenceAbundanceNotation]

class SequenceClusterMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_CLUSTER_METHOD_UNSPECIFIED: _ClassVar[SequenceClusterMethod]
    SEQUENCE_CLUSTER_METHOD_HDBSCAN: _ClassVar[SequenceClusterMethod]
    SEQUENCE_CLUSTER_METHOD_OTU: _ClassVar[SequenceClusterMethod]

class SequenceShannonBase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_SHANNON_BASE_UNSPECIFIED: _ClassVar[SequenceShannonBase]
    SEQUENCE_SHANNON_BASE_E: _ClassVar[SequenceShannonBase]
    SEQUENCE_SHANNON_BASE_TWO: _ClassVar[SequenceShannonBase]
    SEQUENCE_SHANNON_BASE_TEN: _ClassVar[SequenceShannonBase]

class SequenceStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_STATUS_UNSPECIFIED: _ClassVar[SequenceStatus]
    SEQUENCE_STATUS_KNOWN: _ClassVar[SequenceStatus]
    SEQUENCE_STATUS_POTENTIALLY_NOVEL: _ClassVar[SequenceStatus]
    SEQUENCE_STATUS_NOT_THIS_MARKER: _ClassVar[SequenceStatus]
    SEQUENCE_STATUS_UNASSIGNED: _ClassVar[SequenceStatus]

class SequenceFaithMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SEQUENCE_FAITH_METHOD_UNSPECIFIED: _ClassVar[SequenceFaithMethod]
    SEQUENCE_FAITH_METHOD_BEST_HIT: _ClassVar[SequenceFaithMethod]
    SEQUENCE_FAITH_METHOD_NO_HIT: _ClassVar[SequenceFaithMethod]
SEQUENCE_ABUNDANCE_NOTATION_UNSPECIFIED: SequenceAbundanceNotation
SEQUENCE_ABUNDANCE_NOTATION_AUTO: SequenceAbundanceNotation
SEQUENCE_ABUNDANCE_NOTATION_SIZE: SequenceAbundanceNotation
SEQUENCE_ABUNDANCE_NOTATION_UNDERSCORE: SequenceAbundanceNotation
SEQUENCE_ABUNDANCE_NOTATION_NONE: SequenceAbundanceNotation
SEQUENCE_CLUSTER_METHOD_UNSPECIFIED: SequenceClusterMethod
SEQUENCE_CLUSTER_METHOD_HDBSCAN: SequenceClusterMethod
SEQUENCE_CLUSTER_METHOD_OTU: SequenceClusterMethod
SEQUENCE_SHANNON_BASE_UNSPECIFIED: SequenceShannonBase
SEQUENCE_SHANNON_BASE_E: SequenceShannonBase
SEQUENCE_SHANNON_BASE_TWO: SequenceShannonBase
SEQUENCE_SHANNON_BASE_TEN: SequenceShannonBase
SEQUENCE_STATUS_UNSPECIFIED: SequenceStatus
SEQUENCE_STATUS_KNOWN: SequenceStatus
SEQUENCE_STATUS_POTENTIALLY_NOVEL: SequenceStatus
SEQUENCE_STATUS_NOT_THIS_MARKER: SequenceStatus
SEQUENCE_STATUS_UNASSIGNED: SequenceStatus
SEQUENCE_FAITH_METHOD_UNSPECIFIED: SequenceFaithMethod
SEQUENCE_FAITH_METHOD_BEST_HIT: SequenceFaithMethod
SEQUENCE_FAITH_METHOD_NO_HIT: SequenceFaithMethod

class SequenceTaxonomyParams(_message.Message):
    __slots__ = ("min_length", "max_length", "max_expected_errors", "quality_offset", "abundance_notation", "bootstraps", "bootstrap_kmers", "top_references", "min_confidence", "min_probability", "min_shared_fraction", "novelty_threshold", "cluster_method", "min_cluster_size", "otu_identity_percent", "shannon_base", "rarefaction_points")
    MIN_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    MAX_EXPECTED_ERRORS_FIELD_NUMBER: _ClassVar[int]
    QUALITY_OFFSET_FIELD_NUMBER: _ClassVar[int]
    ABUNDANCE_NOTATION_FIELD_NUMBER: _ClassVar[int]
    BOOTSTRAPS_FIELD_NUMBER: _ClassVar[int]
    BOOTSTRAP_KMERS_FIELD_NUMBER: _ClassVar[int]
    TOP_REFERENCES_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MIN_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    MIN_SHARED_FRACTION_FIELD_NUMBER: _ClassVar[int]
    NOVELTY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_METHOD_FIELD_NUMBER: _ClassVar[int]
    MIN_CLUSTER_SIZE_FIELD_NUMBER: _ClassVar[int]
    OTU_IDENTITY_PERCENT_FIELD_NUMBER: _ClassVar[int]
    SHANNON_BASE_FIELD_NUMBER: _ClassVar[int]
    RAREFACTION_POINTS_FIELD_NUMBER: _ClassVar[int]
    min_length: int
    max_length: int
    max_expected_errors: float
    quality_offset: int
    abundance_notation: SequenceAbundanceNotation
    bootstraps: int
    bootstrap_kmers: int
    top_references: int
    min_confidence: float
    min_probability: float
    min_shared_fraction: float
    novelty_threshold: float
    cluster_method: SequenceClusterMethod
    min_cluster_size: int
    otu_identity_percent: float
    shannon_base: SequenceShannonBase
    rarefaction_points: int
    def __init__(self, min_length: _Optional[int] = ..., max_length: _Optional[int] = ..., max_expected_errors: _Optional[float] = ..., quality_offset: _Optional[int] = ..., abundance_notation: _Optional[_Union[SequenceAbundanceNotation, str]] = ..., bootstraps: _Optional[int] = ..., bootstrap_kmers: _Optional[int] = ..., top_references: _Optional[int] = ..., min_confidence: _Optional[float] = ..., min_probability: _Optional[float] = ..., min_shared_fraction: _Optional[float] = ..., novelty_threshold: _Optional[float] = ..., cluster_method: _Optional[_Union[SequenceClusterMethod, str]] = ..., min_cluster_size: _Optional[int] = ..., otu_identity_percent: _Optional[float] = ..., shannon_base: _Optional[_Union[SequenceShannonBase, str]] = ..., rarefaction_points: _Optional[int] = ...) -> None: ...

class SequenceAssignmentParams(_message.Message):
    __slots__ = ("bootstraps", "bootstrap_kmers", "top_references", "min_confidence", "min_probability", "min_shared_fraction", "novelty_threshold")
    BOOTSTRAPS_FIELD_NUMBER: _ClassVar[int]
    BOOTSTRAP_KMERS_FIELD_NUMBER: _ClassVar[int]
    TOP_REFERENCES_FIELD_NUMBER: _ClassVar[int]
    MIN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    MIN_PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    MIN_SHARED_FRACTION_FIELD_NUMBER: _ClassVar[int]
    NOVELTY_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    bootstraps: int
    bootstrap_kmers: int
    top_references: int
    min_confidence: float
    min_probability: float
    min_shared_fraction: float
    novelty_threshold: float
    def __init__(self, bootstraps: _Optional[int] = ..., bootstrap_kmers: _Optional[int] = ..., top_references: _Optional[int] = ..., min_confidence: _Optional[float] = ..., min_probability: _Optional[float] = ..., min_shared_fraction: _Optional[float] = ..., novelty_threshold: _Optional[float] = ...) -> None: ...

class SequenceAssignment(_message.Message):
    __slots__ = ("status", "is_reversed", "names", "confidences", "probabilities", "shared_fraction", "hit_accession", "identity", "overlap", "novelty", "x", "y", "z")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    IS_REVERSED_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCES_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    SHARED_FRACTION_FIELD_NUMBER: _ClassVar[int]
    HIT_ACCESSION_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_FIELD_NUMBER: _ClassVar[int]
    NOVELTY_FIELD_NUMBER: _ClassVar[int]
    X_FIELD_NUMBER: _ClassVar[int]
    Y_FIELD_NUMBER: _ClassVar[int]
    Z_FIELD_NUMBER: _ClassVar[int]
    status: SequenceStatus
    is_reversed: bool
    names: _containers.RepeatedScalarFieldContainer[str]
    confidences: _containers.RepeatedScalarFieldContainer[float]
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    shared_fraction: float
    hit_accession: str
    identity: float
    overlap: float
    novelty: float
    x: float
    y: float
    z: float
    def __init__(self, status: _Optional[_Union[SequenceStatus, str]] = ..., is_reversed: _Optional[bool] = ..., names: _Optional[_Iterable[str]] = ..., confidences: _Optional[_Iterable[float]] = ..., probabilities: _Optional[_Iterable[float]] = ..., shared_fraction: _Optional[float] = ..., hit_accession: _Optional[str] = ..., identity: _Optional[float] = ..., overlap: _Optional[float] = ..., novelty: _Optional[float] = ..., x: _Optional[float] = ..., y: _Optional[float] = ..., z: _Optional[float] = ...) -> None: ...

class SampleSequence(_message.Message):
    __slots__ = ("id", "letters", "abundance", "records", "mean_quality", "cluster", "assignment")
    ID_FIELD_NUMBER: _ClassVar[int]
    LETTERS_FIELD_NUMBER: _ClassVar[int]
    ABUNDANCE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    MEAN_QUALITY_FIELD_NUMBER: _ClassVar[int]
    CLUSTER_FIELD_NUMBER: _ClassVar[int]
    ASSIGNMENT_FIELD_NUMBER: _ClassVar[int]
    id: str
    letters: str
    abundance: int
    records: int
    mean_quality: float
    cluster: str
    assignment: SequenceAssignment
    def __init__(self, id: _Optional[str] = ..., letters: _Optional[str] = ..., abundance: _Optional[int] = ..., records: _Optional[int] = ..., mean_quality: _Optional[float] = ..., cluster: _Optional[str] = ..., assignment: _Optional[_Union[SequenceAssignment, _Mapping]] = ...) -> None: ...

class SequenceDropped(_message.Message):
    __slots__ = ("empty", "too_short", "too_long", "expected_errors")
    EMPTY_FIELD_NUMBER: _ClassVar[int]
    TOO_SHORT_FIELD_NUMBER: _ClassVar[int]
    TOO_LONG_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_ERRORS_FIELD_NUMBER: _ClassVar[int]
    empty: int
    too_short: int
    too_long: int
    expected_errors: int
    def __init__(self, empty: _Optional[int] = ..., too_short: _Optional[int] = ..., too_long: _Optional[int] = ..., expected_errors: _Optional[int] = ...) -> None: ...

class SequenceWarning(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class SequenceReading(_message.Message):
    __slots__ = ("format", "is_compressed", "records", "kept_records", "kept_reads", "unique_sequences", "dropped", "warnings")
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    IS_COMPRESSED_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    KEPT_RECORDS_FIELD_NUMBER: _ClassVar[int]
    KEPT_READS_FIELD_NUMBER: _ClassVar[int]
    UNIQUE_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    DROPPED_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    format: str
    is_compressed: bool
    records: int
    kept_records: int
    kept_reads: int
    unique_sequences: int
    dropped: SequenceDropped
    warnings: _containers.RepeatedCompositeFieldContainer[SequenceWarning]
    def __init__(self, format: _Optional[str] = ..., is_compressed: _Optional[bool] = ..., records: _Optional[int] = ..., kept_records: _Optional[int] = ..., kept_reads: _Optional[int] = ..., unique_sequences: _Optional[int] = ..., dropped: _Optional[_Union[SequenceDropped, _Mapping]] = ..., warnings: _Optional[_Iterable[_Union[SequenceWarning, _Mapping]]] = ...) -> None: ...

class SequenceStatusCount(_message.Message):
    __slots__ = ("status", "sequences", "reads")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    status: SequenceStatus
    sequences: int
    reads: int
    def __init__(self, status: _Optional[_Union[SequenceStatus, str]] = ..., sequences: _Optional[int] = ..., reads: _Optional[int] = ...) -> None: ...

class SequenceTaxon(_message.Message):
    __slots__ = ("name", "lineage", "sequences", "reads", "share", "color")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LINEAGE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    name: str
    lineage: _containers.RepeatedScalarFieldContainer[str]
    sequences: int
    reads: int
    share: float
    color: str
    def __init__(self, name: _Optional[str] = ..., lineage: _Optional[_Iterable[str]] = ..., sequences: _Optional[int] = ..., reads: _Optional[int] = ..., share: _Optional[float] = ..., color: _Optional[str] = ...) -> None: ...

class SequenceComposition(_message.Message):
    __slots__ = ("rank", "taxa", "unassigned")
    RANK_FIELD_NUMBER: _ClassVar[int]
    TAXA_FIELD_NUMBER: _ClassVar[int]
    UNASSIGNED_FIELD_NUMBER: _ClassVar[int]
    rank: str
    taxa: _containers.RepeatedCompositeFieldContainer[SequenceTaxon]
    unassigned: SequenceTaxon
    def __init__(self, rank: _Optional[str] = ..., taxa: _Optional[_Iterable[_Union[SequenceTaxon, _Mapping]]] = ..., unassigned: _Optional[_Union[SequenceTaxon, _Mapping]] = ...) -> None: ...

class SequenceHierarchyNode(_message.Message):
    __slots__ = ("name", "rank", "sequences", "reads", "color", "children")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    name: str
    rank: str
    sequences: int
    reads: int
    color: str
    children: _containers.RepeatedCompositeFieldContainer[SequenceHierarchyNode]
    def __init__(self, name: _Optional[str] = ..., rank: _Optional[str] = ..., sequences: _Optional[int] = ..., reads: _Optional[int] = ..., color: _Optional[str] = ..., children: _Optional[_Iterable[_Union[SequenceHierarchyNode, _Mapping]]] = ...) -> None: ...

class SequenceSankeyNode(_message.Message):
    __slots__ = ("id", "name", "rank", "reads", "color")
    ID_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    RANK_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    id: int
    name: str
    rank: str
    reads: int
    color: str
    def __init__(self, id: _Optional[int] = ..., name: _Optional[str] = ..., rank: _Optional[str] = ..., reads: _Optional[int] = ..., color: _Optional[str] = ...) -> None: ...

class SequenceSankeyLink(_message.Message):
    __slots__ = ("source", "target", "reads")
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TARGET_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    source: int
    target: int
    reads: int
    def __init__(self, source: _Optional[int] = ..., target: _Optional[int] = ..., reads: _Optional[int] = ...) -> None: ...

class SequenceSankey(_message.Message):
    __slots__ = ("nodes", "links")
    NODES_FIELD_NUMBER: _ClassVar[int]
    LINKS_FIELD_NUMBER: _ClassVar[int]
    nodes: _containers.RepeatedCompositeFieldContainer[SequenceSankeyNode]
    links: _containers.RepeatedCompositeFieldContainer[SequenceSankeyLink]
    def __init__(self, nodes: _Optional[_Iterable[_Union[SequenceSankeyNode, _Mapping]]] = ..., links: _Optional[_Iterable[_Union[SequenceSankeyLink, _Mapping]]] = ...) -> None: ...

class SequenceCluster(_message.Message):
    __slots__ = ("id", "sequences", "reads", "color")
    ID_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    COLOR_FIELD_NUMBER: _ClassVar[int]
    id: str
    sequences: int
    reads: int
    color: str
    def __init__(self, id: _Optional[str] = ..., sequences: _Optional[int] = ..., reads: _Optional[int] = ..., color: _Optional[str] = ...) -> None: ...

class SequenceDiversity(_message.Message):
    __slots__ = ("features", "reads", "singletons", "doubletons", "shannon", "shannon_base", "simpson", "chao1", "pielou", "faith", "faith_method")
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    SINGLETONS_FIELD_NUMBER: _ClassVar[int]
    DOUBLETONS_FIELD_NUMBER: _ClassVar[int]
    SHANNON_FIELD_NUMBER: _ClassVar[int]
    SHANNON_BASE_FIELD_NUMBER: _ClassVar[int]
    SIMPSON_FIELD_NUMBER: _ClassVar[int]
    CHAO1_FIELD_NUMBER: _ClassVar[int]
    PIELOU_FIELD_NUMBER: _ClassVar[int]
    FAITH_FIELD_NUMBER: _ClassVar[int]
    FAITH_METHOD_FIELD_NUMBER: _ClassVar[int]
    features: int
    reads: int
    singletons: int
    doubletons: int
    shannon: float
    shannon_base: SequenceShannonBase
    simpson: float
    chao1: float
    pielou: float
    faith: float
    faith_method: SequenceFaithMethod
    def __init__(self, features: _Optional[int] = ..., reads: _Optional[int] = ..., singletons: _Optional[int] = ..., doubletons: _Optional[int] = ..., shannon: _Optional[float] = ..., shannon_base: _Optional[_Union[SequenceShannonBase, str]] = ..., simpson: _Optional[float] = ..., chao1: _Optional[float] = ..., pielou: _Optional[float] = ..., faith: _Optional[float] = ..., faith_method: _Optional[_Union[SequenceFaithMethod, str]] = ...) -> None: ...

class SequenceRarefactionPoint(_message.Message):
    __slots__ = ("reads", "features")
    READS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    reads: int
    features: float
    def __init__(self, reads: _Optional[int] = ..., features: _Optional[float] = ...) -> None: ...

class SequenceReference(_message.Message):
    __slots__ = ("digest", "name", "version", "licence", "citation", "sequences")
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LICENCE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    digest: bytes
    name: str
    version: str
    licence: str
    citation: str
    sequences: int
    def __init__(self, digest: _Optional[bytes] = ..., name: _Optional[str] = ..., version: _Optional[str] = ..., licence: _Optional[str] = ..., citation: _Optional[str] = ..., sequences: _Optional[int] = ...) -> None: ...

class SequenceTaxonomy(_message.Message):
    __slots__ = ("reading", "ranks", "statuses", "mean_confidence", "compositions", "hierarchy", "sankey", "clusters", "diversity", "rarefaction", "sequences", "unlisted_sequences", "reference", "params")
    READING_FIELD_NUMBER: _ClassVar[int]
    RANKS_FIELD_NUMBER: _ClassVar[int]
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    MEAN_CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    COMPOSITIONS_FIELD_NUMBER: _ClassVar[int]
    HIERARCHY_FIELD_NUMBER: _ClassVar[int]
    SANKEY_FIELD_NUMBER: _ClassVar[int]
    CLUSTERS_FIELD_NUMBER: _ClassVar[int]
    DIVERSITY_FIELD_NUMBER: _ClassVar[int]
    RAREFACTION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    UNLISTED_SEQUENCES_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    reading: SequenceReading
    ranks: _containers.RepeatedScalarFieldContainer[str]
    statuses: _containers.RepeatedCompositeFieldContainer[SequenceStatusCount]
    mean_confidence: float
    compositions: _containers.RepeatedCompositeFieldContainer[SequenceComposition]
    hierarchy: SequenceHierarchyNode
    sankey: SequenceSankey
    clusters: _containers.RepeatedCompositeFieldContainer[SequenceCluster]
    diversity: SequenceDiversity
    rarefaction: _containers.RepeatedCompositeFieldContainer[SequenceRarefactionPoint]
    sequences: _containers.RepeatedCompositeFieldContainer[SampleSequence]
    unlisted_sequences: int
    reference: SequenceReference
    params: SequenceTaxonomyParams
    def __init__(self, reading: _Optional[_Union[SequenceReading, _Mapping]] = ..., ranks: _Optional[_Iterable[str]] = ..., statuses: _Optional[_Iterable[_Union[SequenceStatusCount, _Mapping]]] = ..., mean_confidence: _Optional[float] = ..., compositions: _Optional[_Iterable[_Union[SequenceComposition, _Mapping]]] = ..., hierarchy: _Optional[_Union[SequenceHierarchyNode, _Mapping]] = ..., sankey: _Optional[_Union[SequenceSankey, _Mapping]] = ..., clusters: _Optional[_Iterable[_Union[SequenceCluster, _Mapping]]] = ..., diversity: _Optional[_Union[SequenceDiversity, _Mapping]] = ..., rarefaction: _Optional[_Iterable[_Union[SequenceRarefactionPoint, _Mapping]]] = ..., sequences: _Optional[_Iterable[_Union[SampleSequence, _Mapping]]] = ..., unlisted_sequences: _Optional[int] = ..., reference: _Optional[_Union[SequenceReference, _Mapping]] = ..., params: _Optional[_Union[SequenceTaxonomyParams, _Mapping]] = ...) -> None: ...

class SequenceComparisonOptions(_message.Message):
    __slots__ = ("rank",)
    RANK_FIELD_NUMBER: _ClassVar[int]
    rank: str
    def __init__(self, rank: _Optional[str] = ...) -> None: ...

class SequenceHeatmapRow(_message.Message):
    __slots__ = ("taxon", "shares", "reads")
    TAXON_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    READS_FIELD_NUMBER: _ClassVar[int]
    taxon: str
    shares: _containers.RepeatedScalarFieldContainer[float]
    reads: _containers.RepeatedScalarFieldContainer[int]
    def __init__(self, taxon: _Optional[str] = ..., shares: _Optional[_Iterable[float]] = ..., reads: _Optional[_Iterable[int]] = ...) -> None: ...

class SequenceComparison(_message.Message):
    __slots__ = ("rank", "heatmap", "unassigned", "diversities", "axis_1", "axis_2", "axis_3", "explained")
    RANK_FIELD_NUMBER: _ClassVar[int]
    HEATMAP_FIELD_NUMBER: _ClassVar[int]
    UNASSIGNED_FIELD_NUMBER: _ClassVar[int]
    DIVERSITIES_FIELD_NUMBER: _ClassVar[int]
    AXIS_1_FIELD_NUMBER: _ClassVar[int]
    AXIS_2_FIELD_NUMBER: _ClassVar[int]
    AXIS_3_FIELD_NUMBER: _ClassVar[int]
    EXPLAINED_FIELD_NUMBER: _ClassVar[int]
    rank: str
    heatmap: _containers.RepeatedCompositeFieldContainer[SequenceHeatmapRow]
    unassigned: _containers.RepeatedScalarFieldContainer[float]
    diversities: _containers.RepeatedCompositeFieldContainer[SequenceDiversity]
    axis_1: _containers.RepeatedScalarFieldContainer[float]
    axis_2: _containers.RepeatedScalarFieldContainer[float]
    axis_3: _containers.RepeatedScalarFieldContainer[float]
    explained: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, rank: _Optional[str] = ..., heatmap: _Optional[_Iterable[_Union[SequenceHeatmapRow, _Mapping]]] = ..., unassigned: _Optional[_Iterable[float]] = ..., diversities: _Optional[_Iterable[_Union[SequenceDiversity, _Mapping]]] = ..., axis_1: _Optional[_Iterable[float]] = ..., axis_2: _Optional[_Iterable[float]] = ..., axis_3: _Optional[_Iterable[float]] = ..., explained: _Optional[_Iterable[float]] = ...) -> None: ...
