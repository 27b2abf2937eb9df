"""Protobuf in and out: the servicer, its side of the cache, and the jobs that build result messages."""
