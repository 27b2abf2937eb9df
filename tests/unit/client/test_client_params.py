"""Parameters from mappings and from texts."""

from typing import Any

import pytest
from google.api.quota_pb2 import QuotaLimit

from assaycache import InvalidArgument, Reason
from assaycache.analysis.v1.emg_pb2 import EMG_RATE_SOURCE_ESTIMATED, EmgChannel, EmgChannelReference, EmgSessionParams
from assaycache.cache.v1.cache_service_pb2 import LookupRequest
from assaycache.client.params import message_of, values_of


def test_values_of_every_kind_become_the_typed_message() -> None:
    message = message_of(
        EmgSessionParams,
        {
            "threshold_k": 4,
            "filter_order": 3,
            "channels": ("EMG1", "EMG2"),
            "rate_source": "estimated",
            "references": [{"label": "EMG1", "amplitude_uv": 500}],
            "merge_gap_ms": None,
        },
    )
    assert message == EmgSessionParams(
        threshold_k=4.0,
        filter_order=3,
        channels=["EMG1", "EMG2"],
        rate_source=EMG_RATE_SOURCE_ESTIMATED,
        references=[EmgChannelReference(label="EMG1", amplitude_uv=500.0)],
    )


def test_what_is_not_said_stays_absent() -> None:
    assert message_of(EmgSessionParams, {}) == EmgSessionParams()
    assert message_of(EmgSessionParams, {"notch_hz": 0.0}).HasField("notch_hz")


@pytest.mark.parametrize(
    ("values", "reason", "parameter"),
    [
        ({"treshold_k": 4.0}, Reason.PARAMETER_UNKNOWN, "treshold_k"),
        ({"threshold_k": "4"}, Reason.PARAMETER_INVALID, "threshold_k"),
        ({"rate_source": "guessed"}, Reason.PARAMETER_INVALID, "rate_source"),
    ],
)
def test_what_is_wrong_is_refused_by_name(values: dict[str, Any], reason: Reason, parameter: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        message_of(EmgSessionParams, values)
    assert raised.value.reason is reason
    assert raised.value.metadata == {"parameter": parameter}


def test_texts_mean_the_same_as_values() -> None:
    texts = ["threshold_k=4", "filter_order = 3", "channels=EMG1, EMG2", "rate_source=estimated"]
    assert values_of(EmgSessionParams, texts) == {
        "threshold_k": 4.0,
        "filter_order": 3,
        "channels": ["EMG1", "EMG2"],
        "rate_source": "estimated",
    }


def test_a_list_of_small_messages_is_written_with_colons() -> None:
    values = values_of(EmgSessionParams, ["references=L:Vastus:500,EMG2:420.5"])
    assert values["references"] == [
        {"label": "L:Vastus", "amplitude_uv": 500.0},
        {"label": "EMG2", "amplitude_uv": 420.5},
    ]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["question.namespace=lab", "question.blob.size_bytes=7"], {"namespace": "lab", "blob": {"size_bytes": 7}}),
        (["question.namespace=lab", "question.namespace=clinic"], {"namespace": "clinic"}),
    ],
)
def test_a_dotted_name_reaches_into_a_message(texts: list[str], values: dict[str, Any]) -> None:
    assert values_of(LookupRequest, texts) == {"question": values}


def test_a_map_is_written_with_colons_and_a_truth_as_a_word() -> None:
    assert values_of(QuotaLimit, ["values=LOW:1, HIGH:2"]) == {"values": {"LOW": 1, "HIGH": 2}}
    assert values_of(EmgChannel, ["is_unit_assumed=yes"]) == {"is_unit_assumed": True}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("threshold_k", "threshold_k must be written as name=value."),
        ("=4", "=4 must be written as name=value."),
        ("threshold_k=four", "threshold_k must be a number, not 'four'."),
        ("threshold_k=nan", "threshold_k must be a finite number, not nan."),
        ("filter_order=2.5", "filter_order must be a whole number, not '2.5'."),
        ("rate_source=guessed", "rate_source must be one of "),
        ("references=EMG1", "references must be written as label:amplitude_uv, not 'EMG1'."),
        ("references=EMG1:x", "references[0].amplitude_uv must be a number, not 'x'."),
        ("threshold_k.inner=4", "threshold_k must be a number, not {'inner': '4'}."),
        ("references.label=EMG1", "references must be a list, not {'label': 'EMG1'}."),
    ],
)
def test_a_text_that_means_nothing_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        values_of(EmgSessionParams, [text])
    assert raised.value.reason is Reason.PARAMETER_INVALID
    assert raised.value.message.startswith(sentence)


@pytest.mark.parametrize("text", ["treshold_k=4", "treshold_k.inner.most=4"])
def test_an_unknown_name_in_a_text_gets_a_hint(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"'treshold_k'; did you mean 'threshold_k'\?") as raised:
        values_of(EmgSessionParams, [text])
    assert raised.value.reason is Reason.PARAMETER_UNKNOWN


def test_all_texts_at_fault_are_named_at_once() -> None:
    with pytest.raises(InvalidArgument) as raised:
        values_of(EmgSessionParams, ["threshold_k=four", "filter_order=x"])
    assert [violation.field for violation in raised.value.violations] == ["threshold_k", "filter_order"]
