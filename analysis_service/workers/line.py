"""The line in which tasks wait: jobs take turns, so that one of many tasks starves no other."""

from collections import deque
from collections.abc import Hashable, Iterator
from itertools import chain, zip_longest
from typing import Generic, Protocol, TypeVar


class Grouped(Protocol):
    """Whatever can wait in line."""

    @property
    def group(self) -> Hashable:
        """What shares its turns with the others of the same group."""
        ...


Item = TypeVar("Item", bound=Grouped)


class Line(Generic[Item]):
    """First come, first served among the items of a group; groups are served in turn."""

    def __init__(self) -> None:
        self._groups: dict[Hashable, deque[Item]] = {}  # in the order of their turns

    def __len__(self) -> int:
        return sum(map(len, self._groups.values()))

    def __iter__(self) -> Iterator[Item]:
        """Return the items in the order in which they would be served now."""
        rounds = zip_longest(*self._groups.values())
        return (item for item in chain.from_iterable(rounds) if item is not None)

    def add(self, item: Item) -> int:
        """Let an item wait; return how many are before it."""
        self._groups.setdefault(item.group, deque()).append(item)
        return next(place for place, waiting in enumerate(self) if waiting is item)

    def pop(self) -> Item:
        """Take the next item out; its group's next turn comes after everyone else's."""
        group, items = next(iter(self._groups.items()))
        item = items.popleft()
        del self._groups[group]
        if items:
            self._groups[group] = items
        return item

    def remove(self, item: Item) -> bool:
        """Take an item out wherever it waits; False if it does not."""
        items = self._groups.get(item.group, deque())
        if item not in items:
            return False
        items.remove(item)
        if not items:
            del self._groups[item.group]
        return True

    def clear(self) -> list[Item]:
        """Take everything out."""
        items = list(self)
        self._groups.clear()
        return items
