"""The fixtures of the proofs: a cache service that a whole module shares."""

from tests.integration.cache.conftest import shared, shared_service

__all__ = ["shared", "shared_service"]
