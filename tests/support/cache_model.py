"""What the cache may say, as a model so simple that it is plainly right."""

from dataclasses import dataclass, field

NOTHING, RESULT, FAILURE = "nothing", "result", "failure"


@dataclass
class Standing:
    """What may be answered to one question.

    `version` counts how often it was forgotten: a result is that of its version, so one that was forgotten and comes
    back shows. `failed` says whether a failure was remembered in this version.
    """

    may: set[str] = field(default_factory=lambda: {NOTHING})
    version: int = 0
    failed: bool = False

    def committed(self, durability: str) -> None:
        """Note a commit; only a volatile one may be lost."""
        if self.may == {RESULT}:
            return
        self.may = {RESULT}
        if durability == "volatile":
            self.may.add(NOTHING)
        if self.failed and durability != "durable":
            self.may.add(FAILURE)

    def remembered(self, *, durably: bool) -> None:
        """Note a failure, which does not take a result's place."""
        self.failed = True
        if self.may == {RESULT}:
            return
        self.may = {FAILURE} | (self.may & {RESULT}) if durably else self.may | {FAILURE, NOTHING}

    def forgotten(self) -> None:
        """Note an invalidation or an erasure."""
        self.may, self.failed = {NOTHING}, False
        self.version += 1

    def allowed(self, *, durable_answers: bool) -> set[str]:
        """Return what may be answered: without PostgreSQL not all is found, and a failure may not have given way."""
        if durable_answers:
            return self.may
        return self.may | {NOTHING} | ({FAILURE} if self.failed else set())


@dataclass
class Part:
    """Whether one part may, and must, be found."""

    may: bool = False
    must: bool = False
