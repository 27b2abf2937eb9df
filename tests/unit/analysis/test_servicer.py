"""The other methods of the servicer."""

import grpc

from analysis_service.emg.params import EmgParams, describe
from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.offers import offer_of
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1 import emg_pb2
from tests.unit.analysis.conftest import Service


def parameters(service: Service) -> dict[str, pb2.Parameter]:
    response, code = service.ask("ListPipelines", pb2.ListPipelinesRequest())
    assert code is grpc.StatusCode.OK
    (pipeline,) = response.pipelines
    return {parameter.name: parameter for parameter in pipeline.parameters}


def test_pipelines_are_listed_with_their_messages_and_formats(service: Service) -> None:
    response, _ = service.ask("ListPipelines", pb2.ListPipelinesRequest())
    (pipeline,) = response.pipelines
    assert (pipeline.pipeline.name, pipeline.pipeline.version) == ("emg.session", EMG_SESSION.version)
    assert pipeline.active
    assert pipeline.params_type == emg_pb2.EmgSessionParams.DESCRIPTOR.full_name
    assert pipeline.result_type == emg_pb2.EmgSession.DESCRIPTOR.full_name
    assert list(pipeline.input_formats) == ["c3d"]


def test_every_parameter_is_listed_in_field_order_with_a_sentence_and_a_source(service: Service) -> None:
    listed = parameters(service)
    assert list(listed) == [field.name for field in emg_pb2.EmgSessionParams.DESCRIPTOR.fields]
    assert all(parameter.description and parameter.source for parameter in listed.values())


def test_a_number_is_listed_with_unit_default_and_limits(service: Service) -> None:
    low_cut = parameters(service)["low_cut_hz"]
    assert (low_cut.type, low_cut.unit, low_cut.default_value) == ("double", "Hz", "20")
    documented = next(parameter for parameter in describe() if parameter.name == "low_cut_hz")
    assert (low_cut.minimum, low_cut.maximum) == (documented.minimum, documented.maximum)


def test_a_choice_a_list_and_a_list_of_messages_are_listed_as_such(service: Service) -> None:
    listed = parameters(service)
    assert (listed["profile"].type, list(listed["profile"].choices)) == ("EmgProfile", ["STANDARD", "COMPAT"])
    assert listed["profile"].default_value == "STANDARD"
    assert not listed["profile"].HasField("minimum")
    assert (listed["channels"].type, listed["channels"].default_value) == ("repeated string", "")
    assert listed["references"].type == "repeated EmgChannelReference"


def test_the_announcement_says_every_default_aloud() -> None:
    defaults = emg_pb2.EmgSessionParams()
    assert offer_of(EMG_SESSION).defaults.Unpack(defaults)
    single = [field for field in defaults.DESCRIPTOR.fields if not field.is_repeated]
    assert all(defaults.HasField(field.name) for field in single)
    assert defaults.high_cut_hz == EmgParams().high_cut_hz


def test_where_no_reference_is_installed_none_is_listed_and_none_can_be_removed(service: Service) -> None:
    listed, code = service.ask("ListReferences", pb2.ListReferencesRequest())
    assert code is grpc.StatusCode.OK
    assert not listed.references
    service.ask("RemoveReference", pb2.RemoveReferenceRequest(digest=bytes(32)))
    service.ask("RemoveReference", pb2.RemoveReferenceRequest(digest=b"short"))
    assert set(service.errors()) == {"REFERENCE_UNKNOWN", "FIELD_INVALID"}


def test_comparing_asks_for_jobs_each_named_once(service: Service) -> None:
    for jobs in ([], ["a", "a"], [str(number) for number in range(51)], ["unknown"]):
        service.ask("Compare", pb2.CompareRequest(job_ids=jobs))
    assert set(service.errors()) == {"FIELD_MISSING", "FIELD_INVALID", "JOB_UNKNOWN"}
