"""What every resource is built with."""

from dataclasses import dataclass

from gateway.analyses import Analyses
from gateway.backend import Backend
from gateway.kinds import Kinds
from gateway.receiving import Receiving
from rpc.access import Access


@dataclass(frozen=True)
class Context:
    """The services, what is done with them, and how uploads are received."""

    backend: Backend
    analyses: Analyses
    receiving: Receiving
    kinds: Kinds
    access: Access
