"""The reasons are the contract's."""

from assaycache.errors.v1.errors_pb2 import ErrorReason
from rpc.reasons import REMEMBERED, Reason

PREFIX = "ERROR_REASON_"


def test_the_reasons_are_those_of_the_contract() -> None:
    contract = [name.removeprefix(PREFIX) for name in ErrorReason.keys()]  # noqa: SIM118 - a wrapper, not a dict
    assert sorted(Reason) == sorted(name for name in contract if name != "UNSPECIFIED")
    assert all(reason.name == reason.value for reason in Reason)


def test_what_follows_from_the_input_is_remembered_and_nothing_else() -> None:
    numbers = range(30, 43)  # where the contract says so
    of_the_file = {Reason(ErrorReason.Name(number).removeprefix(PREFIX)) for number in numbers}
    assert len(of_the_file) == len(numbers)
    assert of_the_file | {Reason.PARAMETER_INVALID} == REMEMBERED
    assert Reason.FILE_MISSING not in REMEMBERED, "it is about the form, not about a file"
