"""How much of the proofs runs: enough to trust a change in `make test`, all of it in `make fault-full`."""

import os

FULL = os.environ.get("ASSAYCACHE_FAULT") == "full"
"""Whether this is `make fault-full`."""
