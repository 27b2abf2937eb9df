"""The two services over gRPC, as the gateway's plain types: the only package that touches the generated messages."""

from gateway.translate.backend import GrpcBackend, Timeouts

__all__ = ["GrpcBackend", "Timeouts"]
