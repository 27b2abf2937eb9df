from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class EmgProfile(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_PROFILE_UNSPECIFIED: _ClassVar[EmgProfile]
    EMG_PROFILE_STANDARD: _ClassVar[EmgProfile]
    EMG_PROFILE_COMPAT: _ClassVar[EmgProfile]

class EmgRateSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_RATE_SOURCE_UNSPECIFIED: _ClassVar[EmgRateSource]
    EMG_RATE_SOURCE_DECLARED: _ClassVar[EmgRateSource]
    EMG_RATE_SOURCE_ESTIMATED: _ClassVar[EmgRateSource]

class EmgOnsetMethod(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_ONSET_METHOD_UNSPECIFIED: _ClassVar[EmgOnsetMethod]
    EMG_ONSET_METHOD_ENVELOPE: _ClassVar[EmgOnsetMethod]
    EMG_ONSET_METHOD_TKEO: _ClassVar[EmgOnsetMethod]

class EmgProcessor(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_PROCESSOR_UNSPECIFIED: _ClassVar[EmgProcessor]
    EMG_PROCESSOR_INTEL: _ClassVar[EmgProcessor]
    EMG_PROCESSOR_DEC: _ClassVar[EmgProcessor]
    EMG_PROCESSOR_SGI: _ClassVar[EmgProcessor]

class EmgStorage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_STORAGE_UNSPECIFIED: _ClassVar[EmgStorage]
    EMG_STORAGE_INTEGER: _ClassVar[EmgStorage]
    EMG_STORAGE_FLOAT: _ClassVar[EmgStorage]

class EmgRateConfidence(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_RATE_CONFIDENCE_UNSPECIFIED: _ClassVar[EmgRateConfidence]
    EMG_RATE_CONFIDENCE_NONE: _ClassVar[EmgRateConfidence]
    EMG_RATE_CONFIDENCE_LOW: _ClassVar[EmgRateConfidence]
    EMG_RATE_CONFIDENCE_HIGH: _ClassVar[EmgRateConfidence]

class EmgChannelBasis(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_CHANNEL_BASIS_UNSPECIFIED: _ClassVar[EmgChannelBasis]
    EMG_CHANNEL_BASIS_REQUESTED: _ClassVar[EmgChannelBasis]
    EMG_CHANNEL_BASIS_LABEL: _ClassVar[EmgChannelBasis]
    EMG_CHANNEL_BASIS_MUSCLE_NAME: _ClassVar[EmgChannelBasis]
    EMG_CHANNEL_BASIS_RAW_LABEL: _ClassVar[EmgChannelBasis]

class EmgFindingCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_FINDING_CODE_UNSPECIFIED: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_NON_FINITE: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_FLAT_LINE: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_CLIPPING: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_MAINS_INTERFERENCE: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_BASELINE_DRIFT: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_BASELINE_NOISE: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_LOW_SNR: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_AMPLITUDE_IMPLAUSIBLE: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_RATE_TOO_LOW: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_NO_REST: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_NO_CONTRACTION: _ClassVar[EmgFindingCode]
    EMG_FINDING_CODE_ARTEFACT_REJECTED: _ClassVar[EmgFindingCode]

class EmgSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_SEVERITY_UNSPECIFIED: _ClassVar[EmgSeverity]
    EMG_SEVERITY_INFO: _ClassVar[EmgSeverity]
    EMG_SEVERITY_WARNING: _ClassVar[EmgSeverity]
    EMG_SEVERITY_UNUSABLE: _ClassVar[EmgSeverity]

class EmgContractionFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_CONTRACTION_FLAG_UNSPECIFIED: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_AT_START: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_AT_END: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_LONG_HOLD: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_SHORT_FOR_SPECTRUM: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_CLIPPED: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_HAS_GAP: _ClassVar[EmgContractionFlag]
    EMG_CONTRACTION_FLAG_ARTEFACT_SUSPECTED: _ClassVar[EmgContractionFlag]

class EmgMetric(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_METRIC_UNSPECIFIED: _ClassVar[EmgMetric]
    EMG_METRIC_RMS_UV: _ClassVar[EmgMetric]
    EMG_METRIC_ARV_UV: _ClassVar[EmgMetric]
    EMG_METRIC_MEDIAN_FREQUENCY_HZ: _ClassVar[EmgMetric]
    EMG_METRIC_MEAN_FREQUENCY_HZ: _ClassVar[EmgMetric]
    EMG_METRIC_FI_NSM5_S6: _ClassVar[EmgMetric]

class EmgReferenceOrigin(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_REFERENCE_ORIGIN_UNSPECIFIED: _ClassVar[EmgReferenceOrigin]
    EMG_REFERENCE_ORIGIN_CALLER_CHANNEL: _ClassVar[EmgReferenceOrigin]
    EMG_REFERENCE_ORIGIN_CALLER_GLOBAL: _ClassVar[EmgReferenceOrigin]
    EMG_REFERENCE_ORIGIN_SESSION_PEAK: _ClassVar[EmgReferenceOrigin]
    EMG_REFERENCE_ORIGIN_NONE: _ClassVar[EmgReferenceOrigin]
    EMG_REFERENCE_ORIGIN_FILE: _ClassVar[EmgReferenceOrigin]

class EmgUnavailableReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_UNAVAILABLE_REASON_UNSPECIFIED: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_REFERENCE: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_CONTRACTION: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_CHANNEL_UNUSABLE: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_USABLE_CHANNEL: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_EXPECTED_COUNT: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_PAIR: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_RPE: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_GAME_SCORE: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_NO_COMPONENT: _ClassVar[EmgUnavailableReason]
    EMG_UNAVAILABLE_REASON_CHANNEL_MISSING: _ClassVar[EmgUnavailableReason]

class EmgCompatRejection(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_COMPAT_REJECTION_UNSPECIFIED: _ClassVar[EmgCompatRejection]
    EMG_COMPAT_REJECTION_NOT_FINITE: _ClassVar[EmgCompatRejection]
    EMG_COMPAT_REJECTION_NO_VARIATION: _ClassVar[EmgCompatRejection]
    EMG_COMPAT_REJECTION_RATE_TOO_LOW: _ClassVar[EmgCompatRejection]

class EmgLeftOutReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_LEFT_OUT_REASON_UNSPECIFIED: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_NOT_REQUESTED: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_FORCE_PLATE: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_OTHER_QUANTITY: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_AUXILIARY: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_PROCESSED: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_NOT_RECOGNISED: _ClassVar[EmgLeftOutReason]
    EMG_LEFT_OUT_REASON_SCALE_INVALID: _ClassVar[EmgLeftOutReason]

class EmgWarningCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMG_WARNING_CODE_UNSPECIFIED: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_LAYOUT_CONTRADICTION: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_FRAME_COUNT_CONTRADICTION: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_FRAME_COUNT_FROM_SIZE: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_LAST_FRAME_INCOMPLETE: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_TRAILING_DATA: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_RATE_CONTRADICTION: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_PARAMETER_UNREADABLE: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_SCALE_MISSING: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_SCALE_INVALID: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_LABEL_MISSING: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_LABEL_DUPLICATED: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_RATE_IMPLAUSIBLE: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_UNIT_ASSUMED: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_REFERENCE_UNUSED: _ClassVar[EmgWarningCode]
    EMG_WARNING_CODE_ACTIVATED_DISAGREES: _ClassVar[EmgWarningCode]
EMG_PROFILE_UNSPECIFIED: EmgProfile
EMG_PROFILE_STANDARD: EmgProfile
EMG_PROFILE_COMPAT: EmgProfile
EMG_RATE_SOURCE_UNSPECIFIED: EmgRateSource
EMG_RATE_SOURCE_DECLARED: EmgRateSource
EMG_RATE_SOURCE_ESTIMATED: EmgRateSource
EMG_ONSET_METHOD_UNSPECIFIED: EmgOnsetMethod
EMG_ONSET_METHOD_ENVELOPE: EmgOnsetMethod
EMG_ONSET_METHOD_TKEO: EmgOnsetMethod
EMG_PROCESSOR_UNSPECIFIED: EmgProcessor
EMG_PROCESSOR_INTEL: EmgProcessor
EMG_PROCESSOR_DEC: EmgProcessor
EMG_PROCESSOR_SGI: EmgProcessor
EMG_STORAGE_UNSPECIFIED: EmgStorage
EMG_STORAGE_INTEGER: EmgStorage
EMG_STORAGE_FLOAT: EmgStorage
EMG_RATE_CONFIDENCE_UNSPECIFIED: EmgRateConfidence
EMG_RATE_CONFIDENCE_NONE: EmgRateConfidence
EMG_RATE_CONFIDENCE_LOW: EmgRateConfidence
EMG_RATE_CONFIDENCE_HIGH: EmgRateConfidence
EMG_CHANNEL_BASIS_UNSPECIFIED: EmgChannelBasis
EMG_CHANNEL_BASIS_REQUESTED: EmgChannelBasis
EMG_CHANNEL_BASIS_LABEL: EmgChannelBasis
EMG_CHANNEL_BASIS_MUSCLE_NAME: EmgChannelBasis
EMG_CHANNEL_BASIS_RAW_LABEL: EmgChannelBasis
EMG_FINDING_CODE_UNSPECIFIED: EmgFindingCode
EMG_FINDING_CODE_NON_FINITE: EmgFindingCode
EMG_FINDING_CODE_FLAT_LINE: EmgFindingCode
EMG_FINDING_CODE_CLIPPING: EmgFindingCode
EMG_FINDING_CODE_MAINS_INTERFERENCE: EmgFindingCode
EMG_FINDING_CODE_BASELINE_DRIFT: EmgFindingCode
EMG_FINDING_CODE_BASELINE_NOISE: EmgFindingCode
EMG_FINDING_CODE_LOW_SNR: EmgFindingCode
EMG_FINDING_CODE_AMPLITUDE_IMPLAUSIBLE: EmgFindingCode
EMG_FINDING_CODE_RATE_TOO_LOW: EmgFindingCode
EMG_FINDING_CODE_NO_REST: EmgFindingCode
EMG_FINDING_CODE_NO_CONTRACTION: EmgFindingCode
EMG_FINDING_CODE_ARTEFACT_REJECTED: EmgFindingCode
EMG_SEVERITY_UNSPECIFIED: EmgSeverity
EMG_SEVERITY_INFO: EmgSeverity
EMG_SEVERITY_WARNING: EmgSeverity
EMG_SEVERITY_UNUSABLE: EmgSeverity
EMG_CONTRACTION_FLAG_UNSPECIFIED: EmgContractionFlag
EMG_CONTRACTION_FLAG_AT_START: EmgContractionFlag
EMG_CONTRACTION_FLAG_AT_END: EmgContractionFlag
EMG_CONTRACTION_FLAG_LONG_HOLD: EmgContractionFlag
EMG_CONTRACTION_FLAG_SHORT_FOR_SPECTRUM: EmgContractionFlag
EMG_CONTRACTION_FLAG_CLIPPED: EmgContractionFlag
EMG_CONTRACTION_FLAG_HAS_GAP: EmgContractionFlag
EMG_CONTRACTION_FLAG_ARTEFACT_SUSPECTED: EmgContractionFlag
EMG_METRIC_UNSPECIFIED: EmgMetric
EMG_METRIC_RMS_UV: EmgMetric
EMG_METRIC_ARV_UV: EmgMetric
EMG_METRIC_MEDIAN_FREQUENCY_HZ: EmgMetric
EMG_METRIC_MEAN_FREQUENCY_HZ: EmgMetric
EMG_METRIC_FI_NSM5_S6: EmgMetric
EMG_REFERENCE_ORIGIN_UNSPECIFIED: EmgReferenceOrigin
EMG_REFERENCE_ORIGIN_CALLER_CHANNEL: EmgReferenceOrigin
EMG_REFERENCE_ORIGIN_CALLER_GLOBAL: EmgReferenceOrigin
EMG_REFERENCE_ORIGIN_SESSION_PEAK: EmgReferenceOrigin
EMG_REFERENCE_ORIGIN_NONE: EmgReferenceOrigin
EMG_REFERENCE_ORIGIN_FILE: EmgReferenceOrigin
EMG_UNAVAILABLE_REASON_UNSPECIFIED: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_REFERENCE: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_CONTRACTION: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_CHANNEL_UNUSABLE: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_USABLE_CHANNEL: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_EXPECTED_COUNT: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_PAIR: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_RPE: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_GAME_SCORE: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_NO_COMPONENT: EmgUnavailableReason
EMG_UNAVAILABLE_REASON_CHANNEL_MISSING: EmgUnavailableReason
EMG_COMPAT_REJECTION_UNSPECIFIED: EmgCompatRejection
EMG_COMPAT_REJECTION_NOT_FINITE: EmgCompatRejection
EMG_COMPAT_REJECTION_NO_VARIATION: EmgCompatRejection
EMG_COMPAT_REJECTION_RATE_TOO_LOW: EmgCompatRejection
EMG_LEFT_OUT_REASON_UNSPECIFIED: EmgLeftOutReason
EMG_LEFT_OUT_REASON_NOT_REQUESTED: EmgLeftOutReason
EMG_LEFT_OUT_REASON_FORCE_PLATE: EmgLeftOutReason
EMG_LEFT_OUT_REASON_OTHER_QUANTITY: EmgLeftOutReason
EMG_LEFT_OUT_REASON_AUXILIARY: EmgLeftOutReason
EMG_LEFT_OUT_REASON_PROCESSED: EmgLeftOutReason
EMG_LEFT_OUT_REASON_NOT_RECOGNISED: EmgLeftOutReason
EMG_LEFT_OUT_REASON_SCALE_INVALID: EmgLeftOutReason
EMG_WARNING_CODE_UNSPECIFIED: EmgWarningCode
EMG_WARNING_CODE_LAYOUT_CONTRADICTION: EmgWarningCode
EMG_WARNING_CODE_FRAME_COUNT_CONTRADICTION: EmgWarningCode
EMG_WARNING_CODE_FRAME_COUNT_FROM_SIZE: EmgWarningCode
EMG_WARNING_CODE_LAST_FRAME_INCOMPLETE: EmgWarningCode
EMG_WARNING_CODE_TRAILING_DATA: EmgWarningCode
EMG_WARNING_CODE_RATE_CONTRADICTION: EmgWarningCode
EMG_WARNING_CODE_PARAMETER_UNREADABLE: EmgWarningCode
EMG_WARNING_CODE_SCALE_MISSING: EmgWarningCode
EMG_WARNING_CODE_SCALE_INVALID: EmgWarningCode
EMG_WARNING_CODE_LABEL_MISSING: EmgWarningCode
EMG_WARNING_CODE_LABEL_DUPLICATED: EmgWarningCode
EMG_WARNING_CODE_RATE_IMPLAUSIBLE: EmgWarningCode
EMG_WARNING_CODE_UNIT_ASSUMED: EmgWarningCode
EMG_WARNING_CODE_REFERENCE_UNUSED: EmgWarningCode
EMG_WARNING_CODE_ACTIVATED_DISAGREES: EmgWarningCode

class EmgSessionParams(_message.Message):
    __slots__ = ("profile", "channels", "rate_source", "low_cut_hz", "high_cut_hz", "filter_order", "notch_hz", "envelope_window_ms", "threshold_k", "release_percent", "min_duration_ms", "merge_gap_ms", "long_hold_ms", "spectrum_window_ms", "series_window_ms", "overlap_percent", "onset_method", "antagonists", "reference_amplitude_uv", "references", "target_intensity_percent", "target_duration_ms", "pairs", "expected_contractions", "expected_counts", "rpe", "target_rpe", "rpe_tolerance", "game_score", "game_score_max", "weight_compliance", "weight_symmetry", "weight_effort", "weight_game", "weight_completion", "weight_intensity", "weight_duration", "include_file_parameters", "compat_mvc_v", "compat_mvc_values", "compat_mvc_percent", "compat_mvc_percents", "compat_duration_ms", "compat_durations")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    RATE_SOURCE_FIELD_NUMBER: _ClassVar[int]
    LOW_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    HIGH_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    FILTER_ORDER_FIELD_NUMBER: _ClassVar[int]
    NOTCH_HZ_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_K_FIELD_NUMBER: _ClassVar[int]
    RELEASE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    MIN_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MERGE_GAP_MS_FIELD_NUMBER: _ClassVar[int]
    LONG_HOLD_MS_FIELD_NUMBER: _ClassVar[int]
    SPECTRUM_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    SERIES_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_PERCENT_FIELD_NUMBER: _ClassVar[int]
    ONSET_METHOD_FIELD_NUMBER: _ClassVar[int]
    ANTAGONISTS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_AMPLITUDE_UV_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    TARGET_INTENSITY_PERCENT_FIELD_NUMBER: _ClassVar[int]
    TARGET_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    PAIRS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_CONTRACTIONS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_COUNTS_FIELD_NUMBER: _ClassVar[int]
    RPE_FIELD_NUMBER: _ClassVar[int]
    TARGET_RPE_FIELD_NUMBER: _ClassVar[int]
    RPE_TOLERANCE_FIELD_NUMBER: _ClassVar[int]
    GAME_SCORE_FIELD_NUMBER: _ClassVar[int]
    GAME_SCORE_MAX_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_COMPLIANCE_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_SYMMETRY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_EFFORT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_GAME_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_COMPLETION_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_INTENSITY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_DURATION_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_FILE_PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    COMPAT_MVC_V_FIELD_NUMBER: _ClassVar[int]
    COMPAT_MVC_VALUES_FIELD_NUMBER: _ClassVar[int]
    COMPAT_MVC_PERCENT_FIELD_NUMBER: _ClassVar[int]
    COMPAT_MVC_PERCENTS_FIELD_NUMBER: _ClassVar[int]
    COMPAT_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    COMPAT_DURATIONS_FIELD_NUMBER: _ClassVar[int]
    profile: EmgProfile
    channels: _containers.RepeatedScalarFieldContainer[str]
    rate_source: EmgRateSource
    low_cut_hz: float
    high_cut_hz: float
    filter_order: int
    notch_hz: float
    envelope_window_ms: float
    threshold_k: float
    release_percent: float
    min_duration_ms: float
    merge_gap_ms: float
    long_hold_ms: float
    spectrum_window_ms: float
    series_window_ms: float
    overlap_percent: float
    onset_method: EmgOnsetMethod
    antagonists: _containers.RepeatedCompositeFieldContainer[EmgAntagonists]
    reference_amplitude_uv: float
    references: _containers.RepeatedCompositeFieldContainer[EmgChannelReference]
    target_intensity_percent: float
    target_duration_ms: float
    pairs: _containers.RepeatedCompositeFieldContainer[EmgChannelPair]
    expected_contractions: int
    expected_counts: _containers.RepeatedCompositeFieldContainer[EmgExpectedCount]
    rpe: float
    target_rpe: float
    rpe_tolerance: float
    game_score: float
    game_score_max: float
    weight_compliance: float
    weight_symmetry: float
    weight_effort: float
    weight_game: float
    weight_completion: float
    weight_intensity: float
    weight_duration: float
    include_file_parameters: bool
    compat_mvc_v: float
    compat_mvc_values: _containers.RepeatedCompositeFieldContainer[EmgCompatMvc]
    compat_mvc_percent: float
    compat_mvc_percents: _containers.RepeatedCompositeFieldContainer[EmgCompatMvcPercent]
    compat_duration_ms: float
    compat_durations: _containers.RepeatedCompositeFieldContainer[EmgCompatDuration]
    def __init__(self, profile: _Optional[_Union[EmgProfile, str]] = ..., channels: _Optional[_Iterable[str]] = ..., rate_source: _Optional[_Union[EmgRateSource, str]] = ..., low_cut_hz: _Optional[float] = ..., high_cut_hz: _Optional[float] = ..., filter_order: _Optional[int] = ..., notch_hz: _Optional[float] = ..., envelope_window_ms: _Optional[float] = ..., threshold_k: _Optional[float] = ..., release_percent: _Optional[float] = ..., min_duration_ms: _Optional[float] = ..., merge_gap_ms: _Optional[float] = ..., long_hold_ms: _Optional[float] = ..., spectrum_window_ms: _Optional[float] = ..., series_window_ms: _Optional[float] = ..., overlap_percent: _Optional[float] = ..., onset_method: _Optional[_Union[EmgOnsetMethod, str]] = ..., antagonists: _Optional[_Iterable[_Union[EmgAntagonists, _Mapping]]] = ..., reference_amplitude_uv: _Optional[float] = ..., references: _Optional[_Iterable[_Union[EmgChannelReference, _Mapping]]] = ..., target_intensity_percent: _Optional[float] = ..., target_duration_ms: _Optional[float] = ..., pairs: _Optional[_Iterable[_Union[EmgChannelPair, _Mapping]]] = ..., expected_contractions: _Optional[int] = ..., expected_counts: _Optional[_Iterable[_Union[EmgExpectedCount, _Mapping]]] = ..., rpe: _Optional[float] = ..., target_rpe: _Optional[float] = ..., rpe_tolerance: _Optional[float] = ..., game_score: _Optional[float] = ..., game_score_max: _Optional[float] = ..., weight_compliance: _Optional[float] = ..., weight_symmetry: _Optional[float] = ..., weight_effort: _Optional[float] = ..., weight_game: _Optional[float] = ..., weight_completion: _Optional[float] = ..., weight_intensity: _Optional[float] = ..., weight_duration: _Optional[float] = ..., include_file_parameters: _Optional[bool] = ..., compat_mvc_v: _Optional[float] = ..., compat_mvc_values: _Optional[_Iterable[_Union[EmgCompatMvc, _Mapping]]] = ..., compat_mvc_percent: _Optional[float] = ..., compat_mvc_percents: _Optional[_Iterable[_Union[EmgCompatMvcPercent, _Mapping]]] = ..., compat_duration_ms: _Optional[float] = ..., compat_durations: _Optional[_Iterable[_Union[EmgCompatDuration, _Mapping]]] = ...) -> None: ...

class EmgChannelParams(_message.Message):
    __slots__ = ("low_cut_hz", "high_cut_hz", "filter_order", "notch_hz", "envelope_window_ms", "threshold_k", "release_percent", "min_duration_ms", "merge_gap_ms", "long_hold_ms", "spectrum_window_ms", "series_window_ms", "overlap_percent", "onset_method")
    LOW_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    HIGH_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    FILTER_ORDER_FIELD_NUMBER: _ClassVar[int]
    NOTCH_HZ_FIELD_NUMBER: _ClassVar[int]
    ENVELOPE_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_K_FIELD_NUMBER: _ClassVar[int]
    RELEASE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    MIN_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MERGE_GAP_MS_FIELD_NUMBER: _ClassVar[int]
    LONG_HOLD_MS_FIELD_NUMBER: _ClassVar[int]
    SPECTRUM_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    SERIES_WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    OVERLAP_PERCENT_FIELD_NUMBER: _ClassVar[int]
    ONSET_METHOD_FIELD_NUMBER: _ClassVar[int]
    low_cut_hz: float
    high_cut_hz: float
    filter_order: int
    notch_hz: float
    envelope_window_ms: float
    threshold_k: float
    release_percent: float
    min_duration_ms: float
    merge_gap_ms: float
    long_hold_ms: float
    spectrum_window_ms: float
    series_window_ms: float
    overlap_percent: float
    onset_method: EmgOnsetMethod
    def __init__(self, low_cut_hz: _Optional[float] = ..., high_cut_hz: _Optional[float] = ..., filter_order: _Optional[int] = ..., notch_hz: _Optional[float] = ..., envelope_window_ms: _Optional[float] = ..., threshold_k: _Optional[float] = ..., release_percent: _Optional[float] = ..., min_duration_ms: _Optional[float] = ..., merge_gap_ms: _Optional[float] = ..., long_hold_ms: _Optional[float] = ..., spectrum_window_ms: _Optional[float] = ..., series_window_ms: _Optional[float] = ..., overlap_percent: _Optional[float] = ..., onset_method: _Optional[_Union[EmgOnsetMethod, str]] = ...) -> None: ...

class EmgOutlineParams(_message.Message):
    __slots__ = ("channels", "min_duration_ms", "merge_gap_ms")
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    MIN_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MERGE_GAP_MS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedScalarFieldContainer[str]
    min_duration_ms: float
    merge_gap_ms: float
    def __init__(self, channels: _Optional[_Iterable[str]] = ..., min_duration_ms: _Optional[float] = ..., merge_gap_ms: _Optional[float] = ...) -> None: ...

class EmgOutline(_message.Message):
    __slots__ = ("recording", "channels", "left_out_channels", "warnings", "contents")
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    CONTENTS_FIELD_NUMBER: _ClassVar[int]
    recording: EmgRecording
    channels: _containers.RepeatedCompositeFieldContainer[EmgOutlineChannel]
    left_out_channels: _containers.RepeatedCompositeFieldContainer[EmgLeftOutChannel]
    warnings: _containers.RepeatedCompositeFieldContainer[EmgWarning]
    contents: _containers.RepeatedCompositeFieldContainer[EmgContent]
    def __init__(self, recording: _Optional[_Union[EmgRecording, _Mapping]] = ..., channels: _Optional[_Iterable[_Union[EmgOutlineChannel, _Mapping]]] = ..., left_out_channels: _Optional[_Iterable[_Union[EmgLeftOutChannel, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[EmgWarning, _Mapping]]] = ..., contents: _Optional[_Iterable[_Union[EmgContent, _Mapping]]] = ...) -> None: ...

class EmgOutlineChannel(_message.Message):
    __slots__ = ("label", "description", "unit", "basis", "stored_reference_uv", "activated")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    STORED_REFERENCE_UV_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_FIELD_NUMBER: _ClassVar[int]
    label: str
    description: str
    unit: str
    basis: EmgChannelBasis
    stored_reference_uv: float
    activated: EmgActivated
    def __init__(self, label: _Optional[str] = ..., description: _Optional[str] = ..., unit: _Optional[str] = ..., basis: _Optional[_Union[EmgChannelBasis, str]] = ..., stored_reference_uv: _Optional[float] = ..., activated: _Optional[_Union[EmgActivated, _Mapping]] = ...) -> None: ...

class EmgActivated(_message.Message):
    __slots__ = ("label", "activities")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    ACTIVITIES_FIELD_NUMBER: _ClassVar[int]
    label: str
    activities: _containers.RepeatedCompositeFieldContainer[EmgStretch]
    def __init__(self, label: _Optional[str] = ..., activities: _Optional[_Iterable[_Union[EmgStretch, _Mapping]]] = ...) -> None: ...

class EmgStretch(_message.Message):
    __slots__ = ("first", "last")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    LAST_FIELD_NUMBER: _ClassVar[int]
    first: int
    last: int
    def __init__(self, first: _Optional[int] = ..., last: _Optional[int] = ...) -> None: ...

class EmgContent(_message.Message):
    __slots__ = ("sha256", "size_bytes")
    SHA256_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    sha256: bytes
    size_bytes: int
    def __init__(self, sha256: _Optional[bytes] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class EmgChannelReference(_message.Message):
    __slots__ = ("label", "amplitude_uv")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_UV_FIELD_NUMBER: _ClassVar[int]
    label: str
    amplitude_uv: float
    def __init__(self, label: _Optional[str] = ..., amplitude_uv: _Optional[float] = ...) -> None: ...

class EmgAntagonists(_message.Message):
    __slots__ = ("first", "second")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    first: str
    second: str
    def __init__(self, first: _Optional[str] = ..., second: _Optional[str] = ...) -> None: ...

class EmgChannelPair(_message.Message):
    __slots__ = ("left", "right")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    left: str
    right: str
    def __init__(self, left: _Optional[str] = ..., right: _Optional[str] = ...) -> None: ...

class EmgExpectedCount(_message.Message):
    __slots__ = ("label", "count")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    label: str
    count: int
    def __init__(self, label: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...

class EmgCompatMvc(_message.Message):
    __slots__ = ("label", "amplitude_v")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_V_FIELD_NUMBER: _ClassVar[int]
    label: str
    amplitude_v: float
    def __init__(self, label: _Optional[str] = ..., amplitude_v: _Optional[float] = ...) -> None: ...

class EmgCompatMvcPercent(_message.Message):
    __slots__ = ("label", "percent")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    label: str
    percent: float
    def __init__(self, label: _Optional[str] = ..., percent: _Optional[float] = ...) -> None: ...

class EmgCompatDuration(_message.Message):
    __slots__ = ("label", "duration_ms")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    label: str
    duration_ms: float
    def __init__(self, label: _Optional[str] = ..., duration_ms: _Optional[float] = ...) -> None: ...

class EmgSession(_message.Message):
    __slots__ = ("profile", "recording", "rate", "channels", "left_out_channels", "warnings", "provenance", "compat", "symmetries", "score", "cocontractions")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    RECORDING_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    LEFT_OUT_CHANNELS_FIELD_NUMBER: _ClassVar[int]
    WARNINGS_FIELD_NUMBER: _ClassVar[int]
    PROVENANCE_FIELD_NUMBER: _ClassVar[int]
    COMPAT_FIELD_NUMBER: _ClassVar[int]
    SYMMETRIES_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    COCONTRACTIONS_FIELD_NUMBER: _ClassVar[int]
    profile: EmgProfile
    recording: EmgRecording
    rate: EmgRateCheck
    channels: _containers.RepeatedCompositeFieldContainer[EmgChannel]
    left_out_channels: _containers.RepeatedCompositeFieldContainer[EmgLeftOutChannel]
    warnings: _containers.RepeatedCompositeFieldContainer[EmgWarning]
    provenance: EmgProvenance
    compat: EmgCompatSession
    symmetries: _containers.RepeatedCompositeFieldContainer[EmgSymmetry]
    score: EmgScore
    cocontractions: _containers.RepeatedCompositeFieldContainer[EmgCocontraction]
    def __init__(self, profile: _Optional[_Union[EmgProfile, str]] = ..., recording: _Optional[_Union[EmgRecording, _Mapping]] = ..., rate: _Optional[_Union[EmgRateCheck, _Mapping]] = ..., channels: _Optional[_Iterable[_Union[EmgChannel, _Mapping]]] = ..., left_out_channels: _Optional[_Iterable[_Union[EmgLeftOutChannel, _Mapping]]] = ..., warnings: _Optional[_Iterable[_Union[EmgWarning, _Mapping]]] = ..., provenance: _Optional[_Union[EmgProvenance, _Mapping]] = ..., compat: _Optional[_Union[EmgCompatSession, _Mapping]] = ..., symmetries: _Optional[_Iterable[_Union[EmgSymmetry, _Mapping]]] = ..., score: _Optional[_Union[EmgScore, _Mapping]] = ..., cocontractions: _Optional[_Iterable[_Union[EmgCocontraction, _Mapping]]] = ...) -> None: ...

class EmgRecording(_message.Message):
    __slots__ = ("duration_s", "sample_count", "channel_count", "point_count", "analog_rate_hz", "point_rate_hz", "frames_declared", "frames_read", "processor", "storage", "metadata", "file_parameters", "converter_bits")
    DURATION_S_FIELD_NUMBER: _ClassVar[int]
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    POINT_COUNT_FIELD_NUMBER: _ClassVar[int]
    ANALOG_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    POINT_RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    FRAMES_DECLARED_FIELD_NUMBER: _ClassVar[int]
    FRAMES_READ_FIELD_NUMBER: _ClassVar[int]
    PROCESSOR_FIELD_NUMBER: _ClassVar[int]
    STORAGE_FIELD_NUMBER: _ClassVar[int]
    METADATA_FIELD_NUMBER: _ClassVar[int]
    FILE_PARAMETERS_FIELD_NUMBER: _ClassVar[int]
    CONVERTER_BITS_FIELD_NUMBER: _ClassVar[int]
    duration_s: float
    sample_count: int
    channel_count: int
    point_count: int
    analog_rate_hz: float
    point_rate_hz: float
    frames_declared: int
    frames_read: int
    processor: EmgProcessor
    storage: EmgStorage
    metadata: EmgMetadata
    file_parameters: _containers.RepeatedCompositeFieldContainer[EmgFileParameter]
    converter_bits: int
    def __init__(self, duration_s: _Optional[float] = ..., sample_count: _Optional[int] = ..., channel_count: _Optional[int] = ..., point_count: _Optional[int] = ..., analog_rate_hz: _Optional[float] = ..., point_rate_hz: _Optional[float] = ..., frames_declared: _Optional[int] = ..., frames_read: _Optional[int] = ..., processor: _Optional[_Union[EmgProcessor, str]] = ..., storage: _Optional[_Union[EmgStorage, str]] = ..., metadata: _Optional[_Union[EmgMetadata, _Mapping]] = ..., file_parameters: _Optional[_Iterable[_Union[EmgFileParameter, _Mapping]]] = ..., converter_bits: _Optional[int] = ...) -> None: ...

class EmgFileParameter(_message.Message):
    __slots__ = ("group", "name", "dimensions", "texts", "numbers")
    GROUP_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    DIMENSIONS_FIELD_NUMBER: _ClassVar[int]
    TEXTS_FIELD_NUMBER: _ClassVar[int]
    NUMBERS_FIELD_NUMBER: _ClassVar[int]
    group: str
    name: str
    dimensions: _containers.RepeatedScalarFieldContainer[int]
    texts: _containers.RepeatedScalarFieldContainer[str]
    numbers: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, group: _Optional[str] = ..., name: _Optional[str] = ..., dimensions: _Optional[_Iterable[int]] = ..., texts: _Optional[_Iterable[str]] = ..., numbers: _Optional[_Iterable[float]] = ...) -> None: ...

class EmgMetadata(_message.Message):
    __slots__ = ("subject", "session", "game", "level", "score", "duration", "therapist", "group", "time")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    GAME_FIELD_NUMBER: _ClassVar[int]
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    THERAPIST_FIELD_NUMBER: _ClassVar[int]
    GROUP_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    subject: str
    session: str
    game: str
    level: str
    score: str
    duration: str
    therapist: str
    group: str
    time: str
    def __init__(self, subject: _Optional[str] = ..., session: _Optional[str] = ..., game: _Optional[str] = ..., level: _Optional[str] = ..., score: _Optional[str] = ..., duration: _Optional[str] = ..., therapist: _Optional[str] = ..., group: _Optional[str] = ..., time: _Optional[str] = ...) -> None: ...

class EmgRateCheck(_message.Message):
    __slots__ = ("declared_hz", "estimated_hz", "used_hz", "source", "confidence", "line_count")
    DECLARED_HZ_FIELD_NUMBER: _ClassVar[int]
    ESTIMATED_HZ_FIELD_NUMBER: _ClassVar[int]
    USED_HZ_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    LINE_COUNT_FIELD_NUMBER: _ClassVar[int]
    declared_hz: float
    estimated_hz: float
    used_hz: float
    source: EmgRateSource
    confidence: EmgRateConfidence
    line_count: int
    def __init__(self, declared_hz: _Optional[float] = ..., estimated_hz: _Optional[float] = ..., used_hz: _Optional[float] = ..., source: _Optional[_Union[EmgRateSource, str]] = ..., confidence: _Optional[_Union[EmgRateConfidence, str]] = ..., line_count: _Optional[int] = ...) -> None: ...

class EmgChannel(_message.Message):
    __slots__ = ("label", "description", "unit", "is_unit_assumed", "basis", "features", "reference", "compliance", "activated_check")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    UNIT_FIELD_NUMBER: _ClassVar[int]
    IS_UNIT_ASSUMED_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    COMPLIANCE_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_CHECK_FIELD_NUMBER: _ClassVar[int]
    label: str
    description: str
    unit: str
    is_unit_assumed: bool
    basis: EmgChannelBasis
    features: EmgChannelFeatures
    reference: EmgReference
    compliance: EmgCompliance
    activated_check: EmgActivatedCheck
    def __init__(self, label: _Optional[str] = ..., description: _Optional[str] = ..., unit: _Optional[str] = ..., is_unit_assumed: _Optional[bool] = ..., basis: _Optional[_Union[EmgChannelBasis, str]] = ..., features: _Optional[_Union[EmgChannelFeatures, _Mapping]] = ..., reference: _Optional[_Union[EmgReference, _Mapping]] = ..., compliance: _Optional[_Union[EmgCompliance, _Mapping]] = ..., activated_check: _Optional[_Union[EmgActivatedCheck, _Mapping]] = ...) -> None: ...

class EmgChannelFeatures(_message.Message):
    __slots__ = ("sample_count", "rate_hz", "unusable_reason", "quality", "findings", "filter", "baseline", "amplitude", "active_amplitude", "contractions", "contraction_summary", "fatigue", "series", "onset_baseline")
    SAMPLE_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    UNUSABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    FINDINGS_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    BASELINE_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    CONTRACTIONS_FIELD_NUMBER: _ClassVar[int]
    CONTRACTION_SUMMARY_FIELD_NUMBER: _ClassVar[int]
    FATIGUE_FIELD_NUMBER: _ClassVar[int]
    SERIES_FIELD_NUMBER: _ClassVar[int]
    ONSET_BASELINE_FIELD_NUMBER: _ClassVar[int]
    sample_count: int
    rate_hz: float
    unusable_reason: EmgFindingCode
    quality: EmgQuality
    findings: _containers.RepeatedCompositeFieldContainer[EmgFinding]
    filter: EmgFilter
    baseline: EmgBaseline
    amplitude: EmgAmplitude
    active_amplitude: EmgAmplitude
    contractions: _containers.RepeatedCompositeFieldContainer[EmgContraction]
    contraction_summary: EmgContractionSummary
    fatigue: EmgFatigue
    series: EmgSeries
    onset_baseline: EmgBaseline
    def __init__(self, sample_count: _Optional[int] = ..., rate_hz: _Optional[float] = ..., unusable_reason: _Optional[_Union[EmgFindingCode, str]] = ..., quality: _Optional[_Union[EmgQuality, _Mapping]] = ..., findings: _Optional[_Iterable[_Union[EmgFinding, _Mapping]]] = ..., filter: _Optional[_Union[EmgFilter, _Mapping]] = ..., baseline: _Optional[_Union[EmgBaseline, _Mapping]] = ..., amplitude: _Optional[_Union[EmgAmplitude, _Mapping]] = ..., active_amplitude: _Optional[_Union[EmgAmplitude, _Mapping]] = ..., contractions: _Optional[_Iterable[_Union[EmgContraction, _Mapping]]] = ..., contraction_summary: _Optional[_Union[EmgContractionSummary, _Mapping]] = ..., fatigue: _Optional[_Union[EmgFatigue, _Mapping]] = ..., series: _Optional[_Union[EmgSeries, _Mapping]] = ..., onset_baseline: _Optional[_Union[EmgBaseline, _Mapping]] = ...) -> None: ...

class EmgQuality(_message.Message):
    __slots__ = ("non_finite_percent", "flat_percent", "clipping_percent", "offset_uv", "drift_uv", "mains", "noise_uv", "snr_db")
    NON_FINITE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    FLAT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CLIPPING_PERCENT_FIELD_NUMBER: _ClassVar[int]
    OFFSET_UV_FIELD_NUMBER: _ClassVar[int]
    DRIFT_UV_FIELD_NUMBER: _ClassVar[int]
    MAINS_FIELD_NUMBER: _ClassVar[int]
    NOISE_UV_FIELD_NUMBER: _ClassVar[int]
    SNR_DB_FIELD_NUMBER: _ClassVar[int]
    non_finite_percent: float
    flat_percent: float
    clipping_percent: float
    offset_uv: float
    drift_uv: float
    mains: EmgMains
    noise_uv: float
    snr_db: float
    def __init__(self, non_finite_percent: _Optional[float] = ..., flat_percent: _Optional[float] = ..., clipping_percent: _Optional[float] = ..., offset_uv: _Optional[float] = ..., drift_uv: _Optional[float] = ..., mains: _Optional[_Union[EmgMains, _Mapping]] = ..., noise_uv: _Optional[float] = ..., snr_db: _Optional[float] = ...) -> None: ...

class EmgMains(_message.Message):
    __slots__ = ("nominal_hz", "power_percent", "lines")
    NOMINAL_HZ_FIELD_NUMBER: _ClassVar[int]
    POWER_PERCENT_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    nominal_hz: float
    power_percent: float
    lines: _containers.RepeatedCompositeFieldContainer[EmgMainsLine]
    def __init__(self, nominal_hz: _Optional[float] = ..., power_percent: _Optional[float] = ..., lines: _Optional[_Iterable[_Union[EmgMainsLine, _Mapping]]] = ...) -> None: ...

class EmgMainsLine(_message.Message):
    __slots__ = ("harmonic", "frequency_hz", "prominence_db")
    HARMONIC_FIELD_NUMBER: _ClassVar[int]
    FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    PROMINENCE_DB_FIELD_NUMBER: _ClassVar[int]
    harmonic: int
    frequency_hz: float
    prominence_db: float
    def __init__(self, harmonic: _Optional[int] = ..., frequency_hz: _Optional[float] = ..., prominence_db: _Optional[float] = ...) -> None: ...

class EmgFinding(_message.Message):
    __slots__ = ("code", "severity", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: EmgFindingCode
    severity: EmgSeverity
    message: str
    def __init__(self, code: _Optional[_Union[EmgFindingCode, str]] = ..., severity: _Optional[_Union[EmgSeverity, str]] = ..., message: _Optional[str] = ...) -> None: ...

class EmgFilter(_message.Message):
    __slots__ = ("low_cut_hz", "high_cut_hz", "order", "effective_order", "effective_low_cut_hz", "effective_high_cut_hz", "notch_hz")
    LOW_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    HIGH_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    ORDER_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_ORDER_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_LOW_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_HIGH_CUT_HZ_FIELD_NUMBER: _ClassVar[int]
    NOTCH_HZ_FIELD_NUMBER: _ClassVar[int]
    low_cut_hz: float
    high_cut_hz: float
    order: int
    effective_order: int
    effective_low_cut_hz: float
    effective_high_cut_hz: float
    notch_hz: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, low_cut_hz: _Optional[float] = ..., high_cut_hz: _Optional[float] = ..., order: _Optional[int] = ..., effective_order: _Optional[int] = ..., effective_low_cut_hz: _Optional[float] = ..., effective_high_cut_hz: _Optional[float] = ..., notch_hz: _Optional[_Iterable[float]] = ...) -> None: ...

class EmgBaseline(_message.Message):
    __slots__ = ("mean_uv", "sd_uv", "noise_rms_uv", "threshold_uv", "release_uv", "rest_ms")
    MEAN_UV_FIELD_NUMBER: _ClassVar[int]
    SD_UV_FIELD_NUMBER: _ClassVar[int]
    NOISE_RMS_UV_FIELD_NUMBER: _ClassVar[int]
    THRESHOLD_UV_FIELD_NUMBER: _ClassVar[int]
    RELEASE_UV_FIELD_NUMBER: _ClassVar[int]
    REST_MS_FIELD_NUMBER: _ClassVar[int]
    mean_uv: float
    sd_uv: float
    noise_rms_uv: float
    threshold_uv: float
    release_uv: float
    rest_ms: float
    def __init__(self, mean_uv: _Optional[float] = ..., sd_uv: _Optional[float] = ..., noise_rms_uv: _Optional[float] = ..., threshold_uv: _Optional[float] = ..., release_uv: _Optional[float] = ..., rest_ms: _Optional[float] = ...) -> None: ...

class EmgAmplitude(_message.Message):
    __slots__ = ("rms_uv", "arv_uv", "iemg_uv_s", "peak_uv")
    RMS_UV_FIELD_NUMBER: _ClassVar[int]
    ARV_UV_FIELD_NUMBER: _ClassVar[int]
    IEMG_UV_S_FIELD_NUMBER: _ClassVar[int]
    PEAK_UV_FIELD_NUMBER: _ClassVar[int]
    rms_uv: float
    arv_uv: float
    iemg_uv_s: float
    peak_uv: float
    def __init__(self, rms_uv: _Optional[float] = ..., arv_uv: _Optional[float] = ..., iemg_uv_s: _Optional[float] = ..., peak_uv: _Optional[float] = ...) -> None: ...

class EmgContraction(_message.Message):
    __slots__ = ("onset_ms", "offset_ms", "duration_ms", "mean_envelope_uv", "peak_envelope_uv", "amplitude", "spectrum", "flags", "mean_percent", "peak_percent", "meets_intensity", "meets_duration")
    ONSET_MS_FIELD_NUMBER: _ClassVar[int]
    OFFSET_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MEAN_ENVELOPE_UV_FIELD_NUMBER: _ClassVar[int]
    PEAK_ENVELOPE_UV_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    SPECTRUM_FIELD_NUMBER: _ClassVar[int]
    FLAGS_FIELD_NUMBER: _ClassVar[int]
    MEAN_PERCENT_FIELD_NUMBER: _ClassVar[int]
    PEAK_PERCENT_FIELD_NUMBER: _ClassVar[int]
    MEETS_INTENSITY_FIELD_NUMBER: _ClassVar[int]
    MEETS_DURATION_FIELD_NUMBER: _ClassVar[int]
    onset_ms: float
    offset_ms: float
    duration_ms: float
    mean_envelope_uv: float
    peak_envelope_uv: float
    amplitude: EmgAmplitude
    spectrum: EmgSpectrum
    flags: _containers.RepeatedScalarFieldContainer[EmgContractionFlag]
    mean_percent: float
    peak_percent: float
    meets_intensity: bool
    meets_duration: bool
    def __init__(self, onset_ms: _Optional[float] = ..., offset_ms: _Optional[float] = ..., duration_ms: _Optional[float] = ..., mean_envelope_uv: _Optional[float] = ..., peak_envelope_uv: _Optional[float] = ..., amplitude: _Optional[_Union[EmgAmplitude, _Mapping]] = ..., spectrum: _Optional[_Union[EmgSpectrum, _Mapping]] = ..., flags: _Optional[_Iterable[_Union[EmgContractionFlag, str]]] = ..., mean_percent: _Optional[float] = ..., peak_percent: _Optional[float] = ..., meets_intensity: _Optional[bool] = ..., meets_duration: _Optional[bool] = ...) -> None: ...

class EmgSpectrum(_message.Message):
    __slots__ = ("median_frequency_hz", "mean_frequency_hz", "fi_nsm5", "resolution_hz")
    MEDIAN_FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    MEAN_FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    FI_NSM5_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_HZ_FIELD_NUMBER: _ClassVar[int]
    median_frequency_hz: float
    mean_frequency_hz: float
    fi_nsm5: float
    resolution_hz: float
    def __init__(self, median_frequency_hz: _Optional[float] = ..., mean_frequency_hz: _Optional[float] = ..., fi_nsm5: _Optional[float] = ..., resolution_hz: _Optional[float] = ...) -> None: ...

class EmgContractionSummary(_message.Message):
    __slots__ = ("count", "total_ms", "mean_ms", "min_ms", "max_ms", "mean_envelope_uv", "peak_envelope_uv", "artefact_count", "too_short_count")
    COUNT_FIELD_NUMBER: _ClassVar[int]
    TOTAL_MS_FIELD_NUMBER: _ClassVar[int]
    MEAN_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_MS_FIELD_NUMBER: _ClassVar[int]
    MEAN_ENVELOPE_UV_FIELD_NUMBER: _ClassVar[int]
    PEAK_ENVELOPE_UV_FIELD_NUMBER: _ClassVar[int]
    ARTEFACT_COUNT_FIELD_NUMBER: _ClassVar[int]
    TOO_SHORT_COUNT_FIELD_NUMBER: _ClassVar[int]
    count: int
    total_ms: float
    mean_ms: float
    min_ms: float
    max_ms: float
    mean_envelope_uv: float
    peak_envelope_uv: float
    artefact_count: int
    too_short_count: int
    def __init__(self, count: _Optional[int] = ..., total_ms: _Optional[float] = ..., mean_ms: _Optional[float] = ..., min_ms: _Optional[float] = ..., max_ms: _Optional[float] = ..., mean_envelope_uv: _Optional[float] = ..., peak_envelope_uv: _Optional[float] = ..., artefact_count: _Optional[int] = ..., too_short_count: _Optional[int] = ...) -> None: ...

class EmgFatigue(_message.Message):
    __slots__ = ("median_frequency_hz", "mean_frequency_hz", "rms_uv", "fi_nsm5")
    MEDIAN_FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    MEAN_FREQUENCY_HZ_FIELD_NUMBER: _ClassVar[int]
    RMS_UV_FIELD_NUMBER: _ClassVar[int]
    FI_NSM5_FIELD_NUMBER: _ClassVar[int]
    median_frequency_hz: EmgTrend
    mean_frequency_hz: EmgTrend
    rms_uv: EmgTrend
    fi_nsm5: EmgTrend
    def __init__(self, median_frequency_hz: _Optional[_Union[EmgTrend, _Mapping]] = ..., mean_frequency_hz: _Optional[_Union[EmgTrend, _Mapping]] = ..., rms_uv: _Optional[_Union[EmgTrend, _Mapping]] = ..., fi_nsm5: _Optional[_Union[EmgTrend, _Mapping]] = ...) -> None: ...

class EmgTrend(_message.Message):
    __slots__ = ("n", "slope_per_min", "ci_low_per_min", "ci_high_per_min", "intercept", "r_squared", "slope_percent_per_min")
    N_FIELD_NUMBER: _ClassVar[int]
    SLOPE_PER_MIN_FIELD_NUMBER: _ClassVar[int]
    CI_LOW_PER_MIN_FIELD_NUMBER: _ClassVar[int]
    CI_HIGH_PER_MIN_FIELD_NUMBER: _ClassVar[int]
    INTERCEPT_FIELD_NUMBER: _ClassVar[int]
    R_SQUARED_FIELD_NUMBER: _ClassVar[int]
    SLOPE_PERCENT_PER_MIN_FIELD_NUMBER: _ClassVar[int]
    n: int
    slope_per_min: float
    ci_low_per_min: float
    ci_high_per_min: float
    intercept: float
    r_squared: float
    slope_percent_per_min: float
    def __init__(self, n: _Optional[int] = ..., slope_per_min: _Optional[float] = ..., ci_low_per_min: _Optional[float] = ..., ci_high_per_min: _Optional[float] = ..., intercept: _Optional[float] = ..., r_squared: _Optional[float] = ..., slope_percent_per_min: _Optional[float] = ...) -> None: ...

class EmgSeries(_message.Message):
    __slots__ = ("window_ms", "step_ms", "metrics")
    WINDOW_MS_FIELD_NUMBER: _ClassVar[int]
    STEP_MS_FIELD_NUMBER: _ClassVar[int]
    METRICS_FIELD_NUMBER: _ClassVar[int]
    window_ms: float
    step_ms: float
    metrics: _containers.RepeatedCompositeFieldContainer[EmgMetricSeries]
    def __init__(self, window_ms: _Optional[float] = ..., step_ms: _Optional[float] = ..., metrics: _Optional[_Iterable[_Union[EmgMetricSeries, _Mapping]]] = ...) -> None: ...

class EmgMetricSeries(_message.Message):
    __slots__ = ("metric", "window_count", "mean", "sd", "minimum", "maximum", "cv", "windows", "values")
    METRIC_FIELD_NUMBER: _ClassVar[int]
    WINDOW_COUNT_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    SD_FIELD_NUMBER: _ClassVar[int]
    MINIMUM_FIELD_NUMBER: _ClassVar[int]
    MAXIMUM_FIELD_NUMBER: _ClassVar[int]
    CV_FIELD_NUMBER: _ClassVar[int]
    WINDOWS_FIELD_NUMBER: _ClassVar[int]
    VALUES_FIELD_NUMBER: _ClassVar[int]
    metric: EmgMetric
    window_count: int
    mean: float
    sd: float
    minimum: float
    maximum: float
    cv: float
    windows: _containers.RepeatedScalarFieldContainer[int]
    values: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, metric: _Optional[_Union[EmgMetric, str]] = ..., window_count: _Optional[int] = ..., mean: _Optional[float] = ..., sd: _Optional[float] = ..., minimum: _Optional[float] = ..., maximum: _Optional[float] = ..., cv: _Optional[float] = ..., windows: _Optional[_Iterable[int]] = ..., values: _Optional[_Iterable[float]] = ...) -> None: ...

class EmgReference(_message.Message):
    __slots__ = ("origin", "amplitude_uv")
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_UV_FIELD_NUMBER: _ClassVar[int]
    origin: EmgReferenceOrigin
    amplitude_uv: float
    def __init__(self, origin: _Optional[_Union[EmgReferenceOrigin, str]] = ..., amplitude_uv: _Optional[float] = ...) -> None: ...

class EmgCompliance(_message.Message):
    __slots__ = ("contraction_count", "target_intensity_percent", "target_duration_ms", "duration_met_count", "intensity_met_count", "both_met_count", "unavailable_reason")
    CONTRACTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    TARGET_INTENSITY_PERCENT_FIELD_NUMBER: _ClassVar[int]
    TARGET_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MET_COUNT_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_MET_COUNT_FIELD_NUMBER: _ClassVar[int]
    BOTH_MET_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    contraction_count: int
    target_intensity_percent: float
    target_duration_ms: float
    duration_met_count: int
    intensity_met_count: int
    both_met_count: int
    unavailable_reason: EmgUnavailableReason
    def __init__(self, contraction_count: _Optional[int] = ..., target_intensity_percent: _Optional[float] = ..., target_duration_ms: _Optional[float] = ..., duration_met_count: _Optional[int] = ..., intensity_met_count: _Optional[int] = ..., both_met_count: _Optional[int] = ..., unavailable_reason: _Optional[_Union[EmgUnavailableReason, str]] = ...) -> None: ...

class EmgActivatedCheck(_message.Message):
    __slots__ = ("label", "agreement_percent", "confirmed_count", "unconfirmed_count", "unmatched_count")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNCONFIRMED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNMATCHED_COUNT_FIELD_NUMBER: _ClassVar[int]
    label: str
    agreement_percent: float
    confirmed_count: int
    unconfirmed_count: int
    unmatched_count: int
    def __init__(self, label: _Optional[str] = ..., agreement_percent: _Optional[float] = ..., confirmed_count: _Optional[int] = ..., unconfirmed_count: _Optional[int] = ..., unmatched_count: _Optional[int] = ...) -> None: ...

class EmgCocontraction(_message.Message):
    __slots__ = ("first", "second", "index_percent", "both_active_ms", "unavailable_reason")
    FIRST_FIELD_NUMBER: _ClassVar[int]
    SECOND_FIELD_NUMBER: _ClassVar[int]
    INDEX_PERCENT_FIELD_NUMBER: _ClassVar[int]
    BOTH_ACTIVE_MS_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    first: str
    second: str
    index_percent: float
    both_active_ms: float
    unavailable_reason: EmgUnavailableReason
    def __init__(self, first: _Optional[str] = ..., second: _Optional[str] = ..., index_percent: _Optional[float] = ..., both_active_ms: _Optional[float] = ..., unavailable_reason: _Optional[_Union[EmgUnavailableReason, str]] = ...) -> None: ...

class EmgSymmetry(_message.Message):
    __slots__ = ("left", "right", "is_normalised", "amplitude_percent", "amplitude_index_percent", "work_percent", "work_index_percent", "unavailable_reason")
    LEFT_FIELD_NUMBER: _ClassVar[int]
    RIGHT_FIELD_NUMBER: _ClassVar[int]
    IS_NORMALISED_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_PERCENT_FIELD_NUMBER: _ClassVar[int]
    AMPLITUDE_INDEX_PERCENT_FIELD_NUMBER: _ClassVar[int]
    WORK_PERCENT_FIELD_NUMBER: _ClassVar[int]
    WORK_INDEX_PERCENT_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    left: str
    right: str
    is_normalised: bool
    amplitude_percent: float
    amplitude_index_percent: float
    work_percent: float
    work_index_percent: float
    unavailable_reason: EmgUnavailableReason
    def __init__(self, left: _Optional[str] = ..., right: _Optional[str] = ..., is_normalised: _Optional[bool] = ..., amplitude_percent: _Optional[float] = ..., amplitude_index_percent: _Optional[float] = ..., work_percent: _Optional[float] = ..., work_index_percent: _Optional[float] = ..., unavailable_reason: _Optional[_Union[EmgUnavailableReason, str]] = ...) -> None: ...

class EmgScore(_message.Message):
    __slots__ = ("percent", "unavailable_reason", "compliance", "completion", "intensity", "duration", "symmetry", "effort", "game")
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    COMPLIANCE_FIELD_NUMBER: _ClassVar[int]
    COMPLETION_FIELD_NUMBER: _ClassVar[int]
    INTENSITY_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    SYMMETRY_FIELD_NUMBER: _ClassVar[int]
    EFFORT_FIELD_NUMBER: _ClassVar[int]
    GAME_FIELD_NUMBER: _ClassVar[int]
    percent: float
    unavailable_reason: EmgUnavailableReason
    compliance: EmgScoreComponent
    completion: EmgScoreComponent
    intensity: EmgScoreComponent
    duration: EmgScoreComponent
    symmetry: EmgScoreComponent
    effort: EmgScoreComponent
    game: EmgScoreComponent
    def __init__(self, percent: _Optional[float] = ..., unavailable_reason: _Optional[_Union[EmgUnavailableReason, str]] = ..., compliance: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., completion: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., intensity: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., duration: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., symmetry: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., effort: _Optional[_Union[EmgScoreComponent, _Mapping]] = ..., game: _Optional[_Union[EmgScoreComponent, _Mapping]] = ...) -> None: ...

class EmgScoreComponent(_message.Message):
    __slots__ = ("percent", "weight", "applied_weight", "unavailable_reason")
    PERCENT_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    APPLIED_WEIGHT_FIELD_NUMBER: _ClassVar[int]
    UNAVAILABLE_REASON_FIELD_NUMBER: _ClassVar[int]
    percent: float
    weight: float
    applied_weight: float
    unavailable_reason: EmgUnavailableReason
    def __init__(self, percent: _Optional[float] = ..., weight: _Optional[float] = ..., applied_weight: _Optional[float] = ..., unavailable_reason: _Optional[_Union[EmgUnavailableReason, str]] = ...) -> None: ...

class EmgCompatSession(_message.Message):
    __slots__ = ("channels",)
    CHANNELS_FIELD_NUMBER: _ClassVar[int]
    channels: _containers.RepeatedCompositeFieldContainer[EmgCompatChannel]
    def __init__(self, channels: _Optional[_Iterable[_Union[EmgCompatChannel, _Mapping]]] = ...) -> None: ...

class EmgCompatChannel(_message.Message):
    __slots__ = ("label", "raw_label", "activated_label", "rejection_reason", "contraction_count", "avg_duration_ms", "min_duration_ms", "max_duration_ms", "total_time_under_tension_ms", "avg_amplitude", "max_amplitude", "rms", "mav", "mpf", "mdf", "fatigue_index_fi_nsm5", "contractions", "good_contraction_count", "mvc_compliant_count", "duration_compliant_count", "compliance_rate", "mvc75_threshold", "duration_threshold_actual_value", "rms_temporal_stats", "mav_temporal_stats", "mpf_temporal_stats", "mdf_temporal_stats", "fatigue_index_temporal_stats")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    RAW_LABEL_FIELD_NUMBER: _ClassVar[int]
    ACTIVATED_LABEL_FIELD_NUMBER: _ClassVar[int]
    REJECTION_REASON_FIELD_NUMBER: _ClassVar[int]
    CONTRACTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    AVG_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MIN_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TIME_UNDER_TENSION_MS_FIELD_NUMBER: _ClassVar[int]
    AVG_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    MAX_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    RMS_FIELD_NUMBER: _ClassVar[int]
    MAV_FIELD_NUMBER: _ClassVar[int]
    MPF_FIELD_NUMBER: _ClassVar[int]
    MDF_FIELD_NUMBER: _ClassVar[int]
    FATIGUE_INDEX_FI_NSM5_FIELD_NUMBER: _ClassVar[int]
    CONTRACTIONS_FIELD_NUMBER: _ClassVar[int]
    GOOD_CONTRACTION_COUNT_FIELD_NUMBER: _ClassVar[int]
    MVC_COMPLIANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    DURATION_COMPLIANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLIANCE_RATE_FIELD_NUMBER: _ClassVar[int]
    MVC75_THRESHOLD_FIELD_NUMBER: _ClassVar[int]
    DURATION_THRESHOLD_ACTUAL_VALUE_FIELD_NUMBER: _ClassVar[int]
    RMS_TEMPORAL_STATS_FIELD_NUMBER: _ClassVar[int]
    MAV_TEMPORAL_STATS_FIELD_NUMBER: _ClassVar[int]
    MPF_TEMPORAL_STATS_FIELD_NUMBER: _ClassVar[int]
    MDF_TEMPORAL_STATS_FIELD_NUMBER: _ClassVar[int]
    FATIGUE_INDEX_TEMPORAL_STATS_FIELD_NUMBER: _ClassVar[int]
    label: str
    raw_label: str
    activated_label: str
    rejection_reason: EmgCompatRejection
    contraction_count: int
    avg_duration_ms: float
    min_duration_ms: float
    max_duration_ms: float
    total_time_under_tension_ms: float
    avg_amplitude: float
    max_amplitude: float
    rms: float
    mav: float
    mpf: float
    mdf: float
    fatigue_index_fi_nsm5: float
    contractions: _containers.RepeatedCompositeFieldContainer[EmgCompatContraction]
    good_contraction_count: int
    mvc_compliant_count: int
    duration_compliant_count: int
    compliance_rate: float
    mvc75_threshold: float
    duration_threshold_actual_value: float
    rms_temporal_stats: EmgCompatStats
    mav_temporal_stats: EmgCompatStats
    mpf_temporal_stats: EmgCompatStats
    mdf_temporal_stats: EmgCompatStats
    fatigue_index_temporal_stats: EmgCompatStats
    def __init__(self, label: _Optional[str] = ..., raw_label: _Optional[str] = ..., activated_label: _Optional[str] = ..., rejection_reason: _Optional[_Union[EmgCompatRejection, str]] = ..., contraction_count: _Optional[int] = ..., avg_duration_ms: _Optional[float] = ..., min_duration_ms: _Optional[float] = ..., max_duration_ms: _Optional[float] = ..., total_time_under_tension_ms: _Optional[float] = ..., avg_amplitude: _Optional[float] = ..., max_amplitude: _Optional[float] = ..., rms: _Optional[float] = ..., mav: _Optional[float] = ..., mpf: _Optional[float] = ..., mdf: _Optional[float] = ..., fatigue_index_fi_nsm5: _Optional[float] = ..., contractions: _Optional[_Iterable[_Union[EmgCompatContraction, _Mapping]]] = ..., good_contraction_count: _Optional[int] = ..., mvc_compliant_count: _Optional[int] = ..., duration_compliant_count: _Optional[int] = ..., compliance_rate: _Optional[float] = ..., mvc75_threshold: _Optional[float] = ..., duration_threshold_actual_value: _Optional[float] = ..., rms_temporal_stats: _Optional[_Union[EmgCompatStats, _Mapping]] = ..., mav_temporal_stats: _Optional[_Union[EmgCompatStats, _Mapping]] = ..., mpf_temporal_stats: _Optional[_Union[EmgCompatStats, _Mapping]] = ..., mdf_temporal_stats: _Optional[_Union[EmgCompatStats, _Mapping]] = ..., fatigue_index_temporal_stats: _Optional[_Union[EmgCompatStats, _Mapping]] = ...) -> None: ...

class EmgCompatContraction(_message.Message):
    __slots__ = ("start_time_ms", "end_time_ms", "duration_ms", "mean_amplitude", "max_amplitude", "is_good", "meets_mvc", "meets_duration")
    START_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    END_TIME_MS_FIELD_NUMBER: _ClassVar[int]
    DURATION_MS_FIELD_NUMBER: _ClassVar[int]
    MEAN_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    MAX_AMPLITUDE_FIELD_NUMBER: _ClassVar[int]
    IS_GOOD_FIELD_NUMBER: _ClassVar[int]
    MEETS_MVC_FIELD_NUMBER: _ClassVar[int]
    MEETS_DURATION_FIELD_NUMBER: _ClassVar[int]
    start_time_ms: float
    end_time_ms: float
    duration_ms: float
    mean_amplitude: float
    max_amplitude: float
    is_good: bool
    meets_mvc: bool
    meets_duration: bool
    def __init__(self, start_time_ms: _Optional[float] = ..., end_time_ms: _Optional[float] = ..., duration_ms: _Optional[float] = ..., mean_amplitude: _Optional[float] = ..., max_amplitude: _Optional[float] = ..., is_good: _Optional[bool] = ..., meets_mvc: _Optional[bool] = ..., meets_duration: _Optional[bool] = ...) -> None: ...

class EmgCompatStats(_message.Message):
    __slots__ = ("mean_value", "std_value", "min_value", "max_value", "valid_windows", "coefficient_of_variation")
    MEAN_VALUE_FIELD_NUMBER: _ClassVar[int]
    STD_VALUE_FIELD_NUMBER: _ClassVar[int]
    MIN_VALUE_FIELD_NUMBER: _ClassVar[int]
    MAX_VALUE_FIELD_NUMBER: _ClassVar[int]
    VALID_WINDOWS_FIELD_NUMBER: _ClassVar[int]
    COEFFICIENT_OF_VARIATION_FIELD_NUMBER: _ClassVar[int]
    mean_value: float
    std_value: float
    min_value: float
    max_value: float
    valid_windows: int
    coefficient_of_variation: float
    def __init__(self, mean_value: _Optional[float] = ..., std_value: _Optional[float] = ..., min_value: _Optional[float] = ..., max_value: _Optional[float] = ..., valid_windows: _Optional[int] = ..., coefficient_of_variation: _Optional[float] = ...) -> None: ...

class EmgLeftOutChannel(_message.Message):
    __slots__ = ("label", "reason")
    LABEL_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    label: str
    reason: EmgLeftOutReason
    def __init__(self, label: _Optional[str] = ..., reason: _Optional[_Union[EmgLeftOutReason, str]] = ...) -> None: ...

class EmgWarning(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: EmgWarningCode
    message: str
    def __init__(self, code: _Optional[_Union[EmgWarningCode, str]] = ..., message: _Optional[str] = ...) -> None: ...

class EmgProvenance(_message.Message):
    __slots__ = ("pipeline", "pipeline_version", "content_sha256", "numpy_version", "scipy_version", "params", "onset_method", "baseline_method", "spectrum_window", "spectrum_detrend", "normalisation_method", "not_supplied")
    PIPELINE_FIELD_NUMBER: _ClassVar[int]
    PIPELINE_VERSION_FIELD_NUMBER: _ClassVar[int]
    CONTENT_SHA256_FIELD_NUMBER: _ClassVar[int]
    NUMPY_VERSION_FIELD_NUMBER: _ClassVar[int]
    SCIPY_VERSION_FIELD_NUMBER: _ClassVar[int]
    PARAMS_FIELD_NUMBER: _ClassVar[int]
    ONSET_METHOD_FIELD_NUMBER: _ClassVar[int]
    BASELINE_METHOD_FIELD_NUMBER: _ClassVar[int]
    SPECTRUM_WINDOW_FIELD_NUMBER: _ClassVar[int]
    SPECTRUM_DETREND_FIELD_NUMBER: _ClassVar[int]
    NORMALISATION_METHOD_FIELD_NUMBER: _ClassVar[int]
    NOT_SUPPLIED_FIELD_NUMBER: _ClassVar[int]
    pipeline: str
    pipeline_version: str
    content_sha256: str
    numpy_version: str
    scipy_version: str
    params: EmgSessionParams
    onset_method: str
    baseline_method: str
    spectrum_window: str
    spectrum_detrend: str
    normalisation_method: str
    not_supplied: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, pipeline: _Optional[str] = ..., pipeline_version: _Optional[str] = ..., content_sha256: _Optional[str] = ..., numpy_version: _Optional[str] = ..., scipy_version: _Optional[str] = ..., params: _Optional[_Union[EmgSessionParams, _Mapping]] = ..., onset_method: _Optional[str] = ..., baseline_method: _Optional[str] = ..., spectrum_window: _Optional[str] = ..., spectrum_detrend: _Optional[str] = ..., normalisation_method: _Optional[str] = ..., not_supplied: _Optional[_Iterable[str]] = ...) -> None: ...
