"""The journal writes in slices, survives one bad event, and keeps what it could not write."""

from collections.abc import Sequence

import pytest

from cache_service import journal
from cache_service.breaker import TierAway
from cache_service.entries import Submission
from cache_service.jobs.face import Event
from cache_service.jobs.process import ProcessJobs
from cache_service.journal import Journal
from tests.support.records import some_identity


class Book(ProcessJobs):
    """A book that notes how much it was given at once, and cannot bear some names."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[int] = []
        self.away = False

    async def write(self, events: Sequence[Event]) -> None:
        if self.away:
            raise TierAway("book")
        self.given.append(len(events))
        if any(event.submission is not None and event.submission.file_name == "bad" for event in events):
            raise ValueError("a name that no book can bear")
        await super().write(events)


def event(number: int, file_name: str = "good", metadata: dict[str, object] | None = None) -> Event:
    submission = Submission(file_name, "", metadata or {})
    return Event(some_identity(b"%d" % number), float(number), submission=submission)


async def test_a_backlog_is_written_in_slices() -> None:
    book = Book()
    notes = Journal(book)
    for number in range(1000):
        notes.note(event(number))
    await notes.flush()
    assert await book.count("default") == 1000
    assert max(book.given) <= 200


async def test_one_event_that_cannot_be_written_takes_no_other_with_it() -> None:
    book = Book()
    notes = Journal(book)
    for number in range(10):
        notes.note(event(number, "bad" if number == 4 else "good"))
    await notes.flush()
    assert await book.count("default") == 9
    assert notes.dropped == 1


async def test_what_could_not_be_written_stays_and_is_written_later() -> None:
    book = Book()
    notes = Journal(book)
    notes.note(event(1))
    book.away = True
    with pytest.raises(TierAway):
        await notes.flush()
    notes.note(event(2))
    book.away = False
    await notes.flush()
    assert await book.count("default") == 2


async def test_what_waits_is_bounded_in_number_and_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "_MOST_WAITING", 5)
    notes = Journal(Book())
    for number in range(7):
        notes.note(event(number))
    assert notes.dropped == 2
    monkeypatch.setattr(journal, "_MOST_WAITING_BYTES", 50_000)
    notes = Journal(Book())
    notes.note(event(1, metadata={"text": "x" * 60_000}))
    assert notes.dropped == 1
