"""The jobs behind GetSignals: which channels, and the signals of one of them."""

from analysis_service.emg import c3d, plot, rate, session
from analysis_service.emg.c3d.recording import Recording
from analysis_service.emg.channel import analyse_channel
from analysis_service.emg.params import EmgParams, EmgProfile, EmgRateSource
from analysis_service.emg.plot import Plot, Stretch
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.emg_steps import channel_params, rate_in
from analysis_service.service.parameters import params_of, refusals
from analysis_service.service.parted import verify
from analysis_service.service.steps import encoded_indexes, indexes_in, joined, split
from analysis_service.service.translate import fill
from analysis_service.workers.process import Input, Report
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1 import emg_pb2
from rpc.errors import InvalidArgument, Violation, field_invalid
from rpc.reasons import Reason

CHANNELS, SIGNALS = "channels", "signals"

DEFAULT_POINTS = 4000
"""More than the pixels across any screen."""


def channels(data: Input, arguments: bytes, report: Report) -> bytes:
    """Return the indexes of the channels wanted, and the sampling rate that is used.

    The rate is the declared one; where the question asks for the estimated one, every channel is analysed for it.
    """
    request = pb2.GetSignalsRequest.FromString(arguments)
    verify(data, request.question.blob.sha256)
    params = params_of(EMG_SESSION, request.question.params)
    if params.profile is EmgProfile.COMPAT:
        text = "profile must be standard: signals are those of its filter"
        raise InvalidArgument(
            Reason.PARAMETER_INVALID,
            f"{text}.",
            metadata={"parameter": "profile"},
            violations=[Violation("profile", text)],
        )
    report("reading", 0.0)
    with refusals():
        recording = c3d.read(data)
        chosen = [one.channel for one in session.select(recording, params).chosen]
        checked = rate.declared(recording.analog_rate_hz)
        if params.rate_source is EmgRateSource.ESTIMATED:
            checked = _checked(recording, [channel.index for channel in chosen], params)
    known = [channel.label for channel in chosen]
    for label in request.labels:
        if label not in known:
            raise field_invalid("labels", f"has {label!r}, which is none of the channels analysed: {', '.join(known)}")
    stretch = _stretch(request, checked.used_hz, recording.sample_count)
    if stretch.first == stretch.last:
        raise field_invalid("start", f"and length leave nothing of {recording.sample_count / checked.used_hz:.3f} s")
    wanted = [channel.index for channel in chosen if not request.labels or channel.label in request.labels]
    return joined(encoded_indexes(wanted), fill(emg_pb2.EmgRateCheck(), checked).SerializeToString())


def signals(data: Input, arguments: bytes, report: Report) -> bytes:
    """Return the signals of one channel, each as a `GetSignalsResponse`."""
    request_bytes, index_bytes, rate_bytes = split(arguments)
    request = pb2.GetSignalsRequest.FromString(bytes(request_bytes))
    (index,), used_hz = indexes_in(index_bytes), rate_in(rate_bytes).used_hz
    params = channel_params(params_of(EMG_SESSION, request.question.params))
    recording = c3d.read(data)
    channel = recording.channels[index]
    stretch = _stretch(request, used_hz, recording.sample_count)
    samples = session.channel_microvolts(recording, channel)
    report("channels", 0.0)
    found = plot.plots(samples, used_hz, params, stretch, request.max_points or DEFAULT_POINTS)
    return joined(*(_message(channel.label, one).SerializeToString() for one in found))


def _checked(recording: Recording, indexes: list[int], params: EmgParams) -> EmgRateCheck:
    """The rate that an analysis would use."""
    only, declared_hz = channel_params(params), recording.analog_rate_hz
    of_channels = (session.channel_microvolts(recording, recording.channels[index]) for index in indexes)
    features = [analyse_channel(samples, declared_hz, only) for samples in of_channels]
    return session.check_rate(recording.analog_rate_hz, features, params)


def _stretch(request: pb2.GetSignalsRequest, rate_hz: float, sample_count: int) -> Stretch:
    start_s = request.start.ToNanoseconds() / 1e9
    length_s = request.length.ToNanoseconds() / 1e9 if request.HasField("length") else None
    return Stretch.of(start_s, length_s, rate_hz, sample_count)


def _message(label: str, signal: Plot) -> pb2.GetSignalsResponse:
    return pb2.GetSignalsResponse(
        label=label,
        kind=f"SIGNAL_KIND_{signal.kind.name}",
        time_ms=signal.time_ms,
        minimum_uv=signal.minimum_uv,
        maximum_uv=signal.maximum_uv,
        threshold_uv=signal.threshold_uv,
        onset_ms=signal.onset_ms,
        offset_ms=signal.offset_ms,
    )


JOBS = {f"{EMG_SESSION.name}:{CHANNELS}": channels, f"{EMG_SESSION.name}:{SIGNALS}": signals}
