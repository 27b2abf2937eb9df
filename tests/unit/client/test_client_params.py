"""Parameters from mappings and from texts."""

from typing import Any

import pytest

from assaycache import InvalidArgument, Reason
from assaycache.analysis.v1.emg_pb2 import EMG_RATE_SOURCE_ESTIMATED, EmgChannelReference, EmgSessionParams
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
    ("values", "hint"),
    [
        ({"treshold_k": 4.0}, "did you mean 'threshold_k'?"),
        ({"xyz": 4.0}, "there are profile, channels"),
        ({"references": [{"lable": "x"}]}, r"references[0].lable'; did you mean 'label'?"),
    ],
)
def test_an_unknown_parameter_gets_a_hint(values: dict[str, Any], hint: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        message_of(EmgSessionParams, values)
    assert raised.value.reason is Reason.PARAMETER_UNKNOWN
    assert hint in raised.value.message
    assert raised.value.metadata["parameter"] == raised.value.violations[0].field


@pytest.mark.parametrize(
    ("values", "parameter"),
    [
        ({"threshold_k": "4"}, "threshold_k"),
        ({"threshold_k": True}, "threshold_k"),
        ({"threshold_k": float("nan")}, "threshold_k"),
        ({"filter_order": 2.0}, "filter_order"),
        ({"filter_order": -1}, "filter_order"),
        ({"filter_order": 2**40}, "filter_order"),
        ({"channels": "EMG1"}, "channels"),
        ({"channels": [1]}, "channels[0]"),
        ({"rate_source": "guessed"}, "rate_source"),
        ({"references": [{"amplitude_uv": "x"}]}, "references[0].amplitude_uv"),
        ({"references": [7]}, "references[0]"),
    ],
)
def test_a_value_of_the_wrong_type_is_named(values: dict[str, Any], parameter: str) -> None:
    with pytest.raises(InvalidArgument) as raised:
        message_of(EmgSessionParams, values)
    assert raised.value.reason is Reason.PARAMETER_INVALID
    assert raised.value.metadata == {"parameter": parameter}
    assert raised.value.message.startswith(parameter)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("threshold_k", Reason.PARAMETER_INVALID),
        ("=4", Reason.PARAMETER_INVALID),
        ("threshold_k=four", Reason.PARAMETER_INVALID),
        ("references=EMG1", Reason.PARAMETER_INVALID),
        ("threshold_k.inner=4", Reason.PARAMETER_INVALID),
        ("treshold_k=4", Reason.PARAMETER_UNKNOWN),
    ],
)
def test_a_text_that_means_nothing_is_refused(text: str, reason: Reason) -> None:
    with pytest.raises(InvalidArgument) as raised:
        values_of(EmgSessionParams, [text])
    assert raised.value.reason is reason
