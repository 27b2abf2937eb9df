"""The demo must fail where something that must happen does not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assaycache import Tier
from assaycache.demo import walk as demo_walk
from assaycache.demo.rest import RestAnswer
from assaycache.demo.walk import OTHER_NAME, ExpectationFailed, Walk
from assaycache.launcher import StackAddresses, StackOptions

NAME = "r.c3d"
ADDRESSES = StackAddresses("http://127.0.0.1:1", ("127.0.0.1:1",), ("127.0.0.1:2",), (), ())


class PlayedStack:
    """A stack that is there at once."""

    addresses = ADDRESSES

    def __init__(self, *_: object) -> None: ...

    def __enter__(self) -> "PlayedStack":
        return self

    def __exit__(self, *_: object) -> None: ...


class PlayedClient:
    """A client whose hits come from memory; the durable tier has answered once more at each question."""

    def __init__(self, durable_hits: Iterator[int]) -> None:
        self._durable_hits = durable_hits

    def __enter__(self) -> "PlayedClient":
        return self

    def __exit__(self, *_: object) -> None: ...

    def analyze(self, _path: Path) -> Any:
        return SimpleNamespace(cached=True, job_id="job-1", tier=Tier.MEMORY)

    def stats(self) -> Any:
        return SimpleNamespace(tiers=[SimpleNamespace(tier=Tier.DURABLE, hits=next(self._durable_hits))])


def _answer(name: str, *, cached: bool, job_id: str = "job-1", status: int = 200) -> RestAnswer:
    body = {"status": "success" if status == 200 else "error", "job_id": job_id, "cached": cached}
    return RestAnswer(status, {**body, "message": "Broken.", "data": {"file_name": name}}, 0.01)


GOOD = [
    _answer(NAME, cached=False),
    _answer(NAME, cached=True),
    _answer(OTHER_NAME, cached=True),
    _answer(NAME, cached=True),
]


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Walk]:
    """Make a demo in which the gateway gives these answers."""

    def make(answers: list[RestAnswer], *, use_database: bool = True, durable_hits: tuple[int, int] = (0, 1)) -> Walk:
        coming = iter(answers)
        hits = iter(durable_hits)
        monkeypatch.setattr(demo_walk, "Stack", PlayedStack)
        monkeypatch.setattr(demo_walk, "_client_of", lambda _addresses: PlayedClient(hits))
        monkeypatch.setattr(demo_walk, "post_recording", lambda *_: next(coming))
        return Walk(StackOptions(home=tmp_path, use_database=use_database), Path(NAME), lambda _line: None)

    return make


def test_when_all_goes_well_every_step_is_noted(walk: Callable[..., Walk]) -> None:
    done = walk(GOOD)
    done.run()
    assert [step.answer for step in done.steps] == [
        "computed",
        "cached",
        "cached",
        "cached, memory tier",
        "cached, out of PostgreSQL",
    ]


def test_without_a_database_a_restart_computes_again(walk: Callable[..., Walk]) -> None:
    done = walk([*GOOD[:3], _answer(NAME, cached=False)], use_database=False)
    done.run()
    assert done.steps[-1].answer == "computed again"


@pytest.mark.parametrize(
    ("number", "wrong", "expectation"),
    [
        (0, _answer(NAME, cached=True), "computed, not cached"),
        (0, _answer(NAME, cached=False, status=500), "not with 500: Broken"),
        (1, _answer(NAME, cached=False), "“The same file again” is answered from the cache"),
        (1, _answer(NAME, cached=True, job_id="job-2"), "“The same file again” has the same job id"),
        (2, _answer(NAME, cached=True), "carries the name of this request"),
        (3, _answer(NAME, cached=False), "survives a restart"),
        (3, _answer(NAME, cached=True, job_id="job-2"), "has the same job id"),
    ],
)
def test_an_expectation_that_fails_is_named(
    walk: Callable[..., Walk], number: int, wrong: RestAnswer, expectation: str
) -> None:
    answers = [*GOOD]
    answers[number] = wrong
    with pytest.raises(ExpectationFailed, match="Expected, and it is not so") as raised:
        walk(answers).run()
    assert expectation in str(raised.value)


def test_an_answer_after_a_restart_must_come_out_of_postgresql(walk: Callable[..., Walk]) -> None:
    with pytest.raises(ExpectationFailed, match="out of PostgreSQL"):
        walk(GOOD, durable_hits=(1, 1)).run()
