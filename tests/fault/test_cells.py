"""The matrix says everything: what is run, and why the rest is not."""

from itertools import combinations

from tests.fault.cells import DURING, FAULTS, PARTS, Cell, pairwise, reason_against, sensible


def test_a_cell_makes_sense_or_says_why_it_does_not() -> None:
    everything = [Cell(part, fault, during) for part in PARTS for fault in FAULTS for during in DURING]
    assert len(everything) == 125
    assert [cell for cell in everything if not reason_against(cell)] == sensible()


def test_the_pairwise_cells_meet_every_pair_and_are_fewer() -> None:
    chosen = pairwise(sensible())
    for first, second in combinations(range(3), 2):
        assert {(cell[first], cell[second]) for cell in chosen} == {(cell[first], cell[second]) for cell in sensible()}
    assert len(chosen) < len(sensible()) / 2
