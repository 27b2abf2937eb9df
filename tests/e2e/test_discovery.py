"""What grpcurl and a load balancer see: reflection lists every service, health answers SERVING for each."""

import grpc
import pytest
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from assaycache.launcher import StackAddresses

SERVICES = [
    ("cache", "assaycache.cache.v1.CacheService", "Reserve"),
    ("analysis", "assaycache.analysis.v1.AnalysisService", "Analyze"),
]


@pytest.mark.parametrize(("role", "service", "method"), SERVICES)
def test_reflection_lists_the_services_and_describes_their_methods(
    stack: StackAddresses, role: str, service: str, method: str
) -> None:
    for address in getattr(stack, role):
        with grpc.insecure_channel(address) as channel:
            database = ProtoReflectionDescriptorDatabase(channel)
            assert {service, "grpc.health.v1.Health"} <= set(database.get_services())
            assert method in DescriptorPool(database).FindServiceByName(service).methods_by_name


@pytest.mark.parametrize(("role", "service", "method"), SERVICES)
def test_health_answers_serving_for_each(stack: StackAddresses, role: str, service: str, method: str) -> None:
    for address in getattr(stack, role):
        with grpc.insecure_channel(address) as channel:
            health = health_pb2_grpc.HealthStub(channel)
            for name in ("", service):
                answer = health.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
