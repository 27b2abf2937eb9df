"""Params messages, read by the schema that the pipeline announced, into the plain values that keys take."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import any_pb2, descriptor, descriptor_pool, json_format, message_factory
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from assaycache.cache.v1 import pipelines_pb2
from cache_service.keys import Params, Value, canonical
from rpc.errors import InvalidArgument, Violation, field_invalid
from rpc.reasons import Reason

_MAX_PARAMS_BYTES = 256 * 1024
"""A job tells its params, so they must leave room in the list of jobs."""


@dataclass(frozen=True)
class Schema:
    """How one version of a pipeline reads its params."""

    offer: pipelines_pb2.PipelineOffer
    message_class: type[Message]
    defaults: Params

    def read(self, params: any_pb2.Any) -> Message:
        """Return the params message.

        Raises:
            InvalidArgument: PARAMETER_UNKNOWN: another type, or a field that this version does not know.
        """
        wanted = self.message_class.DESCRIPTOR.full_name
        given = params.type_url.rsplit("/", 1)[-1]
        if given != wanted:
            raise _unknown(
                given or "(no type)", f"The params of this pipeline are a {wanted}, not a {given or 'nothing'}."
            )
        if len(params.value) > _MAX_PARAMS_BYTES:
            raise field_invalid("question.params", f"may be {_MAX_PARAMS_BYTES // 1024} KiB at most")
        message = self.message_class()
        try:
            message.ParseFromString(params.value)
        except DecodeError as error:
            raise field_invalid("question.params", f"does not decode as a {wanted}") from error
        _refuse_unknown_fields(message)
        return message

    def canonical(self, message: Message) -> bytes:
        """Return the canonical form of params.

        Raises:
            InvalidArgument: PARAMETER_INVALID: a NaN.
        """
        return canonical(plain(message), self.defaults)

    def display(self, message: Message) -> str:
        """Return the params as JSON for people.

        Raises:
            InvalidArgument: FIELD_INVALID: JSON has no form for them.
        """
        try:
            return json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None)
        except (json_format.Error, TypeError, ValueError) as error:
            raise field_invalid("question.params", "cannot be shown as JSON") from error


def schema_of(content: bytes) -> Schema:
    """Return the schema of an announced offer.

    Raises:
        InvalidArgument: FIELD_INVALID: the offer contradicts itself.
    """
    offer = pipelines_pb2.PipelineOffer.FromString(content)
    pool = descriptor_pool.DescriptorPool()
    name = offer.defaults.type_url.rsplit("/", 1)[-1]
    try:
        for file in offer.params_schema.file:
            pool.Add(file)
        message_class = message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
    except (KeyError, TypeError, ValueError) as error:
        raise field_invalid("offers.params_schema", f"does not define the params message {name!r}") from error
    _require_presence(message_class.DESCRIPTOR)
    defaults = message_class()
    try:
        defaults.ParseFromString(offer.defaults.value)
    except DecodeError as error:
        raise field_invalid("offers.defaults", f"does not decode as a {name}") from error
    return Schema(offer, message_class, plain(defaults))


def plain(message: Message) -> Params:
    """Return the fields of a message that are set, by number.

    Raises:
        InvalidArgument: PARAMETER_INVALID: a NaN.
    """
    return {field.number: _plain_field(field, value) for field, value in message.ListFields()}


def _plain_field(field: descriptor.FieldDescriptor, value: Any) -> Value:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        inner = field.message_type.fields_by_name["value"]
        return [{1: key, 2: _plain_value(inner, item)} for key, item in sorted(value.items())]
    if field.is_repeated:
        return [_plain_value(field, item) for item in value]
    return _plain_value(field, value)


def _plain_value(field: descriptor.FieldDescriptor, value: Any) -> Value:
    if isinstance(value, Message):
        return plain(value)
    if isinstance(value, float) and math.isnan(value):
        raise InvalidArgument(
            Reason.PARAMETER_INVALID,
            f"{field.name} must be a number.",
            metadata={"parameter": field.name},
            violations=[Violation(field.name, "must be a number")],
        )
    plain_value: Value = value
    return plain_value


def _require_presence(message: Any) -> None:
    """Refuse a params message in which "absent" and "zero" of a plain field are the same."""
    bare = [field.name for field in message.fields if not field.is_repeated and not field.has_presence]
    if bare:
        raise field_invalid("offers.params_schema", f"has fields that are not optional: {', '.join(bare)}")


def _refuse_unknown_fields(message: Message) -> None:
    if len(UnknownFieldSet(message)):
        number = next(iter(UnknownFieldSet(message))).field_number
        raise _unknown(f"field {number}", f"This version of the pipeline has no parameter with the number {number}.")
    for field, value in message.ListFields():
        inner: Sequence[Any] = value if field.is_repeated else [value]
        for item in inner:
            if isinstance(item, Message):
                _refuse_unknown_fields(item)


def _unknown(parameter: str, message: str) -> InvalidArgument:
    return InvalidArgument(
        Reason.PARAMETER_UNKNOWN,
        message,
        metadata={"parameter": parameter},
        violations=[Violation("question.params", message)],
    )
