"""The steps of `emg.session`, whose parts are its channels."""

from collections.abc import Callable, Iterator, Sequence

from analysis_service.emg import c3d, content, rate, session
from analysis_service.emg.c3d.recording import Recording
from analysis_service.emg.channel import EmgChannelFeatures, analyse_channel
from analysis_service.emg.channels import Selection
from analysis_service.emg.params import EmgParams, EmgProfile
from analysis_service.emg.rate import EmgRateCheck
from analysis_service.pipelines import EMG_CHANNEL, EMG_SESSION
from analysis_service.service.parameters import params_of, refusals
from analysis_service.service.parted import Parts
from analysis_service.service.steps import Plan
from analysis_service.service.translate import fill, read
from analysis_service.workers.process import Input, Report
from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.entry_pb2 import PartRef
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question


class EmgSteps:
    """See `Parted`. A plan's state is the check of the rate at which the channels are analysed; one at the declared
    rate is still to be checked. The profile COMPAT has no parts."""

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

    def compute(
        self, data: Input, question: Question, state: Input, indexes: Sequence[int], report: Report
    ) -> Iterator[emg_pb2.EmgChannelFeatures]:
        """Analyse single channels."""
        params = params_of(EMG_SESSION, question.params)
        only = channel_params(params)
        with refusals():
            recording = c3d.read(data)
            chosen = session.select(recording, params).chosen
            for done, index in enumerate(indexes, 1):
                samples = session.channel_microvolts(recording, chosen[index].channel)
                features = analyse_channel(samples, rate_in(state).used_hz, only)
                yield fill(emg_pb2.EmgChannelFeatures(), features)
                report("channels", done / len(indexes))

    def assemble(
        self, data: Input, question: Question, state: Input, parts: Parts, report: Report
    ) -> Plan | emg_pb2.EmgSession:
        """Score the channels; where their mains lines call for another rate, plan them anew."""
        params = params_of(EMG_SESSION, question.params)
        with refusals():
            recording = c3d.read(data)
            selection = session.select(recording, params)
            features = list(parts.decoded(lambda plain: _features(plain, recording)))
            checked = rate_in(state)
            if checked.used_hz == checked.declared_hz:
                checked = session.check_rate(recording, features, params)
                if checked.used_hz != checked.declared_hz:
                    return _plan(recording, selection, params, checked, lambda share: report("again", share))
            report("scoring", 0.5)
            sha256 = question.blob.sha256.hex()
            result = session.put_together(recording, selection, features, checked, params, content_sha256=sha256)
            return fill(emg_pb2.EmgSession(), result)


def channel_params(params: EmgParams) -> EmgParams:
    """Return only what a channel depends on, the rest as default: so a part cannot depend on it."""
    return read(fill(emg_pb2.EmgChannelParams(), params), EmgParams)


def _plan(
    recording: Recording,
    selection: Selection,
    params: EmgParams,
    checked: EmgRateCheck,
    progress: Callable[[float], None],
) -> Plan:
    wanted = BatchLookupRequest(pipeline=PipelineRef(name=EMG_CHANNEL.name, version=EMG_CHANNEL.version))
    wanted.params.Pack(fill(emg_pb2.EmgChannelParams(), params), deterministic=True)
    for done, chosen in enumerate(selection.chosen, 1):
        samples = session.channel_microvolts(recording, chosen.channel)
        sha256, size_bytes = content.of_channel(samples, checked.used_hz)
        wanted.parts.append(PartRef(sha256=sha256, size_bytes=size_bytes))
        progress(done / len(selection.chosen))
    return Plan(wanted, fill(emg_pb2.EmgRateCheck(), checked).SerializeToString())


def rate_in(state: Input | memoryview) -> EmgRateCheck:
    """Return the check of the rate that a plan's state says."""
    return read(emg_pb2.EmgRateCheck.FromString(bytes(state[:])), EmgRateCheck)


def _features(plain: bytes, recording: Recording) -> EmgChannelFeatures:
    features = read(emg_pb2.EmgChannelFeatures.FromString(plain), EmgChannelFeatures)
    if features.sample_count != recording.sample_count:
        raise ValueError("the part is of another channel")
    return features
