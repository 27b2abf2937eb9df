"""Who is let in, as whom, and what an `authorization` may look like."""

import json
from collections.abc import Iterator

import pytest

from assaycache.analysis.v1 import analysis_service_pb2
from assaycache.cache.v1 import cache_service_pb2
from rpc import context
from rpc.access import NOBODY_ASKED, Access, caller, namespace_for, namespace_to_name
from rpc.errors import PermissionDenied, Unauthenticated
from rpc.reasons import Reason
from rpc.roles import LEAST_ROLES, Role, least_role
from rpc.tokens import table_of

TOKENS = {role: f"the-token-of-the-{role}" for role in Role}
ENTRIES = [{"token": token, "namespace": "lab-3", "role": role} for role, token in TOKENS.items()]
READER = TOKENS[Role.READER]


@pytest.fixture(autouse=True)
def a_context_of_its_own() -> Iterator[None]:
    """Nobody calls before a test, nor after it."""
    who, shown_before = caller.set(NOBODY_ASKED), context.credential.set("")
    yield
    caller.reset(who)
    context.credential.reset(shown_before)


@pytest.fixture
def access() -> Access:
    return Access(table_of(json.dumps({"tokens": ENTRIES})))


def shown(*credentials: str) -> list[tuple[str, str | bytes]]:
    return [("x-request-id", "1"), *(("authorization", credential) for credential in credentials)]


def test_every_rpc_of_both_services_has_its_least_role_and_no_other_has() -> None:
    services = [
        cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"],
        analysis_service_pb2.DESCRIPTOR.services_by_name["AnalysisService"],
    ]
    assert set(LEAST_ROLES) == {method.name for service in services for method in service.methods}


def test_an_rpc_that_nobody_thought_of_needs_the_highest_role() -> None:
    assert least_role("DropEverything") is Role.SERVICE


def test_each_role_may_all_that_the_ones_before_it_may() -> None:
    roles = list(Role)
    assert [[role.covers(needed) for needed in roles] for role in roles] == [
        [rank >= needed for needed in range(len(roles))] for rank in range(len(roles))
    ]


def test_a_token_says_who_calls_and_is_kept_to_be_forwarded(access: Access) -> None:
    access.admit("Lookup", shown(f"Bearer {READER}"))
    assert (caller.get().namespace, caller.get().role) == ("lab-3", Role.READER)
    assert ("authorization", f"Bearer {READER}") in context.outgoing(1.0)["metadata"]


def test_work_of_ones_own_shows_ones_own_token_and_never_the_callers(access: Access) -> None:
    access.admit("Lookup", shown(f"Bearer {READER}"))
    assert context.outgoing(1.0, context.bearer("mine"))["metadata"][1] == ("authorization", "Bearer mine")
    assert "authorization" not in dict(context.outgoing(1.0, context.bearer(""))["metadata"])


@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER  "])
def test_the_scheme_may_be_written_in_any_case(access: Access, scheme: str) -> None:
    access.admit("Lookup", shown(scheme + READER))
    assert caller.get().namespace == "lab-3"


@pytest.mark.parametrize(
    "credentials",
    [
        (),
        ("",),
        ("Bearer",),
        ("Bearer ",),
        (READER,),
        (f"Basic {READER}",),
        (f"Bearer {READER}x",),
        (f"Bearer {READER} ",),
        (f"Bearer {READER}\n",),
        (f"Bearer {READER}, Bearer {READER}",),
        (f"Bearer {READER}", f"Bearer {READER}"),
        ("Bearer wrong-wrong-wrong-wrong", f"Bearer {READER}"),
        (f"Bearer {READER}", ""),
        ("Bearer " + "x" * 10_000,),
    ],
    ids=lambda credentials: "|".join(credentials)[:60] or "none",
)
def test_anything_but_one_known_token_is_refused_and_leaves_nothing_to_forward(
    access: Access, credentials: tuple[str, ...]
) -> None:
    access.admit("Lookup", shown(f"Bearer {TOKENS[Role.SERVICE]}"))
    with pytest.raises(Unauthenticated) as refused:
        access.admit("Lookup", shown(*credentials))
    assert refused.value.reason is Reason.UNAUTHENTICATED
    assert READER not in str(refused.value)
    assert "authorization" not in dict(context.outgoing(1.0)["metadata"])


def test_a_credential_of_raw_bytes_is_refused(access: Access) -> None:
    with pytest.raises(Unauthenticated):
        access.admit("Lookup", [("authorization", f"Bearer {READER}".encode())])


def test_who_shows_no_token_may_be_a_writer_of_one_namespace_but_a_wrong_token_is_never_nobody() -> None:
    access = Access(table_of(json.dumps({"tokens": ENTRIES})), anonymous_namespace="public")
    access.admit("Ingest", shown())
    assert (caller.get().namespace, caller.get().role) == ("public", Role.WRITER)
    with pytest.raises(PermissionDenied):
        access.admit("EraseBlob", shown())
    with pytest.raises(Unauthenticated):
        access.admit("Lookup", shown("Bearer wrong-wrong-wrong-wrong"))


def test_without_tokens_everybody_is_let_in_and_what_is_shown_is_forwarded_as_it_came() -> None:
    access = Access()
    access.admit("Claim", shown("Bearer of-somebody-elses-service"))
    assert caller.get() is NOBODY_ASKED
    assert context.credential.get() == "Bearer of-somebody-elses-service"
    assert (namespace_to_name(""), namespace_to_name("clinic")) == ("", "clinic")


def test_even_without_tokens_two_credentials_are_refused() -> None:
    with pytest.raises(Unauthenticated):
        Access().admit("Lookup", shown("Bearer one", "Bearer two"))


@pytest.mark.parametrize("role", [Role.READER, Role.WRITER, Role.ADMIN])
def test_a_namespace_is_the_callers_own_and_no_other(access: Access, role: Role) -> None:
    access.admit("Lookup", shown(f"Bearer {TOKENS[role]}"))
    assert namespace_for("") == namespace_for("lab-3") == namespace_to_name() == "lab-3"
    for meant in (namespace_for, namespace_to_name):
        with pytest.raises(PermissionDenied) as refused:
            meant("clinic")
        assert (refused.value.reason, refused.value.metadata) == (Reason.NAMESPACE_FORBIDDEN, {"namespace": "clinic"})


def test_a_service_may_name_any_namespace(access: Access) -> None:
    access.admit("Lookup", shown(f"Bearer {TOKENS[Role.SERVICE]}"))
    assert (namespace_for(""), namespace_for("clinic")) == ("lab-3", "clinic")
