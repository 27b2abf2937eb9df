"""The line in which tasks wait."""

from dataclasses import dataclass

from analysis_service.workers.line import Line


@dataclass(frozen=True)
class Waiting:
    group: str
    number: int = 0


def line_of(*items: Waiting) -> Line[Waiting]:
    line: Line[Waiting] = Line()
    for item in items:
        line.add(item)
    return line


def served(line: Line[Waiting]) -> list[Waiting]:
    return [line.pop() for _ in range(len(line))]


BIG = [Waiting("big", number) for number in range(4)]
SMALL, OTHER = Waiting("small"), Waiting("other")


def test_a_job_of_many_tasks_starves_no_other() -> None:
    assert served(line_of(*BIG, SMALL, OTHER)) == [BIG[0], SMALL, OTHER, *BIG[1:]]


def test_within_a_job_the_first_that_came_is_the_first_served() -> None:
    assert served(line_of(*BIG)) == BIG


def test_who_comes_while_a_big_job_is_served_waits_for_one_of_its_tasks() -> None:
    line = line_of(*BIG)
    line.pop()
    assert line.add(SMALL) == 1
    assert served(line) == [BIG[1], SMALL, *BIG[2:]]


def test_the_order_shown_is_that_of_being_served() -> None:
    line = line_of(*BIG, SMALL, Waiting("small", 1), OTHER)
    assert list(line) == served(line)


def test_who_leaves_is_not_served_and_leaves_once() -> None:
    line = line_of(*BIG[:2], SMALL)
    assert line.remove(SMALL)
    assert not line.remove(SMALL)
    assert line.remove(BIG[0])
    assert served(line) == [BIG[1]]
    assert len(line) == 0
