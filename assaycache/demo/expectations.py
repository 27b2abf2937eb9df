"""What must happen in the demo."""


class ExpectationFailed(Exception):
    """Something that must happen did not."""


def expect(fact: bool, expectation: str) -> None:
    """Go on only if it is so."""
    if not fact:
        raise ExpectationFailed(f"Expected, and it is not so: {expectation.rstrip('.')}.")
