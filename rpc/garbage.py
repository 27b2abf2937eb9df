"""Python's collector of garbage in a server: less often, and not over what stays."""

import gc

_ALLOCATIONS_A_COLLECTION = 10_000
"""A batch makes thousands of objects, none in a cycle: by Python's 700 they would be gone through again and again."""


def collect_seldom() -> None:
    """Call once everything is loaded: what is there now is never gone through again."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_A_COLLECTION)
