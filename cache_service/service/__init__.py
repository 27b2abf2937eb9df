"""Protobuf in and out: the only modules that touch the generated messages."""
