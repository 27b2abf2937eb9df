"""Labels and units tell electromyograms from everything else in the analog block."""

import pytest

from analysis_service.emg import channels, units
from analysis_service.emg.c3d import AnalogChannel
from analysis_service.emg.channels import EmgChannelBasis, EmgLeftOutReason
from analysis_service.emg.errors import InputError, Reason


def channel(label: str, unit: str | None = "V", index: int = 0, **changes: bool) -> AnalogChannel:
    marks = {"is_scale_valid": True, "is_force_plate": False, **changes}
    return AnalogChannel(index, label, "", unit, 1.0, 0.0, **marks)


def verdict(label: str, unit: str | None = "V", **changes: bool) -> str:
    selection = channels.choose([channel(label, unit, **changes), channel("EMG present", index=1)])
    if len(selection.chosen) == 2:
        return selection.chosen[0].basis
    return selection.left_out[0].reason


@pytest.mark.parametrize("label", ["EMG1.v", "emg 12", "sEMG_TA", "Voltage.EMG3", "Sensor 1.EMG1"])
def test_the_word_emg_is_enough(label: str) -> None:
    assert verdict(label) is EmgChannelBasis.LABEL


@pytest.mark.parametrize(
    "label",
    [
        "Right Rectus Femoris",
        "L TIBIALIS ANT",
        "LTA",
        "R_GM",
        "RT VMO",
        "Biceps br. L",
        "RVastus Lateralis",
        "TA_L",
        "SOL",
    ],
)
def test_muscles_are_known_by_name_and_abbreviation(label: str) -> None:
    assert verdict(label, "mV") is EmgChannelBasis.MUSCLE_NAME


@pytest.mark.parametrize(
    ("label", "unit", "reason"),
    [
        ("Force.Fx1", "N", EmgLeftOutReason.FORCE_PLATE),
        ("FZ2", "V", EmgLeftOutReason.FORCE_PLATE),
        ("F1x12", "N", EmgLeftOutReason.FORCE_PLATE),
        ("Moment.Mx1", "Nmm", EmgLeftOutReason.FORCE_PLATE),
        ("EMG temperature", "deg", EmgLeftOutReason.OTHER_QUANTITY),
        ("Digital.Sync", "V", EmgLeftOutReason.AUXILIARY),
        ("Foot Switch1.FS", "V", EmgLeftOutReason.AUXILIARY),
        ("EMG1 ACC X", "V", EmgLeftOutReason.AUXILIARY),
        ("EMG1 envelope", "V", EmgLeftOutReason.PROCESSED),
        ("CH1 activated", "V", EmgLeftOutReason.PROCESSED),
        ("CH17", "V", EmgLeftOutReason.NOT_RECOGNISED),
    ],
)
def test_other_channels_are_left_out_with_the_reason(label: str, unit: str, reason: EmgLeftOutReason) -> None:
    assert verdict(label, unit) is reason


def test_a_channel_of_a_force_platform_stays_one_whatever_its_label() -> None:
    assert verdict("EMG?", is_force_plate=True) is EmgLeftOutReason.FORCE_PLATE


def test_a_channel_without_a_sensible_scale_is_left_out() -> None:
    assert verdict("EMG 1", is_scale_valid=False) is EmgLeftOutReason.SCALE_INVALID


def test_where_no_channel_has_a_sensible_scale_the_scales_are_to_blame() -> None:
    with pytest.raises(InputError, match="scales") as caught:
        channels.choose([channel("EMG 1", is_scale_valid=False), channel("Force.Fx1", "N", 1)])
    assert caught.value.reason is Reason.FILE_VALUES_INVALID


def test_of_a_raw_and_activated_pair_the_raw_signal_is_taken() -> None:
    selection = channels.choose(
        [channel("CH1 Raw", None), channel("CH1 activated", None, 1), channel("CH2 Raw", None, 2)]
    )
    assert [chosen.channel.label for chosen in selection.chosen] == ["CH1 Raw"]
    assert selection.chosen[0].basis is EmgChannelBasis.RAW_LABEL
    assert [left.reason for left in selection.left_out] == [EmgLeftOutReason.PROCESSED, EmgLeftOutReason.NOT_RECOGNISED]


def test_the_caller_overrules_labels() -> None:
    selection = channels.choose([channel("EMG 1"), channel("CH17", index=1)], ("CH17",))
    assert [(chosen.channel.label, chosen.basis) for chosen in selection.chosen] == [
        ("CH17", EmgChannelBasis.REQUESTED)
    ]
    assert selection.left_out[0].reason is EmgLeftOutReason.NOT_REQUESTED


def test_an_unknown_label_is_a_field_violation() -> None:
    with pytest.raises(InputError) as caught:
        channels.choose([channel("EMG 1")], ("EMG 2",))
    assert caught.value.reason is Reason.PARAMETER_INVALID
    assert [violation.field for violation in caught.value.violations] == ["channels"]
    assert "EMG 1" in caught.value.message


def test_without_any_electromyogram_the_message_says_what_there_is() -> None:
    with pytest.raises(InputError) as caught:
        channels.choose([channel("Force.Fx1", "N"), channel("CH7", index=1)])
    assert caught.value.reason is Reason.FILE_NO_EMG
    assert "Force.Fx1" in caught.value.message


@pytest.mark.parametrize(
    ("unit", "factor"), [("V", 1e6), ("mV", 1e3), ("uV", 1), ("µV", 1), ("\u03bcV", 1), ("[mV]", 1e3)]
)
def test_electrical_units_become_microvolts(unit: str, factor: float) -> None:
    assert units.microvolts(unit) == (factor, False)


@pytest.mark.parametrize("unit", [None, "", "d.u.", "bits"])
def test_without_an_electrical_unit_volts_are_assumed_and_marked(unit: str | None) -> None:
    assert units.microvolts(unit) == (1e6, True)
