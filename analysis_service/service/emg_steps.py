"""The steps of `emg.session`, whose parts are its channels."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from analysis_service.emg import c3d, content, outline, rate, session
from analysis_service.emg.c3d.recording import Recording
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.channels import Selection
from analysis_service.emg.outline import EmgContent, EmgOutline
from analysis_service.emg.params import EmgParams, EmgProfile
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.pipelines import EMG_CHANNEL, EMG_SESSION
from analysis_service.service.parameters import params_of, refusals
from analysis_service.service.part_columns import contents_of
from analysis_service.service.parted import Parts, payload_of
from analysis_service.service.steps import Plan, joined, split
from analysis_service.service.translate import fill, read
from analysis_service.workers.process import Input, Report
from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question


class EmgSteps:
    """See `Outlined`. A plan's state is the check of the rate at which the channels are analysed, and the recording's
    outline; a check at the declared rate is still to be made. The profile COMPAT has no parts."""

    def prepare(self, data: Input, question: Question, report: Report) -> Plan | emg_pb2.EmgSession:
        """Name the channels by their content."""
        params = params_of(EMG_SESSION, question.params)
        with refusals():
            recording = c3d.read(data)
            if params.profile is EmgProfile.COMPAT:
                sha256 = question.blob.sha256.hex()
                return fill(emg_pb2.EmgSession(), session.analyse(recording, params, report, content_sha256=sha256))
            selection = session.select(recording, params)
            at_declared = rate.declared(recording.analog_rate_hz)
            return _plan(recording, selection, params, at_declared, lambda share: report("reading", share))

    def recall(self, outlined: bytes, question: Question) -> Plan:
        """Name the channels by what the outline says of them."""
        params = params_of(EMG_SESSION, question.params)
        drawn = read(emg_pb2.EmgOutline.FromString(outlined), EmgOutline)
        if not drawn.channels or len(drawn.channels) != len(drawn.contents):
            raise ValueError("the outline names no contents")
        return _plan_of(drawn, params, rate.declared(drawn.recording.analog_rate_hz))

    def compute(
        self, data: Input, question: Question, state: Input, indexes: Sequence[int], report: Report
    ) -> Iterator[emg_pb2.EmgChannelFeatures]:
        """Analyse single channels."""
        params = params_of(EMG_SESSION, question.params)
        only = channel_params(params)
        with refusals():
            recording = c3d.read(data)
            chosen = session.select(recording, params).chosen
            used_hz = _state_in(state).checked.used_hz
            for done, index in enumerate(indexes, 1):
                samples = session.channel_microvolts(recording, chosen[index].channel)
                yield fill(emg_pb2.EmgChannelFeatures(), analyse_channel(samples, used_hz, only))
                report("channels", done / len(indexes))

    def assemble(
        self, data: Input, question: Question, state: Input, parts: Parts, report: Report
    ) -> Plan | emg_pb2.EmgSession:
        """Score the channels; where their mains lines call for another rate, plan them anew."""
        params = params_of(EMG_SESSION, question.params)
        with refusals():
            checked, drawn = _state_in(state)
            recording = None if params.is_outline_enough else c3d.read(data)
            features = list(parts.decoded(lambda plain: _features(plain, drawn)))
            if checked.used_hz == checked.declared_hz:
                checked = session.check_rate(checked.declared_hz, features, params)
                if recording is not None and checked.used_hz != checked.declared_hz:
                    selection = session.select(recording, params)
                    return _plan(recording, selection, params, checked, lambda share: report("again", share))
            report("scoring", 0.5)
            sha256 = question.blob.sha256.hex()
            result = session.put_together(drawn, features, checked, params, recording=recording, content_sha256=sha256)
            return fill(emg_pb2.EmgSession(), result)


def channel_params(params: EmgParams) -> EmgParams:
    """Return only what a channel depends on, the rest as default: so a part cannot depend on it."""
    return read(fill(emg_pb2.EmgChannelParams(), params), EmgParams)


def outline_params(params: EmgParams) -> EmgParams:
    """Return only what an outline depends on, the rest as default."""
    return read(fill(emg_pb2.EmgOutlineParams(), params), EmgParams)


def _plan(
    recording: Recording,
    selection: Selection,
    params: EmgParams,
    checked: EmgRateCheck,
    progress: Callable[[float], None],
) -> Plan:
    """Plan the channels of a recording that is here, whose outline may be kept."""
    contents = []
    for done, samples in enumerate(session.microvolts(recording, selection), 1):
        contents.append(EmgContent(*content.of_channel(samples, checked.used_hz)))
        progress(done / len(selection.chosen))
    drawn = outline.draw(recording, selection, outline_params(params), checked.used_hz)
    drawn = replace(drawn, contents=tuple(contents))
    kept = payload_of(fill(emg_pb2.EmgOutline(), drawn)) if checked.used_hz == checked.declared_hz else None
    return replace(_plan_of(drawn, params, checked), outline=kept)


def _plan_of(drawn: EmgOutline, params: EmgParams, checked: EmgRateCheck) -> Plan:
    wanted = BatchLookupRequest(pipeline=PipelineRef(name=EMG_CHANNEL.name, version=EMG_CHANNEL.version))
    wanted.params.Pack(fill(emg_pb2.EmgChannelParams(), params), deterministic=True)
    wanted.part_columns.CopyFrom(contents_of((one.sha256, one.size_bytes) for one in drawn.contents))
    messages = (fill(emg_pb2.EmgRateCheck(), checked), fill(emg_pb2.EmgOutline(), drawn))
    return Plan(wanted, joined(*(message.SerializeToString() for message in messages)))


class _State(NamedTuple):
    """What a plan's state says."""

    checked: EmgRateCheck
    drawn: EmgOutline


def _state_in(state: Input) -> _State:
    checked, drawn = split(bytes(state[:]))
    return _State(rate_in(checked), read(emg_pb2.EmgOutline.FromString(bytes(drawn)), EmgOutline))


def rate_in(data: Input | memoryview) -> EmgRateCheck:
    """Return the check of the rate that bytes say."""
    return read(emg_pb2.EmgRateCheck.FromString(bytes(data[:])), EmgRateCheck)


def _features(plain: bytes, drawn: EmgOutline) -> EmgChannelFeatures:
    features = read(emg_pb2.EmgChannelFeatures.FromString(plain), EmgChannelFeatures)
    if features.sample_count != drawn.recording.sample_count:
        raise ValueError("the part is of another channel")
    return features
