"""Addresses become gRPC targets."""

import pytest

from rpc.channels import target_of


@pytest.mark.parametrize(
    ("addresses", "target"),
    [
        ("127.0.0.1:50051", "ipv4:127.0.0.1:50051"),
        ("10.0.0.1:1,10.0.0.2:2", "ipv4:10.0.0.1:1,10.0.0.2:2"),
        (" 10.0.0.1:1 , 10.0.0.2:2 ,", "ipv4:10.0.0.1:1,10.0.0.2:2"),
        ("cache:50051", "dns:///cache:50051"),
        ("localhost:50051", "dns:///localhost:50051"),
        ("[::1]:50051", "dns:///[::1]:50051"),
    ],
)
def test_one_name_is_resolved_and_numeric_addresses_are_called_in_turn(addresses: str, target: str) -> None:
    assert target_of(addresses) == target


@pytest.mark.parametrize("addresses", ["cache:1,analysis:2", "10.0.0.1:1,cache:2", "[::1]:1,[::1]:2"])
def test_several_addresses_must_be_numeric(addresses: str) -> None:
    with pytest.raises(ValueError, match="several addresses must be numeric"):
        target_of(addresses)


@pytest.mark.parametrize("addresses", ["cache", "cache:", ":50051", "cache:http", "cache:65536", "10.0.0.1:1,10.0.0.2"])
def test_an_address_is_host_and_port(addresses: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        target_of(addresses)


@pytest.mark.parametrize("addresses", ["", " , "])
def test_no_address_is_refused(addresses: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        target_of(addresses)
