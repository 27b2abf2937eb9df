"""A client that answers what a test tells it to, and an analysis to answer with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assaycache import (
    Analysis,
    AssayError,
    Capabilities,
    Difference,
    Durability,
    Event,
    Explained,
    Forgotten,
    Identity,
    Job,
    JobStatus,
    QueuedTask,
    Reference,
    Signal,
    SignalKind,
    Stats,
    Tier,
)
from assaycache.analysis.v1 import emg_pb2
from assaycache.client.records import Failure, Parameter, Pipeline, ServiceHealth, Submission, TierStats
from assaycache.client.sources import open_source

JOB_ID = "0f0e0d0c-0000-5000-8000-000000000001"
IDENTITY = Identity(JOB_ID, "ab" * 32, "default", "cd" * 32, 3_000_000, "emg.session", "1.0.0")
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


SIGNALS = [
    Signal("VL, left", SignalKind.FILTERED, (0.0, 1.0), (-20.5, -4.0), (18.0, 250.25), None, ((500.0, 900.0),)),
    Signal("VL, left", SignalKind.ENVELOPE, (0.0, 1.0), (1.0, 2.0), (3.0, 4.0), 12.5, ((500.0, 900.0),)),
]


@dataclass
class PlayedClient:
    """It stands where `Client` stands; `answers` are analyses or errors by file name."""

    answers: dict[str, Analysis | AssayError | OSError] = field(default_factory=dict)
    error: AssayError | None = None
    serving: bool = True
    addresses: tuple[str, str] = ("", "")
    shown: tuple[str, str] = ("", "")
    """The name of the servers' certificates, and the token."""
    asked: list[dict[str, Any]] = field(default_factory=list)
    read: list[bytes] = field(default_factory=list)
    """What was in the files that were to be analysed."""

    known: list[Reference] = field(default_factory=list)
    """The references that are installed."""

    def __enter__(self) -> "PlayedClient":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def analyze(self, given: Any, progress: Any = None, **asked: Any) -> Analysis:
        self.asked.append(asked)
        with open_source(given, None) as source:
            self.read.append(b"".join(source.chunks(1024)))
        if progress is not None:
            progress(Event("filtering", 0.5))
        answer = self.answers[asked["file_name"]]
        if isinstance(answer, AssayError | OSError):
            raise answer
        return answer

    def explain(self, job_id: str) -> Explained:
        self.asked.append({"job_id": job_id})
        difference = Difference(JOB_ID, "threshold_k", "4", "5")
        return Explained("other_question", "It was never asked.", (Tier.HOT,), (difference,))

    def explain_file(self, given: Path, **asked: Any) -> Explained:
        self.asked.append({"given": given, **asked})
        return Explained("never_seen", "Nobody has asked this yet.", (), ())

    def signals(self, given: Path, **asked: Any) -> list[Signal]:
        self.asked.append({"given": given, **asked})
        return SIGNALS

    def job_signals(self, job_id: str, **asked: Any) -> list[Signal]:
        self.asked.append({"job_id": job_id, **asked})
        return SIGNALS

    def invalidate(self, **asked: Any) -> Forgotten:
        self.asked.append(asked)
        return Forgotten(2, 30, 0, 0, 0, False, ("Backups.",))

    def erase(self, blob_sha256: str, **asked: Any) -> Forgotten:
        self.asked.append({"blob_sha256": blob_sha256, **asked})
        if self.error is not None:
            raise self.error
        return Forgotten(2, 30, 1, 1, 4, True, ())

    def withdraw(self, job_id: str) -> bool:
        self.asked.append({"job_id": job_id})
        return job_id == JOB_ID

    def enqueue(self, given: Path, **asked: Any) -> QueuedTask:
        self.asked.append({"given": given, **asked})
        if self.error is not None:
            raise self.error
        return QueuedTask("task-1", JOB_ID, 2)

    def jobs(self, **asked: Any) -> Iterator[Job]:
        self.asked.append(asked)
        yield from [job(JobStatus.SUCCEEDED), job(JobStatus.FAILED)]

    def job(self, _job_id: str) -> Job:
        if self.error is not None:
            raise self.error
        return job(JobStatus.FAILED)

    def stats(self) -> Stats:
        tiers = (TierStats(Tier.MEMORY, True, True, 3, 2048, 4096, 11), TierStats(Tier.HOT, True, False, 0, 0, 0, 0))
        return Stats(tiers, {"never_seen": 2}, 1, 3_000_000, 4, 0, 0, 11, 90.0)

    def pipelines(self) -> tuple[Pipeline, ...]:
        threshold = Parameter("threshold_k", "double", "SD", "5", "Contraction threshold.", "Hodges", 1.0, 50.0, ())
        profile = Parameter(
            "profile", "EmgProfile", "", "STANDARD", "Algorithms.", "", None, None, ("STANDARD", "COMPAT")
        )
        channels = Parameter("channels", "repeated string", "", "", "Labels.", "", None, None, ())
        described = "Every EMG channel."
        return (Pipeline("emg.session", "1.0.0", True, described, ("c3d",), (profile, channels, threshold)),)

    def references(self) -> tuple[Reference, ...]:
        return tuple(self.known)

    def add_reference(self, name: str, sequences: Path, **asked: Any) -> Reference:
        self.asked.append({"name": name, "sequences": sequences, **asked})
        has_tree = asked["tree"] is not None
        added = Reference(
            name, "ab" * 32, asked["version"], 3, ("genus",), asked["licence"], "", not self.known, has_tree
        )
        self.known.append(added)
        return added

    def remove_reference(self, name: str) -> Reference:
        (found,) = (reference for reference in self.known if reference.name == name)
        self.known.remove(found)
        return found

    def capabilities(self) -> Capabilities:
        return Capabilities("0.1.0", (Tier.MEMORY, Tier.DURABLE), True, ("emg.session 1.0.0",), ())

    def health(self) -> tuple[ServiceHealth, ...]:
        away = ServiceHealth("assaycache.analysis.v1.AnalysisService", "UNREACHABLE", "It does not answer.")
        here = ServiceHealth("assaycache.cache.v1.CacheService", "SERVING")
        return (here, here if self.serving else away)


