"""Assaycache for callers: the client, its errors, the command line and the local stack.

    from assaycache import Client

    with Client.connect() as client:
        analysis = client.analyze("session.c3d")

Importing this package is cheap: gRPC is loaded when `Client` is first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from rpc.errors import (
    AssayError,
    Cancelled,
    DeadlineExceeded,
    FailedPrecondition,
    InputError,
    Internal,
    InvalidArgument,
    NotBuilt,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
    Violation,
)
from rpc.reasons import Reason

if TYPE_CHECKING:
    from assaycache.client.client import Client
    from assaycache.client.records import (
        Analysis,
        Capabilities,
        Difference,
        Durability,
        Event,
        Explained,
        Forgotten,
        Identity,
        Job,
        JobStatus,
        Parameter,
        Pipeline,
        QueuedTask,
        Reference,
        ServiceHealth,
        Signal,
        SignalKind,
        Stats,
        Tier,
    )

__all__ = [
    "Analysis",
    "AssayError",
    "Cancelled",
    "Capabilities",
    "Client",
    "DeadlineExceeded",
    "Difference",
    "Durability",
    "Event",
    "Explained",
    "FailedPrecondition",
    "Forgotten",
    "Identity",
    "InputError",
    "Internal",
    "InvalidArgument",
    "Job",
    "JobStatus",
    "NotBuilt",
    "NotFound",
    "Parameter",
    "PermissionDenied",
    "Pipeline",
    "QueuedTask",
    "Reason",
    "Reference",
    "ResourceExhausted",
    "ServiceHealth",
    "Signal",
    "SignalKind",
    "Stats",
    "Tier",
    "Unauthenticated",
    "Unavailable",
    "Violation",
]


def __getattr__(name: str) -> Any:
    """Load the client and its records when they are first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module("assaycache.client.client" if name == "Client" else "assaycache.client.records")
    return getattr(module, name)
