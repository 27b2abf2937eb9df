"""Reflection finds what a caller may ask for: types, services, and methods."""

import pytest
from google.protobuf import descriptor_pool

from assaycache.cache.v1 import cache_service_pb2
from rpc.discovery import MethodPool

SERVICE = cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"].full_name
POOL = MethodPool(descriptor_pool.Default())


@pytest.mark.parametrize("symbol", [SERVICE, f"{SERVICE}.Lookup", "assaycache.cache.v1.LookupRequest"])
def test_the_file_of_a_symbol_is_found(symbol: str) -> None:
    assert POOL.FindFileContainingSymbol(symbol).name == cache_service_pb2.DESCRIPTOR.name


@pytest.mark.parametrize("symbol", [f"{SERVICE}.Nothing", "no.Such.Method", "Nothing", ""])
def test_a_symbol_that_there_is_not_is_a_key_error(symbol: str) -> None:
    with pytest.raises(KeyError):
        POOL.FindFileContainingSymbol(symbol)