def analysis(*, cached: bool = False) -> Analysis:
    """Return an analysis of a session with one good channel and two that are not."""
    return Analysis(
        identity=IDENTITY,
        result=session(),
        result_sha256="ef" * 32,
        tier=Tier.DURABLE if cached else Tier.COMPUTED,
        durability=None if cached else Durability.DURABLE,
        compute_seconds=0.25,
        age_seconds=0.0,
        created=NOON,
        file_name="jump.c3d",
    )


def job(status: JobStatus) -> Job:
    """Return a job that was handed in once."""
    failed = status is JobStatus.FAILED
    return Job(
        identity=IDENTITY,
        status=status,
        submissions=(Submission("jump [1].c3d", "lab 3", {}, NOON, NOON, 2),),
        failure=Failure("FILE_TRUNCATED", "Half of it is missing.") if failed else None,
        created=NOON,
        updated=NOON,
        compute_seconds=0.0 if failed else 0.25,
        result_size_bytes=0 if failed else 13_000,
        params_json="{}",
    )


def session() -> emg_pb2.EmgSession:
    """Return a session: VL good, RF noisy, TA not attached."""
    made = emg_pb2.EmgSession(
        profile=emg_pb2.EMG_PROFILE_STANDARD,
        recording=emg_pb2.EmgRecording(duration_s=8.0, channel_count=5),
        rate=emg_pb2.EmgRateCheck(
            declared_hz=990.0,
            estimated_hz=1000.0,
            used_hz=990.0,
            source=emg_pb2.EMG_RATE_SOURCE_DECLARED,
            confidence=emg_pb2.EMG_RATE_CONFIDENCE_HIGH,
        ),
        channels=[_channel("VL", 300.0), _channel("RF", 120.0), emg_pb2.EmgChannel(label="TA")],
        left_out_channels=[emg_pb2.EmgLeftOutChannel(label="Fx", reason=emg_pb2.EMG_LEFT_OUT_REASON_FORCE_PLATE)],
        warnings=[emg_pb2.EmgWarning(message="Volts were assumed.")],
        provenance=emg_pb2.EmgProvenance(
            pipeline="emg.session", pipeline_version="1.0.0", onset_method="envelope", not_supplied=["electrode_size"]
        ),
    )
    _find(made.channels[1], emg_pb2.EMG_FINDING_CODE_LOW_SNR, emg_pb2.EMG_SEVERITY_WARNING, "Hardly above rest.")
    _find(made.channels[2], emg_pb2.EMG_FINDING_CODE_FLAT_LINE, emg_pb2.EMG_SEVERITY_UNUSABLE, "No contact.")
    made.channels[2].features.unusable_reason = emg_pb2.EMG_FINDING_CODE_FLAT_LINE
    return made


def _channel(label: str, peak_uv: float) -> emg_pb2.EmgChannel:
    channel = emg_pb2.EmgChannel(label=label)
    features = channel.features
    features.filter.low_cut_hz, features.filter.high_cut_hz, features.filter.effective_order = 20.0, 450.0, 4
    features.amplitude.rms_uv = 41.5
    features.quality.snr_db = 21.0
    summary = features.contraction_summary
    summary.count, summary.total_ms, summary.mean_envelope_uv, summary.peak_envelope_uv = 2, 1500.0, 77.0, peak_uv
    for frequency_hz in (80.0, 90.0):
        features.contractions.add().spectrum.median_frequency_hz = frequency_hz
    return channel


def _find(channel: emg_pb2.EmgChannel, code: int, severity: int, message: str) -> None:
    finding = channel.features.findings.add(message=message)
    finding.code, finding.severity = code, severity  # type: ignore[assignment]  # enum values are plain numbers
